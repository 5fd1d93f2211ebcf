package check

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
	counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	testSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		counts
		Suite testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name string `xml:"name,attr"`
		counts
		Cases []testCase `xml:"testcase"`
		Out   string     `xml:"system-out,omitempty"`
	}
	testCase struct {
		Name    string  `xml:"name,attr"`
		Class   string  `xml:"classname,attr"`
		File    string  `xml:"file,attr"`
		Line    int     `xml:"line,attr"`
		Skipped *reason `xml:"skipped,omitempty"`
		Error   *reason `xml:"error,omitempty"`
		Failure *reason `xml:"failure,omitempty"`
		Out     string  `xml:"system-out,omitempty"`
	}
	reason struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// unproven is what a test case says whose outcome a gap may turn.
const unproven = "unproven: what is not among the input, or could not be read, may turn the outcome"

// writeJUnit follows the exit code: what passes unproven is not green but
// skipped, and an error where unproven outcomes end the command with one.
func writeJUnit(w io.Writer, r *v1alpha1.CheckReport, requireComplete bool) error {
	suite := testSuite{Name: "who-can check", Out: suiteOut(r)}
	for _, a := range r.Assertions {
		c := testCase{Name: a.Text, Class: "kubectl-secure", File: a.File, Line: a.Line, Out: caseOut(a, r.Strict)}
		switch {
		case !a.Passed:
			var lines []string
			for _, line := range failures(a, r.Strict) {
				lines = append(lines, line.String())
			}
			c.Failure = &reason{Message: lines[0], Text: strings.Join(lines, "\n")}
			if broken := len(violations(a)) > 0; broken && a.Why != "" {
				c.Failure.Message = a.Why
			}
			suite.Failures++
		case a.Unproven && requireComplete:
			c.Error = &reason{Message: unproven}
			suite.Errors++
		case a.Unproven:
			c.Skipped = &reason{Message: unproven}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	data, err := xml.MarshalIndent(testSuites{counts: suite.counts, Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}

// caseOut is what the table shows below an assertion, violations aside.
func caseOut(a v1alpha1.Assertion, strict bool) string {
	var lines []string
	if a.Unproven && !a.Passed {
		lines = append(lines, unproven)
	}
	for _, note := range remaining(a, strict) {
		lines = append(lines, "note: "+note)
	}
	return strings.Join(lines, "\n")
}

// suiteOut is what bears on all assertions: notes and what could not be read.
func suiteOut(r *v1alpha1.CheckReport) string {
	var lines []string
	for _, note := range r.Notes {
		lines = append(lines, "note: "+note)
	}
	for _, gap := range r.Gaps {
		parts := []string{"not read:", gap.Resource, gap.Namespace, string(gap.Reason), gap.Detail}
		lines = append(lines, strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " "))
	}
	return strings.Join(lines, "\n")
}
