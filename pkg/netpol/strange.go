package netpol

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Strange tells of words in a reference to a pod that does not exist yet which
// may be misspelt: nothing in the snapshot has them, so that other words there
// would mostly be answered alike. References to objects are checked when they
// are resolved.
func (c *Cluster) Strange(r Reference) []string {
	if r.Labels == nil {
		return nil
	}
	var strange []string
	if c.namespaces[r.Namespace] == nil && len(c.namespaced[r.Namespace]) == 0 && !c.unreadType("namespaces") {
		strange = append(strange, fmt.Sprintf("nothing in the input is in namespace %s", r.Namespace))
	}
	for _, key := range slices.Sorted(maps.Keys(r.Labels)) {
		value := r.Labels[key]
		if !slices.ContainsFunc(c.endpoints, func(e *Endpoint) bool {
			has, ok := e.Labels[key]
			return e.Kind == PodEndpoint && ok && has == value
		}) {
			strange = append(strange, fmt.Sprintf("no pod in the input has the label %s=%s", key, value))
		}
	}
	return strange
}

// BearsOn reports whether what is missing may change the answer to the
// question, as far as the namespaces tell: one of the gaps that GapsFor returns
// may be of a namespace that the question is not about.
func (q Question) BearsOn(g snapshot.Gap) bool {
	ends := []Reference{q.From, q.To}
	if q.Via.typed != "" {
		ends = append(ends, q.Via)
	}
	for _, r := range ends {
		namespace := r.Namespace
		if r.Type == "Namespace" {
			namespace = r.Name
		}
		if g.Hides(namespace) { // of addresses and nodes, which are in none, any
			return true
		}
	}
	return false
}
