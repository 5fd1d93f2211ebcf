package netpol

import "slices"

// tally counts pairs of endpoints by the list of their ports.
type tally struct {
	pairs, selves int
	counts        []listCount
	near          []int
}

type listCount struct{ list, pairs int }

func (t *tally) add(list, pairs int) {
	if list == nothing || pairs == 0 {
		return // what no list is about remains of all pairs
	}
	for i := range t.counts {
		if t.counts[i].list == list {
			t.counts[i].pairs += pairs
			return
		}
	}
	t.counts = append(t.counts, listCount{list, pairs})
}

// lists are those of the pairs that there are, in order.
func (t *tally) lists() []int {
	var lists []int
	rest := t.pairs
	for _, c := range t.counts {
		rest -= c.pairs
		if c.pairs > 0 {
			lists = append(lists, c.list)
		}
	}
	if rest > 0 {
		lists = append(lists, nothing)
	}
	slices.Sort(lists)
	return lists
}
