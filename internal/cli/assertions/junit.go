package assertions

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// FormatJUnit is the name of the JUnit format for -o.
const FormatJUnit = "junit"

// Unproven is what a test case says whose outcome a gap may turn.
const Unproven = "unproven: what is not among the input, or could not be read, may turn the outcome"

// The JUnit XML that CI systems read: the schema of Ant, as Jenkins and GitLab
// take it.
type (
	// Suite is the outcomes of one command.
	Suite struct {
		Name string `xml:"name,attr"`
		counts
		Cases []Case `xml:"testcase"`
		Out   string `xml:"system-out,omitempty"`
	}
	// Case is the outcome of one assertion, which may be of no file: at most one
	// of Skipped, Error and Failure is set.
	Case struct {
		Name    string  `xml:"name,attr"`
		Class   string  `xml:"classname,attr"`
		File    string  `xml:"file,attr,omitempty"`
		Line    int     `xml:"line,attr,omitempty"`
		Skipped *Reason `xml:"skipped,omitempty"`
		Error   *Reason `xml:"error,omitempty"`
		Failure *Reason `xml:"failure,omitempty"`
		Out     string  `xml:"system-out,omitempty"`
	}
	// Reason is why a case did not pass.
	Reason struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		counts
		Suite *Suite `xml:"testsuite"`
	}
)

// Prove marks a case that has not failed, and whose outcome is unproven: it is
// not green but skipped, and an error where unproven outcomes end the command
// with one.
func (c *Case) Prove(requireComplete bool) {
	if requireComplete {
		c.Error = &Reason{Message: Unproven}
		return
	}
	c.Skipped = &Reason{Message: Unproven}
}

// WriteJUnit writes the suite.
func WriteJUnit(w io.Writer, s *Suite) error {
	s.counts = counts{Tests: len(s.Cases)}
	for i := range s.Cases {
		c := &s.Cases[i]
		c.Class = "kubectl-secure"
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	data, err := xml.MarshalIndent(suites{counts: s.counts, Suite: s}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	if _, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

// SuiteOut is what bears on all assertions: notes and what could not be read.
func SuiteOut(c v1alpha1.Coverage) string {
	var lines []string
	for _, note := range c.Notes {
		lines = append(lines, "note: "+note)
	}
	for _, gap := range c.Gaps {
		parts := []string{"not read:", gap.Resource, gap.Namespace, string(gap.Reason), gap.Detail}
		lines = append(lines, strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " "))
	}
	return strings.Join(lines, "\n")
}
