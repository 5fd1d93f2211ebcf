package diff

import (
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// split takes a block apart by whether an end is in the namespace that is
// asked about.
func (c *comparison) split(b *netpol.Block) (within, without []netpol.Block) {
	if !c.limited {
		return []netpol.Block{*b}, nil
	}
	from, otherFrom := c.divide(b.From)
	to, otherTo := c.divide(b.To)
	add := func(list *[]netpol.Block, from, to []*netpol.Endpoint) {
		if len(from) > 0 && len(to) > 0 {
			*list = append(*list, netpol.Block{From: from, To: to, Ports: b.Ports, Except: exceptions(b, from, to)})
		}
	}
	add(&within, from, b.To)
	add(&within, otherFrom, to)
	add(&without, otherFrom, otherTo)
	return slices.DeleteFunc(within, isEmpty), slices.DeleteFunc(without, isEmpty)
}

// isEmpty reports whether a block has no pairs.
func isEmpty(b netpol.Block) bool {
	for range b.Pairs() {
		return false
	}
	return true
}

func exceptions(b *netpol.Block, from, to []*netpol.Endpoint) [][2]*netpol.Endpoint {
	sources, destinations := set(from), set(to)
	var kept [][2]*netpol.Endpoint
	for _, pair := range b.Except {
		if sources[pair[0]] && destinations[pair[1]] {
			kept = append(kept, pair)
		}
	}
	return kept
}

func set(endpoints []*netpol.Endpoint) map[*netpol.Endpoint]bool {
	has := make(map[*netpol.Endpoint]bool, len(endpoints))
	for _, e := range endpoints {
		has[e] = true
	}
	return has
}

func (c *comparison) divide(all []*netpol.Endpoint) (in, out []*netpol.Endpoint) {
	for _, e := range all {
		if c.isAsked(e) {
			in = append(in, e)
		} else {
			out = append(out, e)
		}
	}
	return in, out
}

func (c *comparison) isAsked(e *netpol.Endpoint) bool {
	return !c.limited || e.Kind == netpol.PodEndpoint && e.Namespace == c.namespace
}
