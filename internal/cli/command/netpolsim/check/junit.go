package check

import (
	"io"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// writeJUnit follows the exit code. What has no expectation is skipped: it is
// neither green nor red.
func writeJUnit(w io.Writer, r *v1alpha1.FlowCheckReport, requireComplete bool) error {
	suite := &assertions.Suite{Name: "netpol-sim check", Out: assertions.SuiteOut(r.Coverage)}
	for i := range r.Results {
		f := &r.Results[i]
		c := assertions.Case{Name: words(f), File: f.File, Line: f.Line, Out: caseOut(f, r.Strict)}
		switch {
		case f.Failed():
			lines := linesOf(reasons(f, r.Strict))
			c.Failure = &assertions.Reason{Message: lines[0], Text: strings.Join(lines, "\n")}
			if f.Why != "" {
				c.Failure.Message = f.Why
			}
		case f.Unproven:
			c.Prove(requireComplete)
		case f.Passed == nil:
			c.Skipped = &assertions.Reason{Message: "no expectation: the verdict is " + f.Verdict}
		}
		suite.Cases = append(suite.Cases, c)
	}
	return assertions.WriteJUnit(w, suite)
}

// caseOut is what the table shows below an assertion, failures aside.
func caseOut(f *v1alpha1.FlowCheck, strict bool) string {
	var lines []string
	if f.Passed == nil {
		lines = linesOf(asked(f))
	}
	if f.Unproven && f.Failed() {
		lines = append(lines, assertions.Unproven)
	}
	for _, note := range remaining(f, strict) {
		lines = append(lines, "note: "+note)
	}
	return strings.Join(lines, "\n")
}

// linesOf writes what decides after what it is about.
func linesOf(list []reason) []string {
	var lines []string
	for _, r := range list {
		lines = append(lines, r.text)
		for _, detail := range r.details {
			lines = append(lines, "  "+detail)
		}
	}
	return lines
}
