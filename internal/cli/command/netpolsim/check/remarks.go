package check

import (
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// remarks tell what outcomes rest on. Most assertions are about the same types
// and endpoints as others.
type remarks struct {
	cluster *netpol.Cluster
	byTypes map[[2]string][]snapshot.Gap
	strange map[string][]string
	bearing []snapshot.Gap // on any assertion
}

func newRemarks(c *netpol.Cluster) *remarks {
	return &remarks{cluster: c, byTypes: map[[2]string][]snapshot.Gap{}, strange: map[string][]string{}}
}

// unproven reports whether a gap may turn the answer to the question.
func (r *remarks) unproven(q netpol.Question) bool {
	key := [2]string{typeOf(q.From), typeOf(q.To)}
	gaps, known := r.byTypes[key]
	if !known {
		gaps = r.cluster.GapsFor(q)
		r.byTypes[key] = gaps
	}
	unproven := false
	for _, gap := range gaps {
		if q.BearsOn(gap) {
			unproven = true
			r.bearing = append(r.bearing, gap)
		}
	}
	if len(r.bearing) > 1000 {
		r.bearing = snapshot.SortGaps(r.bearing)
	}
	return unproven
}

// typeOf is what of a reference decides which types bear on the answer.
func typeOf(r netpol.Reference) string {
	switch {
	case r.Internet:
		return "internet"
	case r.Range.IsSingleIP():
		return "address"
	case r.Range.IsValid():
		return "range"
	default:
		return r.Type
	}
}

// gaps returns those that bear on any of the assertions.
func (r *remarks) gaps() []snapshot.Gap { return snapshot.SortGaps(r.bearing) }

// slips tell of words that may be misspelt.
func (r *remarks) slips(q netpol.Question) []string {
	if q.From.Labels == nil && q.To.Labels == nil {
		return nil
	}
	var slips []string
	for _, ref := range []netpol.Reference{q.From, q.To} {
		strange, known := r.strange[ref.String()]
		if !known {
			strange = r.cluster.Strange(ref)
			r.strange[ref.String()] = strange
		}
		for _, slip := range strange {
			if !slices.Contains(slips, slip) {
				slips = append(slips, slip)
			}
		}
	}
	return slips
}

// meant returns the doubts of an outcome, the first with what may have been
// meant.
func meant(o netpol.CheckOutcome) []netpol.Doubt {
	if len(o.Similar) == 0 {
		return o.Doubts
	}
	doubts := slices.Clone(o.Doubts)
	doubts[0].Detail += " (did you mean " + strings.Join(o.Similar, " or ") + "?)"
	return doubts
}
