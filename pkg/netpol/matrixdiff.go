package netpol

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// MatrixDiff is what differs between two matrices. It is immutable and safe
// for concurrent use.
type MatrixDiff struct {
	before, after *Matrix                 // of the same endpoints and classes
	old, now      map[*Endpoint]*Endpoint // the same one in the other
	gone, added   []*Endpoint
}

// PortChange is a range of ports whose verdict changes.
type PortChange struct {
	Ports         PortRange
	Before, After Verdict
}

// Change is what changes between endpoints: from every one of From to every
// one of To. Pairs that may be exceptions (see Exception) come by themselves,
// and only then: Pairs leaves them out of all other changes.
type Change struct {
	From, To []*Endpoint // of the later matrix
	Ports    []PortChange
	diff     *MatrixDiff // nil for a pair by itself
}

// Diff compares the matrix with a later one, by its own options. Endpoints
// that only one of the clusters has are left out: see Gone and Added. Pods that
// a workload has replaced since are the same in this. Where the same kinds of
// cluster-wide policies are unread in both, verdicts are those without them:
// they would leave every flow open on both sides, and no change would be seen.
func (m *Matrix) Diff(later *Matrix) *MatrixDiff {
	d := &MatrixDiff{old: map[*Endpoint]*Endpoint{}, now: map[*Endpoint]*Endpoint{}}
	before, after := d.match(m.cluster, later.cluster)
	matrices := newMatrices([]*field{newField(m.cluster, before), newField(later.cluster, after)}, m.options, m.cluster.lacksAsMuchAs(later.cluster))
	d.before, d.after = matrices[0], matrices[1]
	return d
}

// lacksAsMuchAs reports whether the cluster-wide policies that are missing are
// of the same kinds as those of the other, and those that are not understood
// are the same ones.
func (c *Cluster) lacksAsMuchAs(other *Cluster) bool {
	return maps.EqualFunc(c.unreadTiers, other.unreadTiers, slices.Equal[[]string]) &&
		slices.EqualFunc(c.notUnderstood, other.notUnderstood, func(a, b snapshot.Gap) bool { return reflect.DeepEqual(a, b) })
}

// identity is what makes endpoints of two clusters the same one.
type identity struct {
	kind                      EndpointKind
	namespace, name, workload string
}

func (e *Endpoint) identity() identity {
	id := identity{e.Kind, e.Namespace, e.Name, ""}
	if e.Name == "" {
		id.workload = e.Workload
	}
	return id
}

// match returns the endpoints that both clusters have, in one order.
func (d *MatrixDiff) match(before, after *Cluster) (old, now []*Endpoint) {
	known := map[identity]*Endpoint{}
	for _, e := range before.endpoints {
		known[e.identity()] = e
	}
	now = slices.Clone(after.endpoints)
	slices.SortStableFunc(now, compareEndpoints)
	now = slices.DeleteFunc(now, func(e *Endpoint) bool {
		was := known[e.identity()]
		if was == nil {
			d.added = append(d.added, e)
			return true
		}
		delete(known, e.identity())
		d.old[e], d.now[was] = was, e
		old = append(old, was)
		return false
	})
	for _, e := range before.endpoints {
		if known[e.identity()] != nil {
			d.gone = append(d.gone, e)
		}
	}
	slices.SortStableFunc(d.gone, compareEndpoints)
	was, is := d.replaced()
	old, now = append(old, was...), append(now, is...)
	external := outside(before, after)
	for _, e := range external {
		d.old[e], d.now[e] = e, e
	}
	return append(old, external...), append(now, external...)
}

// replaced takes pods out of those that are gone and added where a workload
// has replaced one by the other: their names differ, what they are does not.
func (d *MatrixDiff) replaced() (was, is []*Endpoint) {
	heirs := map[[2]string][]*Endpoint{}
	for _, e := range d.added {
		if e.Workload != "" && !strings.HasPrefix(e.Workload, string(NodeEndpoint)+"/") { // static pods have names that stay
			key := [2]string{e.Namespace, e.Workload}
			heirs[key] = append(heirs[key], e)
		}
	}
	d.gone = slices.DeleteFunc(d.gone, func(e *Endpoint) bool {
		key := [2]string{e.Namespace, e.Workload}
		if len(heirs[key]) == 0 {
			return false
		}
		heir := heirs[key][0]
		heirs[key] = heirs[key][1:]
		d.old[heir], d.now[e] = e, heir
		was, is = append(was, e), append(is, heir)
		return true
	})
	d.added = slices.DeleteFunc(d.added, func(e *Endpoint) bool { return d.old[e] != nil })
	return was, is
}

// Before returns what an endpoint of the later cluster was in the earlier one:
// it or, of pods that a workload replaces, one that went; nil for one that is
// added.
func (d *MatrixDiff) Before(e *Endpoint) *Endpoint { return d.old[e] }

// Gone returns the endpoints that only the earlier cluster has.
func (d *MatrixDiff) Gone() []*Endpoint { return d.gone }

// Added returns the endpoints that only the later cluster has.
func (d *MatrixDiff) Added() []*Endpoint { return d.added }

// Changes returns all changes, by the source.
func (d *MatrixDiff) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		r := newDiffRower(d)
		for from := range d.after.classes {
			if !r.row(from, yield) {
				return
			}
		}
	}
}

// Pairs returns the pairs of endpoints that the change is about.
func (c Change) Pairs() iter.Seq2[*Endpoint, *Endpoint] {
	return func(yield func(from, to *Endpoint) bool) {
		for _, from := range c.From {
			for _, to := range c.To {
				if (c.diff == nil || !c.diff.near(from, to)) && !yield(from, to) {
					return
				}
			}
		}
	}
}

// near reports whether the pair may be an exception of either matrix.
func (d *MatrixDiff) near(from, to *Endpoint) bool {
	return from.near(to) || d.old[from].near(d.old[to])
}

// neighbours returns the endpoints for which near is true.
func (d *MatrixDiff) neighbours(from *Endpoint) []*Endpoint {
	found := slices.Clone(d.after.neighbours(from))
	for _, was := range d.before.neighbours(d.old[from]) {
		if now := d.now[was]; !slices.Contains(found, now) {
			found = append(found, now)
		}
	}
	return slices.DeleteFunc(found, func(to *Endpoint) bool { return !d.near(from, to) })
}
