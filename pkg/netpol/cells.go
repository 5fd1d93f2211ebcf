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
	count   int
	ranges  []cellRange // in order
	numbers map[portClause][]int
}

type cellRange struct {
	PortRange
	cell int
}

// portTable finds the cells of what one cluster's rules name.
type portTable struct {
	*cells
	anyone   twofold                          // every destination may be meant
	resolved map[portClause]map[int32]twofold // the pods with a named port, by its number
	names    map[portClause][]namedCell
	sets     map[string]*portSet
}

func newPortTable(f *field, clauses []portClause, shared *cells) *portTable {
	t := &portTable{shared, twofold{newBitset(len(f.endpoints)), f.everything}, map[portClause]map[int32]twofold{}, map[portClause][]namedCell{}, map[string]*portSet{}}
	for _, clause := range clauses {
		if clause.name != "" {
			t.resolved[clause] = f.named(clause)
		}
	}
	return t
}

// fill makes the cells for all tables, which share them; of ports that are
// asked for only, if any are.
func (c *cells) fill(tables []*portTable, clauses []portClause, asked []PortRange) {
	at := cuts{}
	for _, clause := range clauses {
		if clause.name == "" {
			at.add(clause.protocol, clause.from, clause.to)
		}
		for _, t := range tables {
			for number := range t.resolved[clause] {
				at.add(clause.protocol, number, number)
			}
		}
	}
	if len(asked) == 0 {
		for _, protocol := range Protocols() {
			asked = append(asked, PortRange{protocol, 1, maxPort})
		}
	}
	known := map[string]int{}
	for _, whole := range joined(asked) {
		if whole.Protocol == ProtocolICMP { // not a matter of rules
			continue
		}
		for _, r := range at.within(whole) {
			c.place(r, tables, clauses, known)
		}
	}
	for _, clause := range clauses {
		for _, t := range tables {
			t.addUnknown(clause)
		}
	}
}

// addUnknown adds a clause of which it is not known what it matches.
func (t *portTable) addUnknown(clause portClause) {
	for id := range t.count {
		if clause.unknown != "" {
			t.names[clause] = append(t.names[clause], namedCell{id, t.anyone})
		}
	}
}

// place puts the range into the cell of those that the same numbers name. One
// with a name has a cell of its own: pods differ there.
func (c *cells) place(r PortRange, tables []*portTable, clauses []portClause, known map[string]int) {
	id := c.count
	named := false
	var numbers []portClause
	for _, clause := range clauses {
		if clause.protocol != r.Protocol {
			continue
		}
		if clause.name == "" && clause.from <= r.From && r.To <= clause.to {
			numbers = append(numbers, clause)
		}
		for _, t := range tables {
			if at, ok := t.resolved[clause][r.From]; ok {
				named = true
				t.names[clause] = append(t.names[clause], namedCell{id, at})
			}
		}
	}
	key := fmt.Sprint(numbers)
	if same, ok := known[key]; ok && !named {
		c.ranges = append(c.ranges, cellRange{r, same})
		return
	}
	c.count++
	c.ranges = append(c.ranges, cellRange{r, id})
	for _, clause := range numbers {
		c.numbers[clause] = append(c.numbers[clause], id)
	}
	if !named {
		known[key] = id
	}
}

// set returns the ports of a rule.
func (t *portTable) set(ports []portClause) *portSet {
	key := fmt.Sprint(ports)
	if known := t.sets[key]; known != nil {
		return known
	}
	s := &portSet{}
	t.sets[key] = s
	if len(ports) == 0 {
		for id := range t.count {
			s.cells = append(s.cells, id)
		}
	}
	for _, clause := range ports {
		s.cells = append(s.cells, t.numbers[clause]...)
		s.named = append(s.named, t.names[clause]...)
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
		if n := len(open); n > 0 && open[n-1].Verdict == verdict && open[n-1].Ports.meets(r.PortRange) {
			open[n-1].Ports.To = r.To
			continue
		}
		open = append(open, OpenPorts{r.PortRange, verdict})
	}
	return slices.Clip(open)
}

// meets reports whether the other range begins where this one ends.
func (r PortRange) meets(other PortRange) bool {
	return r.Protocol == other.Protocol && r.To+1 == other.From
}
