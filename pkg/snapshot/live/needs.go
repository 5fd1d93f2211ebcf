package live

import (
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// merge drops needs that another one includes, so that no object is read
// twice: two reads at different times could differ.
func merge(needs []snapshot.Need) []snapshot.Need {
	merged := make([]snapshot.Need, 0, len(needs))
	for i, need := range needs {
		if slices.ContainsFunc(needs[:i], func(n snapshot.Need) bool { return samePlace(n, need) }) {
			continue
		}
		if slices.ContainsFunc(needs, func(n snapshot.Need) bool { return includes(n, need) }) {
			continue
		}
		// An optional need that includes a required one is required.
		for _, n := range needs {
			if samePlace(n, need) || includes(need, n) {
				need.Optional = need.Optional && n.Optional
			}
			need.IfServed = need.IfServed || samePlace(n, need) && n.IfServed
			need.Widen = need.Widen || samePlace(n, need) && n.Widen
		}
		merged = append(merged, need)
	}
	return merged
}

func samePlace(a, b snapshot.Need) bool {
	return a.Type == b.Type && a.Namespace == b.Namespace && a.Name == b.Name
}

// includes reports whether a covers b and more.
func includes(a, b snapshot.Need) bool {
	return a.Type == b.Type && !samePlace(a, b) &&
		(a.Namespace == "" || a.Namespace == b.Namespace) &&
		(a.Name == "" || a.Name == b.Name)
}
