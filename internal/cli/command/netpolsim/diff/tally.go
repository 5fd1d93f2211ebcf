package diff

import (
	"math/bits"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

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

// summary counts what was added.
func (t *tally) summary() v1alpha1.FlowDiffSummary {
	s := v1alpha1.FlowDiffSummary{Opened: t.of(opened), Closed: t.of(closed), MayOpen: t.of(mayOpen), MayClose: t.of(mayClose)}
	for _, counted := range t.pods {
		if counted {
			s.Workloads++
		}
	}
	return s
}

func (t *tally) of(change string) int {
	n := 0
	for _, set := range t.pairs[change] {
		n += set.count()
	}
	return n
}

func (t *tally) all() int { return t.of(opened) + t.of(closed) + t.of(mayOpen) + t.of(mayClose) }
