package netpol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// unlisted tells why an address that the question names may be that of a pod,
// Service or node which could not be read: it would be another end then, and
// the verdict another one. What is on the internet is taken for outside.
func (a *answering) unlisted(f Flow, v Verdict) []Doubt {
	if len(a.snap.Gaps()) == 0 {
		return nil
	}
	var doubts []Doubt
	say := func(e *Endpoint, what string) {
		doubts = append(doubts, Doubt{ByInput, fmt.Sprintf("%s may be the address of a %s: %ss could not all be read", e, what, what)})
	}
	for d, ref := range map[Direction]Reference{Ingress: a.question.From, Egress: a.question.To} {
		e := (&walk{Flow: f}).peer(d)
		if e.Kind != ExternalEndpoint || !ref.Range.IsValid() || !e.mayBeInside() {
			continue
		}
		if a.unreadType("pods") {
			say(e, "pod")
		}
		if d == Egress && a.unreadType("services") {
			say(e, "Service")
		}
		// What a node sends to its own pods always passes, and only cluster-wide
		// policies tell nodes from other addresses.
		if a.unreadType("nodes") && (d == Ingress && v == Denied && f.To.Kind == PodEndpoint || len(a.clusterPolicies) > 0) {
			say(e, "node")
		}
	}
	slices.SortFunc(doubts, func(x, y Doubt) int { return strings.Compare(x.Detail, y.Detail) })
	return doubts
}

// mayBeInside reports whether networks of clusters use addresses of the range.
func (e *Endpoint) mayBeInside() bool {
	first, last := e.Addresses[0], e.Addresses[0]
	if e.Last.IsValid() {
		last = e.Last
	}
	whole := addressRange{first, last}
	return first.Is6() || slices.ContainsFunc(special(), func(s addressRange) bool { return s.contains(first) || whole.contains(s.first) })
}

// unreadType reports whether any objects of the core type may be missing.
func (c *Cluster) unreadType(resource string) bool {
	return slices.ContainsFunc(c.snap.Gaps(), func(g snapshot.Gap) bool { return g.Group == "" && g.Resource == resource })
}
