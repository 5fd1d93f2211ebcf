package netpol

import "slices"

// tellApart divides the endpoints until no set holds one without the other.
func (b *matrixBuilder) tellApart(p *partition) {
	b.unplaced = newBitset(len(b.field.endpoints))
	nodes := newBitset(len(b.field.endpoints))
	for i, e := range b.field.endpoints {
		switch {
		case e.Kind == NodeEndpoint:
			nodes.add(i)
		case e.Kind == PodEndpoint && e.Node == "":
			b.unplaced.add(i)
		}
	}
	sets := []bitset{b.field.pods, b.field.hosts, b.field.unread, nodes, b.unplaced}
	if own := b.own(); own != nil {
		sets = append(sets, own)
	}
	for _, profile := range b.profiles {
		sets = append(sets, profile)
	}
	sets = append(sets, b.subjects...)
	for _, tier := range []*matrixTier{&b.admin, &b.baseline} {
		for p := range tier.all() {
			sets = append(sets, p.subjects[:]...)
		}
	}
	for _, union := range b.unions {
		sets = append(sets, union[:]...)
	}
	for _, numbers := range b.table.resolved {
		for _, at := range numbers {
			sets = append(sets, at[:]...)
		}
	}
	for _, set := range sets {
		p.split(set)
	}
}

// pack makes classes of the parts, and sets of classes of all sets.
func (b *matrixBuilder) pack(p *partition) {
	b.classes, b.ids = p.classes(b.field.endpoints)
	for i, e := range b.field.endpoints {
		b.classOf[e] = int(b.ids[i])
		if e.Kind == PodEndpoint && e.Node != "" {
			b.onNode[e.Node] = append(b.onNode[e.Node], e)
		}
	}
	b.all = b.packed(b.field.everything)
	for d, free := range map[Direction]*twofold{Ingress: &b.freeIn, Egress: &b.freeOut} {
		// Whether pods of the host's network are isolated may be left open: they
		// are no subjects at all where it is not. What policies that were not
		// read isolate, and let pass, is left open too.
		isolated := b.isolated[d]
		free[certain] = b.field.everything.without(isolated).without(b.field.unread)
		free[possible] = b.field.everything.without(isolated.without(b.field.hosts).without(b.field.unread))
		*free = b.pair(*free)
	}
	b.unplaced = b.packed(b.unplaced)
	for _, named := range b.table.names {
		for i := range named {
			named[i].at = b.pair(named[i].at)
		}
	}
	b.packTiers()
	for _, r := range b.inRules {
		b.packRule(r)
	}
	for _, r := range slices.Concat(b.outRules...) {
		b.packRule(r)
	}
	b.ingress = b.inRules
	scope := b.newScope()
	for _, class := range b.classes {
		first := class.Members[0]
		var rules []*flatRule
		for _, p := range first.policies {
			rules = append(rules, b.outRules[p]...)
		}
		b.egress = append(b.egress, rules)
		b.to = append(b.to, scope.of(first))
	}
	if !b.unplaced.empty() && len(b.cluster.nodes) > 0 {
		b.planes = 2
	}
}

func (b *matrixBuilder) packRule(r *flatRule) {
	r.near = b.packed(r.subjects).window()
	r.subjects, r.set = nil, b.table.set(r.ports)
	for i := range r.peers {
		r.peers[i] = b.pair(r.peers[i])
	}
}

// pair packs both planes, into one where nothing is left open.
func (b *matrixBuilder) pair(t twofold) twofold {
	if t[certain] == nil {
		return t
	}
	t = twofold{b.packed(t[certain]), b.packed(t[possible])}
	if !t.sure() {
		b.planes = 2
		return t
	}
	return twofold{t[certain], t[certain]}
}

// packed returns the classes whose members are in the set. Sets that rules
// share stay shared.
func (b *matrixBuilder) packed(set bitset) bitset {
	packed, ok := b.done[&set[0]]
	if !ok {
		packed = newBitset(len(b.classes))
		for i := range set.all() {
			packed.add(int(b.ids[i]))
		}
		b.done[&set[0]] = packed
	}
	return packed
}
