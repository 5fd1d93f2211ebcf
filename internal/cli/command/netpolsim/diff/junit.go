package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const unproven = "unproven: what may or may not be, or could not be read, may turn the outcome"

// writeJUnit writes a test case for each value of --fail-on, and follows the
// exit code.
func writeJUnit(w io.Writer, r *v1alpha1.FlowDiffReport, outcomes []outcome, requireComplete bool) error {
	suite := &assertions.Suite{Name: "netpol-sim diff", Out: answer(r) + "\n" + strings.Join(append(slices.Clone(r.Notes), missed(r)...), "\n")}
	for _, a := range outcomes {
		c := assertions.Case{Name: a.question()}
		switch {
		case a.unproven && requireComplete:
			c.Error = &assertions.Reason{Message: a.text + ", " + unproven}
		case a.failed:
			c.Failure = &assertions.Reason{Message: a.text, Text: strings.Join(details(a.name, r), "\n")}
		case a.unproven:
			c.Skipped = &assertions.Reason{Message: unproven}
		}
		suite.Cases = append(suite.Cases, c)
	}
	return assertions.WriteJUnit(w, suite)
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
