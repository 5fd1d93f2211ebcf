package netpol

import (
	"slices"
)

// Reach sums up what passes between two parties.
type Reach string

// The sums.
const (
	ReachAll       Reach = "All"       // every port that was asked for, between all members
	ReachSome      Reach = "Some"      // some of the ports, the same between all members
	ReachNone      Reach = "None"      // nothing
	ReachMixed     Reach = "Mixed"     // it differs between members
	ReachUndefined Reach = "Undefined" // of some ports or members
	ReachNoFlow    Reach = "NoFlow"    // no addresses of a common family: there is no way
)

// Crossing is what passes from one party to another.
type Crossing struct {
	From, To int // positions in the lists of parties
	Reach    Reach
	// Ports are as those of a Group; those that are Allowed for some members and
	// Denied for others are Partly.
	Ports []OpenPorts
	// Self is set where the parties are one pod: nothing can block what it sends
	// to itself. Of larger parties, what members send to themselves is left out.
	Self bool
}

// Between tells what passes from parties to others. It is not safe for
// concurrent use.
type Between struct {
	matrix   *Matrix
	from, to []Party
	// WithoutNear leaves out what always passes: from nodes, and pods of their
	// network, to pods on them. Where there is nothing else it stays.
	WithoutNear bool

	bundles    []Bundle
	ports      *portLists
	of         []int               // the list of the ports of each bundle
	out        [][]int             // bundles by the class of the source
	exceptions map[int][]Exception // by the class of the source
	shares     [][]share           // by class: the parties that its members are of
	party      map[*Endpoint]int   // of destinations
	totals     map[[3]*uint64][]int
	strangers  map[int][]*Endpoint // destinations without a class, by party
}

// share is how many members of a class are of a party.
type share struct{ party, members int }

// Between prepares for crossings between parties. Those of the second list
// must have no members in common. Members may also be endpoints that the matrix
// does not have, as pods that do not exist yet.
func (m *Matrix) Between(from, to []Party) *Between {
	b := &Between{
		matrix: m, from: from, to: to, ports: newPortLists(m), out: make([][]int, len(m.classes)),
		exceptions: map[int][]Exception{}, shares: make([][]share, len(m.classes)), party: map[*Endpoint]int{}, totals: map[[3]*uint64][]int{},
		strangers: map[int][]*Endpoint{},
	}
	for i, p := range to {
		for _, e := range p.Members {
			class, ok := m.classOf[e]
			if !ok {
				b.strangers[i] = append(b.strangers[i], e)
				continue
			}
			b.party[e] = i
			shares := &b.shares[class]
			if n := len(*shares); n > 0 && (*shares)[n-1].party == i {
				(*shares)[n-1].members++
				continue
			}
			*shares = append(*shares, share{i, 1})
		}
	}
	var sources []int
	for _, p := range from {
		for _, e := range p.Members {
			if class, ok := m.classOf[e]; ok {
				sources = append(sources, class)
			}
		}
	}
	slices.Sort(sources)
	joined := m.Join(slices.Compact(sources))
	b.bundles = joined.Bundles
	for i := range b.bundles {
		b.of = append(b.of, b.ports.id(b.bundles[i].Ports))
		for _, class := range b.bundles[i].From {
			b.out[class] = append(b.out[class], i)
		}
	}
	for _, e := range joined.Exceptions {
		class := m.classOf[e.From]
		b.exceptions[class] = append(b.exceptions[class], e)
	}
	return b
}

// Row returns what passes from a party to all parties of the second list.
func (b *Between) Row(from int) []Crossing {
	tallies := make([]tally, len(b.to))
	source := &b.from[from]
	members := map[int][]*Endpoint{}
	for _, e := range source.Members {
		class, ok := b.matrix.classOf[e]
		if !ok {
			b.fromStranger(tallies, e)
			continue
		}
		members[class] = append(members[class], e)
		b.toStrangers(tallies, e)
	}
	for class, some := range members {
		b.classes(tallies, class, some)
	}
	for class, some := range members {
		b.single(tallies, class, some)
	}
	row := make([]Crossing, len(b.to))
	for i := range tallies {
		row[i] = b.crossing(&tallies[i], len(source.Members) == 1 && len(b.to[i].Members) == 1)
		row[i].From, row[i].To = from, i
	}
	return row
}

// classes counts the pairs by the ports of their classes, without those of a
// pod with itself. A template stands for several pods, which are others.
func (b *Between) classes(tallies []tally, class int, members []*Endpoint) {
	for i, n := range b.total(class) {
		tallies[i].pairs += n * len(members)
	}
	own := map[int]int{} // pairs of a member with itself, by party
	for _, e := range members {
		if party, ok := b.party[e]; ok && e.same(e) && b.matrix.connected(class, class) {
			own[party]++
			tallies[party].pairs--
			tallies[party].selves++
		}
	}
	for _, i := range b.out[class] {
		for to := range b.bundles[i].To() {
			for _, s := range b.shares[to] {
				n := len(members) * s.members
				if to == class {
					n -= own[s.party]
				}
				tallies[s.party].add(b.of[i], n)
			}
		}
	}
}

// single puts exceptions in the place of the ports of their classes.
func (b *Between) single(tallies []tally, class int, members []*Endpoint) {
	for _, e := range b.exceptions[class] {
		party, ok := b.party[e.To]
		if !ok || e.From == e.To || !slices.Contains(members, e.From) {
			continue
		}
		t, list := &tallies[party], b.ports.id(e.Ports)
		t.add(b.listOf(class, b.matrix.classOf[e.To]), -1)
		if b.WithoutNear {
			t.pairs--
			t.near = append(t.near, list)
			continue
		}
		t.add(list, 1)
	}
}

// listOf returns the ports between two classes.
func (b *Between) listOf(from, to int) int {
	for _, i := range b.out[from] {
		if b.bundles[i].group.to.has(to) {
			return b.of[i]
		}
	}
	return nothing
}

// total returns how many endpoints of each party a class has flows to.
func (b *Between) total(class int) []int {
	var key [3]*uint64
	for i, set := range b.matrix.to[class] {
		if set != nil {
			key[i] = &set[0]
		}
	}
	total, ok := b.totals[key]
	if ok {
		return total
	}
	total = make([]int, len(b.to))
	for to, shares := range b.shares {
		if len(shares) > 0 && b.matrix.connected(class, to) {
			for _, s := range shares {
				total[s.party] += s.members
			}
		}
	}
	b.totals[key] = total
	return total
}

func (b *Between) crossing(t *tally, single bool) Crossing {
	lists := t.lists()
	switch {
	case len(lists) == 0 && len(t.near) > 0:
		lists = t.near
	case len(lists) == 0 && t.selves > 0 && single:
		return Crossing{Reach: ReachAll, Ports: b.ports.whole, Self: true}
	}
	reach, ports := b.ports.sum(lists)
	return Crossing{Reach: reach, Ports: ports}
}
