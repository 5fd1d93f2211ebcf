package diff

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// outcome is what one value of --fail-on comes to.
type outcome struct {
	name   string // as typed
	text   string
	failed bool
	// unproven is set where what may or may not be, or could not be read,
	// decides.
	unproven bool
}

// judge returns an outcome for each value of --fail-on.
func (o *Options) judge(r *v1alpha1.FlowDiffReport) []outcome {
	var outcomes []outcome
	for _, name := range o.failOn {
		sure, maybe := counts(name, r)
		open := maybe + r.Summary.Unsettled + r.Summary.Unseen
		if name == failCut {
			open = maybe + r.Observed.Unknown + r.Observed.Troubles
			if r.Observed.Flows == 0 {
				open++ // a file without flows shows nothing
			}
		}
		a := outcome{name: name, failed: sure+maybe > 0, unproven: r.Incomplete || sure == 0 && open > 0}
		a.text = sentence(name, sure, maybe)
		outcomes = append(outcomes, a)
	}
	return outcomes
}

// counts returns how much there is of what fails, and how much there may be.
func counts(name string, r *v1alpha1.FlowDiffReport) (sure, maybe int) {
	s := r.Summary
	switch name {
	case failOpened:
		return s.Opened, s.MayOpen
	case failClosed:
		return s.Closed, s.MayClose
	case failCut:
		return r.Observed.Cut, r.Observed.MayBeCut
	default:
		return s.Opened + s.Closed, s.MayOpen + s.MayClose
	}
}

// question is what must hold, as the name of a test.
func (a outcome) question() string {
	return map[string]string{
		failOpened: "nothing opens", failClosed: "nothing closes", failAny: "nothing changes", failCut: "no observed flow is cut",
	}[a.name]
}

// sentence says how much there is of what fails.
func sentence(name string, sure, maybe int) string {
	one, many := "connection", "connections"
	verb := map[string]string{failOpened: "open", failClosed: "close", failAny: "change"}[name]
	if name == failCut {
		one, many, verb = "observed flow", "observed flows", "be cut"
	}
	is := " would " + verb
	switch {
	case sure == 0 && maybe == 0:
		return "no " + one + is
	case maybe == 0:
		return count(sure, one, many) + is
	case sure == 0:
		return count(maybe, one, many) + " may " + verb
	default:
		return fmt.Sprintf("%s, %d more may", count(sure, one, many)+is, maybe)
	}
}
