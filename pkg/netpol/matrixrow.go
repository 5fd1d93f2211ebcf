package netpol

import (
	"cmp"
	"slices"
)

// rower works out rows, with the same memory for all.
type rower struct {
	*Matrix
	in, out []bitset                           // by cell: what the policies of one way let pass
	tiers   map[Direction]*byFamily[*rowTiers] // of directions that they have rules for
	reach   [2][]bitset                        // by plane and cell: what both let pass
	known   map[string][]OpenPorts
	key     []byte
	scratch scratch
}

// scratch is where groups are made. Where it is reused, those of a row last
// until the next.
type scratch struct {
	reused bool
	words  bitset
	truths []Truth
}

// next begins a row.
func (s *scratch) next() { s.words, s.truths = s.words[:0], s.truths[:0] }

func (s *scratch) set(b bitset) bitset {
	if !s.reused {
		return slices.Clone(b)
	}
	first := len(s.words)
	s.words = append(s.words, b...)
	return s.words[first:len(s.words):len(s.words)]
}

func (s *scratch) verdicts(v []Truth) []Truth {
	if !s.reused {
		return slices.Clone(v)
	}
	first := len(s.truths)
	s.truths = append(s.truths, v...)
	return s.truths[first:len(s.truths):len(s.truths)]
}

func newRower(m *Matrix) *rower {
	r := &rower{Matrix: m, known: map[string][]OpenPorts{}, in: m.perCell(), out: m.perCell(), tiers: map[Direction]*byFamily[*rowTiers]{}}
	for _, d := range []Direction{Ingress, Egress} {
		if m.admin.has(d) || m.baseline.has(d) || m.admin.unread != nil || m.baseline.unread != nil {
			r.tiers[d] = &byFamily[*rowTiers]{}
		}
	}
	r.reach[certain] = m.perCell()
	r.reach[possible] = r.reach[certain]
	if m.planes > 1 {
		r.reach[possible] = m.perCell()
	}
	return r
}

// perCell returns a set of classes for each cell.
func (m *Matrix) perCell() []bitset {
	words := len(m.all)
	backing := make(bitset, words*m.cells.count)
	sets := make([]bitset, m.cells.count)
	for i := range sets {
		sets[i] = backing[i*words : (i+1)*words]
	}
	return sets
}

func (r *rower) row(from int) Row {
	r.work(from)
	return Row{From: from, Groups: r.groups(from)}
}

// work finds what the class reaches.
func (r *rower) work(from int) {
	for plane := range r.planes {
		for _, set := range r.reach[plane] {
			clear(set)
		}
		for family, to := range r.to[from] {
			if to != nil {
				r.family(from, family, plane, to)
			}
		}
	}
}

// family adds the flows of a family: those that both ends let pass.
func (r *rower) family(from, family, plane int, to bitset) {
	r.egressOf(from, family, plane)
	r.ingressFrom(from, family, plane)
	r.withTiers(from, family, plane)
	if plane == possible {
		for _, in := range r.in {
			r.addNodeLocal(from, in)
		}
	}
	for c, reach := range r.reach[plane] {
		in, out := r.in[c], r.out[c]
		for i, word := range to {
			reach[i] |= word & in[i] & out[i]
		}
	}
}

// egressOf finds what the source may send to.
func (r *rower) egressOf(from, family, plane int) {
	free := r.freeOut[plane].has(from)
	for _, out := range r.out {
		clear(out)
		if free {
			out.or(r.all)
		}
	}
	if free {
		return
	}
	for _, rule := range r.egress[from] {
		peers := rule.peers[family][plane]
		for _, c := range rule.set.cells {
			r.out[c].or(peers)
		}
		for _, named := range rule.set.named {
			r.out[named.cell].orBoth(peers, named.at[plane])
		}
	}
}

// ingressFrom finds what receives from the source.
func (r *rower) ingressFrom(from, family, plane int) {
	for _, in := range r.in {
		copy(in, r.freeIn[plane])
	}
	for _, rule := range r.ingress {
		if !rule.peers[family][plane].has(from) {
			continue
		}
		for _, c := range rule.set.cells {
			rule.near.addTo(r.in[c])
		}
		for _, named := range rule.set.named {
			rule.near.addBoth(r.in[named.cell], named.at[plane])
		}
	}
}

// addNodeLocal adds the pods that may be on the source's node, and so receive
// whatever rules say. Of those that are, see Exception.
func (r *rower) addNodeLocal(from int, in bitset) {
	source := r.classes[from].Members[0]
	switch {
	case source.onNode("") == No:
	case source.Kind == PodEndpoint && source.Node == "":
		in.or(r.all)
	default:
		in.or(r.unplaced)
	}
}

// groups divides the destinations by their verdicts.
func (r *rower) groups(from int) []Group {
	r.scratch.next()
	to := newBitset(len(r.classes))
	for _, set := range r.to[from] {
		to.or(set)
	}
	groups := []Group{{to: to.window(), verdicts: make([]Truth, r.cells.count)}}
	for c := range r.cells.count {
		groups = r.divide(groups, c, c)
	}
	for i := range groups {
		groups[i].Ports = r.ports(groups[i].verdicts)
	}
	groups = slices.DeleteFunc(groups, func(g Group) bool { return len(g.Ports) == 0 })
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(a.first(), b.first()) })
	return groups
}

// divide takes groups apart by the verdict about a cell.
func (r *rower) divide(groups []Group, c, at int) []Group {
	groups = divide(groups, r.reach[certain][c], at, Yes, &r.scratch)
	if r.planes > 1 {
		groups = divide(groups, r.reach[possible][c], at, Maybe, &r.scratch)
	}
	return groups
}

// divide gives those in the set the verdict about the cell, unless they have a
// better one.
func divide(groups []Group, set bitset, c int, verdict Truth, s *scratch) []Group {
	for i := range groups {
		g := &groups[i]
		if g.verdicts[c] >= verdict {
			continue
		}
		near := g.to.of(set)
		var in, out uint64
		for w, word := range g.to.words {
			in |= word & near[w]
			out |= word &^ near[w]
		}
		switch {
		case in == 0:
		case out == 0:
			g.verdicts[c] = verdict
		default:
			inside := Group{to: g.to.split(set, s), verdicts: s.verdicts(g.verdicts)}
			inside.verdicts[c] = verdict
			groups = append(groups, inside)
		}
	}
	return groups
}

// ports returns those of the cells, made once for all equal verdicts.
func (r *rower) ports(verdicts []Truth) []OpenPorts {
	r.key = r.key[:0]
	for _, v := range verdicts {
		r.key = append(r.key, byte(v))
	}
	ports, ok := r.known[string(r.key)]
	if !ok {
		ports = r.cells.ports(verdicts)
		r.known[string(r.key)] = ports
	}
	return ports
}
