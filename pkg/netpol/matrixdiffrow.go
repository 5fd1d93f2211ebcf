package netpol

import "slices"

// diffRower works out what changes for one class of sources after the other.
type diffRower struct {
	*MatrixDiff
	before, after *rower
	known         map[string][]PortChange
}

func newDiffRower(d *MatrixDiff) *diffRower {
	return &diffRower{d, newRower(d.before), newRower(d.after), map[string][]PortChange{}}
}

// row yields the changes of a class. It is false when no more are wanted.
func (r *diffRower) row(from int, yield func(Change) bool) bool {
	r.before.work(from)
	r.after.work(from)
	sources := r.after.classes[from].Members
	for _, g := range r.groups() {
		change := Change{From: sources, Ports: r.changes(g.verdicts), diff: r.MatrixDiff}
		for to := range g.To() {
			change.To = append(change.To, r.after.classes[to].Members...)
		}
		change.To = slices.DeleteFunc(change.To, func(to *Endpoint) bool {
			return !slices.ContainsFunc(sources, func(from *Endpoint) bool { return !r.near(from, to) })
		})
		if len(change.To) > 0 && !yield(change) {
			return false
		}
	}
	for _, source := range sources {
		for _, to := range r.neighbours(source) {
			verdicts := slices.Concat(
				r.before.pair(from, r.old[source], r.old[to]),
				r.after.pair(from, source, to),
			)
			if ports := r.changes(verdicts); len(ports) > 0 && !yield(Change{From: []*Endpoint{source}, To: []*Endpoint{to}, Ports: ports}) {
				return false
			}
		}
	}
	return true
}

// groups divides the destinations for which anything changes. The verdicts of
// a group are those before, then those after.
func (r *diffRower) groups() []Group {
	n := r.after.cells.count
	changed := newBitset(len(r.after.classes))
	for plane := range r.after.reach {
		for c, after := range r.after.reach[plane] {
			for i, word := range r.before.reach[plane][c] {
				changed[i] |= word ^ after[i]
			}
		}
	}
	if changed.empty() {
		return nil
	}
	groups := []Group{{to: changed.window(), verdicts: make([]Truth, 2*n)}}
	for c := range n {
		groups = r.before.divide(groups, c, c)
		groups = r.after.divide(groups, c, n+c)
	}
	return groups
}

// pair returns the verdicts about two endpoints by cell, after work.
func (r *rower) pair(class int, from, to *Endpoint) []Truth {
	verdicts := make([]Truth, r.cells.count)
	id := r.classOf[to]
	if !r.connected(class, id) {
		return verdicts
	}
	least := r.least(from, to)
	for c := range verdicts {
		switch {
		case r.reach[certain][c].has(id):
			verdicts[c] = Yes
		case r.reach[possible][c].has(id):
			verdicts[c] = Maybe
		}
		verdicts[c] = max(verdicts[c], least)
	}
	return verdicts
}

// changes turns verdicts before and after into those about ports: in order,
// neighbours that change alike joined. They are made once for all equal ones.
func (r *diffRower) changes(verdicts []Truth) []PortChange {
	key := make([]byte, 0, len(verdicts))
	for _, v := range verdicts {
		key = append(key, byte(v))
	}
	if known, ok := r.known[string(key)]; ok {
		return known
	}
	var changes []PortChange
	for _, p := range r.after.cells.ranges {
		was, is := verdictOf(verdicts[p.cell]), verdictOf(verdicts[len(verdicts)/2+p.cell])
		if was == is {
			continue
		}
		if n := len(changes); n > 0 && changes[n-1].Before == was && changes[n-1].After == is && changes[n-1].Ports.meets(p.PortRange) {
			changes[n-1].Ports.To = p.To
			continue
		}
		changes = append(changes, PortChange{p.PortRange, was, is})
	}
	r.known[string(key)] = changes
	return changes
}
