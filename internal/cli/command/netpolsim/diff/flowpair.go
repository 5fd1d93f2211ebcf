package diff

import (
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// pair is one flow in both states.
type pair struct {
	before, after netpol.Flow
	was, is       netpol.Verdict
}

func (p pair) outcome() string {
	switch {
	case p.is == netpol.Allowed:
		return kept
	case p.was == netpol.Denied:
		return denied
	case p.was == netpol.Allowed && p.is == netpol.Denied:
		return cut
	default:
		return mayBeCut
	}
}

// worst is the outcome of what a flow may have been. What was denied before it
// has not been, unless all was.
func worst(pairs []pair) (outcome string, at int) {
	at = -1
	rank := []string{denied, kept, mayBeCut, cut}
	for i, p := range pairs {
		if at < 0 || slices.Index(rank, p.outcome()) > slices.Index(rank, pairs[at].outcome()) {
			at = i
		}
	}
	return pairs[at].outcome(), at
}

// pairs finds each flow in the other state. Ranges of addresses are compared
// in the pieces of both.
func (j *flowJudge) pairs(before, after []netpol.Flow) []pair {
	var found []pair
	add := func(was, is netpol.Flow) {
		if j.asks(is) {
			found = append(found, pair{was, is, j.before.Verdict(was), j.after.Verdict(is)})
		}
	}
	for _, is := range after {
		was := is
		was.From, was.To = j.earlier(is.From, before, netpol.Egress), j.earlier(is.To, before, netpol.Ingress)
		if was.From != nil && was.To != nil {
			add(was, is)
		}
	}
	for _, was := range before {
		is := was
		switch {
		case was.From.Last.IsValid():
			is.To = other(was.To, after, netpol.Ingress)
		case was.To.Last.IsValid():
			is.From = other(was.From, after, netpol.Egress)
		default:
			continue
		}
		if is.From != nil && is.To != nil {
			add(was, is)
		}
	}
	return found
}

// earlier returns what an end was before; nil for what is new.
func (j *flowJudge) earlier(e *netpol.Endpoint, before []netpol.Flow, d netpol.Direction) *netpol.Endpoint {
	if e.Kind == netpol.ExternalEndpoint {
		return e
	}
	if was := other(e, before, d); was != nil {
		return was
	}
	if e.Kind == netpol.PodEndpoint && e.Name != "" {
		e = j.after.Pod(e.Namespace, e.Name)
	}
	return j.diff.Before(e)
}

// other finds the end of the same name among flows of the other state: the
// source for egress.
func other(e *netpol.Endpoint, flows []netpol.Flow, d netpol.Direction) *netpol.Endpoint {
	for _, f := range flows {
		found := f.To
		if d == netpol.Egress {
			found = f.From
		}
		if found.String() == e.String() {
			return found
		}
	}
	return nil
}

// asks reports whether the flow is one of those that the query is about.
func (j *flowJudge) asks(f netpol.Flow) bool {
	if !j.isAsked(f.From) && !j.isAsked(f.To) || j.matrix.Family != netpol.AnyFamily && f.Family != netpol.AnyFamily && f.Family != j.matrix.Family {
		return false
	}
	return len(j.matrix.Ports) == 0 || slices.ContainsFunc(j.matrix.Ports, func(r netpol.PortRange) bool {
		return r.Protocol == f.Protocol && r.From <= f.Port && f.Port <= r.To
	})
}
