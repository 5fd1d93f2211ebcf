package netpol

import (
	"fmt"
	"slices"
)

// nothing is the list without ports.
const nothing = 0

// portLists numbers lists of ports, as those of Groups, and sums them up.
type portLists struct {
	lists  [][]OpenPorts
	known  map[*OpenPorts]int // by their first element
	ids    map[string]int     // by their text
	sums   map[string]sumOfLists
	whole  []OpenPorts // everything that was asked for, Allowed
	number int         // of ports that were asked for
}

type sumOfLists struct {
	reach Reach
	ports []OpenPorts
}

func newPortLists(m *Matrix) *portLists {
	p := &portLists{known: map[*OpenPorts]int{}, ids: map[string]int{}, sums: map[string]sumOfLists{}}
	p.id(nil)
	all := make([]Truth, m.cells.count)
	for i := range all {
		all[i] = Yes
	}
	p.whole = m.cells.ports(all)
	for _, open := range p.whole {
		p.number += int(open.Ports.To-open.Ports.From) + 1
	}
	return p
}

// id returns the number of a list.
func (p *portLists) id(ports []OpenPorts) int {
	if len(ports) > 0 {
		if id, ok := p.known[&ports[0]]; ok {
			return id
		}
	}
	key := fmt.Sprint(ports)
	id, ok := p.ids[key]
	if !ok {
		id = len(p.lists)
		p.ids[key] = id
		p.lists = append(p.lists, ports)
	}
	if len(ports) > 0 {
		p.known[&ports[0]] = id
	}
	return id
}

// sum says what is common to lists, of which none may be there twice.
func (p *portLists) sum(ids []int) (Reach, []OpenPorts) {
	if len(ids) == 0 {
		return ReachNoFlow, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	key := fmt.Sprint(ids)
	if known, ok := p.sums[key]; ok {
		return known.reach, known.ports
	}
	ports := p.lists[ids[0]]
	if len(ids) > 1 {
		ports = p.merged(ids)
	}
	reach := p.reach(ports, len(ids) > 1)
	p.sums[key] = sumOfLists{reach, ports}
	return reach, ports
}

func (p *portLists) reach(ports []OpenPorts, differs bool) Reach {
	number := 0
	for _, open := range ports {
		if open.Verdict == Undefined {
			return ReachUndefined
		}
		number += int(open.Ports.To-open.Ports.From) + 1
	}
	switch {
	case differs:
		return ReachMixed
	case number == 0:
		return ReachNone
	case number == p.number:
		return ReachAll
	default:
		return ReachSome
	}
}

// merged joins lists: a port is Undefined where it is in any, and Partly where
// it is Allowed in some only.
func (p *portLists) merged(ids []int) []OpenPorts {
	at := cuts{}
	for _, id := range ids {
		for _, open := range p.lists[id] {
			at.add(open.Ports.Protocol, open.Ports.From, open.Ports.To)
		}
	}
	var merged []OpenPorts
	for _, whole := range p.whole {
		for _, r := range at.within(whole.Ports) {
			seen := map[Verdict]bool{}
			for _, id := range ids {
				seen[verdictAt(p.lists[id], r)] = true
			}
			verdict := worst(seen)
			if verdict == Denied {
				continue
			}
			if n := len(merged); n > 0 && merged[n-1].Verdict == verdict && merged[n-1].Ports.meets(r) {
				merged[n-1].Ports.To = r.To
				continue
			}
			merged = append(merged, OpenPorts{r, verdict})
		}
	}
	return merged
}

func verdictAt(ports []OpenPorts, r PortRange) Verdict {
	for _, open := range ports {
		if open.Ports.overlaps(r) {
			return open.Verdict
		}
	}
	return Denied
}
