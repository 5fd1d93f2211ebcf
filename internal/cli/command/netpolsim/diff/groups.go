package diff

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// groupKey is what endpoints of one group have in common. Pods that nothing
// controls are groups by themselves.
type groupKey struct {
	kind                        netpol.EndpointKind
	namespace, workload, member string
}

func keyOf(e *netpol.Endpoint) groupKey {
	k := groupKey{kind: e.Kind, namespace: e.Namespace, workload: workloadOf(e)}
	if e.Kind == netpol.PodEndpoint && k.workload == "" {
		k.member = e.Name
	}
	return k
}

// workloadOf is the controller of a pod; the node that runs a static pod is no
// workload.
func workloadOf(e *netpol.Endpoint) string {
	if strings.HasPrefix(e.Workload, string(netpol.NodeEndpoint)+"/") {
		return ""
	}
	return e.Workload
}

func compareKeys(a, b groupKey) int {
	rank := []netpol.EndpointKind{netpol.PodEndpoint, netpol.NodeEndpoint, netpol.ExternalEndpoint}
	return cmp.Or(
		cmp.Compare(slices.Index(rank, a.kind), slices.Index(rank, b.kind)), cmp.Compare(a.namespace, b.namespace),
		cmp.Compare(a.workload, b.workload), cmp.Compare(a.member, b.member),
	)
}

// memberName is the name of an endpoint within its kind and namespace; "" for
// a pod that does not exist yet.
func memberName(e *netpol.Endpoint) string {
	if e.Kind == netpol.ExternalEndpoint {
		return e.String()
	}
	return e.Name
}

// groups divides endpoints, in order.
func groups(endpoints []*netpol.Endpoint) []v1alpha1.FlowGroup {
	at := map[groupKey]int{}
	var keys []groupKey
	var found []v1alpha1.FlowGroup
	for _, e := range endpoints {
		k := keyOf(e)
		i, ok := at[k]
		if !ok {
			i = len(found)
			at[k] = i
			keys = append(keys, k)
			found = append(found, v1alpha1.FlowGroup{Kind: string(k.kind), Namespace: k.namespace, Workload: k.workload, Members: []string{}})
		}
		if name := memberName(e); name != "" {
			found[i].Members = append(found[i].Members, name)
		}
	}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareKeys(keys[a], keys[b]) })
	sorted := make([]v1alpha1.FlowGroup, 0, len(found))
	for _, i := range order {
		sorted = append(sorted, found[i])
	}
	return sorted
}

// tally counts pairs of groups between which something changes.
type tally struct {
	ids   map[groupKey]int
	pods  map[int]bool              // groups of pods that are counted
	pairs map[string]map[int]bitset // by change and source
}

type bitset []uint64

func (b *bitset) add(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitset) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

func newTally() *tally {
	return &tally{ids: map[groupKey]int{}, pods: map[int]bool{}, pairs: map[string]map[int]bitset{}}
}

func (t *tally) id(k groupKey) int {
	id, ok := t.ids[k]
	if !ok {
		id = len(t.ids)
		t.ids[k] = id
	}
	return id
}

// sizes counts endpoints by their groups.
func (t *tally) sizes(endpoints []*netpol.Endpoint) (ids []int, size map[int]int) {
	size = map[int]int{}
	for _, e := range endpoints {
		id := t.id(keyOf(e))
		if size[id]++; size[id] == 1 {
			ids = append(ids, id)
		}
		if e.Kind == netpol.PodEndpoint {
			t.pods[id] = t.pods[id] || false
		}
	}
	return ids, size
}

// add counts the pairs of groups of a block. Those of which all pairs are
// exceptions, or a pod and itself, do not count.
func (t *tally) add(b *netpol.Block, changes map[string]bool) {
	from, sources := t.sizes(b.From)
	to, destinations := t.sizes(b.To)
	reached := set(b.To)
	less := map[[2]int]int{}
	for _, e := range b.From {
		if e.Kind == netpol.PodEndpoint && e.Name != "" && reached[e] {
			id := t.id(keyOf(e))
			less[[2]int{id, id}]++
		}
	}
	for _, pair := range b.Except {
		less[[2]int{t.id(keyOf(pair[0])), t.id(keyOf(pair[1]))}]++
	}
	for _, f := range from {
		for _, d := range to {
			if sources[f]*destinations[d] > less[[2]int{f, d}] {
				t.count(f, d, changes)
			}
		}
	}
}

func (t *tally) count(from, to int, changes map[string]bool) {
	for _, id := range []int{from, to} {
		if _, isPod := t.pods[id]; isPod {
			t.pods[id] = true
		}
	}
	for change := range changes {
		if t.pairs[change] == nil {
			t.pairs[change] = map[int]bitset{}
		}
		set := t.pairs[change][from]
		set.add(to)
		t.pairs[change][from] = set
	}
}
