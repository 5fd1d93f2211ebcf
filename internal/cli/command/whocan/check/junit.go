package check

import (
	"io"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// writeJUnit follows the exit code.
func writeJUnit(w io.Writer, r *v1alpha1.CheckReport, requireComplete bool) error {
	suite := &assertions.Suite{Name: "who-can check", Out: assertions.SuiteOut(r.Coverage)}
	for _, a := range r.Assertions {
		c := assertions.Case{Name: a.Text, File: a.File, Line: a.Line, Out: caseOut(a, r.Strict)}
		switch {
		case !a.Passed:
			var lines []string
			for _, line := range failures(a, r.Strict) {
				lines = append(lines, line.String())
			}
			c.Failure = &assertions.Reason{Message: lines[0], Text: strings.Join(lines, "\n")}
			if broken := len(violations(a)) > 0; broken && a.Why != "" {
				c.Failure.Message = a.Why
			}
		case a.Unproven:
			c.Prove(requireComplete)
		}
		suite.Cases = append(suite.Cases, c)
	}
	return assertions.WriteJUnit(w, suite)
}

// caseOut is what the table shows below an assertion, violations aside.
func caseOut(a v1alpha1.Assertion, strict bool) string {
	var lines []string
	if a.Unproven && !a.Passed {
		lines = append(lines, assertions.Unproven)
	}
	for _, note := range remaining(a, strict) {
		lines = append(lines, "note: "+note)
	}
	return strings.Join(lines, "\n")
}
