package netpol

import (
	"fmt"
	"slices"
)

// portSet is what the ports of a rule are on each destination.
type portSet struct {
	cells []int // on all of them
	named []namedCell
}

// namedCell is a cell that is meant on some destinations only: those where a
// container has a port of the name there.
type namedCell struct {
	cell int
	at   twofold
}

// cells cuts the ports of all protocols into as few cells as the rules allow:
// no rule tells the ports of one apart, which may be of several protocols.
type cells struct {
	count    int
	ranges   []cellRange // in order
	numbers  map[portClause][]int
	names    map[portClause][]namedCell
	resolved map[portClause]map[int32]twofold
	sets     map[string]*portSet
}

type cellRange struct {
	PortRange
	cell int
}

// newCells makes the cells for the rules; of ports that are asked for only,
// if any are.
func newCells(f *field, rules []*flatRule, asked []PortRange) *cells {
	c := &cells{
		numbers: map[portClause][]int{}, names: map[portClause][]namedCell{},
		resolved: map[portClause]map[int32]twofold{}, sets: map[string]*portSet{},
	}
	at := cuts{}
	var clauses []portClause // in the order of the rules
	for _, r := range rules {
		for _, clause := range r.ports {
			if !slices.Contains(clauses, clause) {
				clauses = append(clauses, clause)
			}
		}
	}
	for _, clause := range clauses {
		if clause.name == "" {
			at.add(clause.protocol, clause.from, clause.to)
			continue
		}
		c.resolved[clause] = f.named(clause)
		for number := range c.resolved[clause] {
			at.add(clause.protocol, number, number)
		}
	}
	known := map[string]int{}
	if len(asked) == 0 {
		for _, protocol := range Protocols() {
			asked = append(asked, PortRange{protocol, 1, maxPort})
		}
	}
	for _, whole := range joined(asked) {
		if whole.Protocol == ProtocolICMP { // not a matter of rules
			continue
		}
		for _, r := range at.within(whole) {
			c.place(r, clauses, known)
		}
	}
	return c
}

// place puts the range into the cell of those that the same clauses name.
func (c *cells) place(r PortRange, clauses []portClause, known map[string]int) {
	var naming []int
	for i, clause := range clauses {
		_, resolves := c.resolved[clause][r.From]
		if clause.protocol == r.Protocol && (resolves || clause.from <= r.From && r.To <= clause.to) {
			naming = append(naming, i)
		}
	}
	id, ok := known[fmt.Sprint(naming)]
	if ok && !slices.ContainsFunc(naming, func(i int) bool { return clauses[i].name != "" }) {
		c.ranges = append(c.ranges, cellRange{r, id})
		return
	}
	id = c.count
	c.count++
	known[fmt.Sprint(naming)] = id
	c.ranges = append(c.ranges, cellRange{r, id})
	for _, i := range naming {
		if clauses[i].name == "" {
			c.numbers[clauses[i]] = append(c.numbers[clauses[i]], id)
		} else {
			c.names[clauses[i]] = append(c.names[clauses[i]], namedCell{id, c.resolved[clauses[i]][r.From]})
		}
	}
}

// set returns the ports of a rule.
func (c *cells) set(ports []portClause) *portSet {
	key := fmt.Sprint(ports)
	if known := c.sets[key]; known != nil {
		return known
	}
	s := &portSet{}
	c.sets[key] = s
	if len(ports) == 0 {
		for id := range c.count {
			s.cells = append(s.cells, id)
		}
	}
	for _, clause := range ports {
		s.cells = append(s.cells, c.numbers[clause]...)
		s.named = append(s.named, c.names[clause]...)
	}
	slices.Sort(s.cells)
	s.cells = slices.Compact(s.cells)
	return s
}

// ports turns the verdict for every cell into that for ports, without those
// that are Denied: in order, neighbours of one verdict joined.
func (c *cells) ports(verdicts []Truth) []OpenPorts {
	var open []OpenPorts
	for _, r := range c.ranges {
		verdict := verdictOf(verdicts[r.cell])
		if verdict == Denied {
			continue
		}
		if n := len(open); n > 0 && open[n-1].Verdict == verdict && open[n-1].Ports.Protocol == r.Protocol && open[n-1].Ports.To+1 == r.From {
			open[n-1].Ports.To = r.To
			continue
		}
		open = append(open, OpenPorts{r.PortRange, verdict})
	}
	return slices.Clip(open)
}
