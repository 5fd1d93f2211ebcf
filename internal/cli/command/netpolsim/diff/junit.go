package diff

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// The JUnit XML that CI systems read: the schema of Ant, as Jenkins and GitLab
// take it.
type (
	testSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		totals
		Suite testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name string `xml:"name,attr"`
		totals
		Cases []testCase `xml:"testcase"`
		Out   string     `xml:"system-out,omitempty"`
	}
	totals struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	testCase struct {
		Name    string  `xml:"name,attr"`
		Class   string  `xml:"classname,attr"`
		Skipped *reason `xml:"skipped,omitempty"`
		Error   *reason `xml:"error,omitempty"`
		Failure *reason `xml:"failure,omitempty"`
	}
	reason struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

const unproven = "unproven: what may or may not be, or could not be read, may turn the outcome"

// writeJUnit writes a test case for each value of --fail-on, and follows the
// exit code.
func writeJUnit(w io.Writer, r *v1alpha1.FlowDiffReport, outcomes []outcome, requireComplete bool) error {
	suite := testSuite{Name: "netpol-sim diff", Out: answer(r) + "\n" + strings.Join(append(slices.Clone(r.Notes), missed(r)...), "\n")}
	for _, a := range outcomes {
		c := testCase{Name: a.question(), Class: "kubectl-secure"}
		switch {
		case a.unproven && requireComplete:
			c.Error = &reason{Message: a.text + ", " + unproven}
			suite.Errors++
		case a.failed:
			c.Failure = &reason{Message: a.text, Text: strings.Join(details(a.name, r), "\n")}
			suite.Failures++
		case a.unproven:
			c.Skipped = &reason{Message: unproven}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	data, err := xml.MarshalIndent(testSuites{totals: suite.totals, Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	if _, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// details are the changes that an outcome is about.
func details(name string, r *v1alpha1.FlowDiffReport) []string {
	var lines []string
	if name == failCut {
		for _, f := range r.Observed.Results {
			if f.Outcome == cut || f.Outcome == mayBeCut {
				lines = append(lines, fmt.Sprintf("%s: %s -> %s %s: %s", outcomeWord(f.Outcome), f.From, f.To, f.Port, strings.Join(reasons(f), "; ")))
			}
		}
		return lines
	}
	for _, l := range rows(r) {
		opens := l.change == opened || l.change == mayOpen
		if name == failAny || opens == (name == failOpened) {
			lines = append(lines, fmt.Sprintf("%s: %s -> %s %s: %s", changeWord(l.change), ends(l.from, true), ends(l.to, true), portsText(l.ports, 0), strings.Join(l.causes, "; ")))
		}
	}
	return lines
}
