package netpol

// partition is a division of endpoints into parts that nothing tells apart so
// far.
type partition struct {
	of     []int32 // the part of each endpoint
	size   []int32 // of each part
	inside []int32 // how many of each part a split finds in its set
	fresh  []int32 // the part that those become
	parts  []int32 // those that have any
}

func newPartition(n int) *partition {
	return &partition{of: make([]int32, n), size: []int32{int32(n)}, inside: []int32{0}, fresh: []int32{0}}
}

// split tells those in the set from all others.
func (p *partition) split(set bitset) {
	p.parts = p.parts[:0]
	for i := range set.all() {
		part := p.of[i]
		if p.inside[part] == 0 {
			p.parts = append(p.parts, part)
		}
		p.inside[part]++
	}
	for i := range set.all() {
		part := p.of[i]
		if p.inside[part] == p.size[part] { // no others there, or moved already
			continue
		}
		if p.fresh[part] == 0 {
			p.fresh[part] = int32(len(p.size))
			p.size, p.inside, p.fresh = append(p.size, 0), append(p.inside, 0), append(p.fresh, 0)
		}
		p.size[p.fresh[part]]++
		p.of[i] = p.fresh[part]
	}
	for _, part := range p.parts {
		if p.fresh[part] != 0 {
			p.size[part] -= p.inside[part]
		}
		p.inside[part], p.fresh[part] = 0, 0
	}
}

// Class is a set of endpoints that no policy tells apart: flows from, and
// flows to, any of them have the same verdicts. See Exception for what a pod
// gets from itself and from its node.
type Class struct {
	ID      int // position in Matrix.Classes
	Members []*Endpoint
}

// classes returns the parts in the order of their first endpoints, and the
// class of every endpoint.
func (p *partition) classes(endpoints []*Endpoint) ([]Class, []int32) {
	ids := make([]int32, len(p.size)) // one more than the class's, 0 for none yet
	of := make([]int32, len(endpoints))
	var classes []Class
	for i, e := range endpoints {
		part := p.of[i]
		if ids[part] == 0 {
			classes = append(classes, Class{ID: len(classes)})
			ids[part] = int32(len(classes))
		}
		of[i] = ids[part] - 1
		classes[of[i]].Members = append(classes[of[i]].Members, e)
	}
	return classes, of
}
