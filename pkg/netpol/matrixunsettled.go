package netpol

import "slices"

// Unsettled counts the pairs of endpoints that are Undefined on some port
// before and after, although the policies that decide differ: whether anything
// changes between them is not known. It returns the first of them, too.
func (d *MatrixDiff) Unsettled() (pairs int, from, to *Endpoint) {
	if d.before.planes == 1 || d.after.planes == 1 {
		return 0, nil, nil
	}
	sent, received := d.touched(Egress), d.touched(Ingress)
	before, after := newRower(d.before), newRower(d.after)
	for source := range d.after.classes {
		before.work(source)
		after.work(source)
		open := newBitset(len(d.after.classes))
		for c := range after.cells.count {
			for i := range open {
				was := before.reach[possible][c][i] &^ before.reach[certain][c][i]
				is := after.reach[possible][c][i] &^ after.reach[certain][c][i]
				open[i] |= was & is
			}
		}
		if !sent.has(source) {
			open.and(received)
		}
		for destination := range open.all() {
			n, source, destination := d.apart(d.after.classes[source].Members, d.after.classes[destination].Members)
			if pairs == 0 {
				from, to = source, destination
			}
			pairs += n
		}
	}
	return pairs, from, to
}

// apart counts the pairs that are not near, whose verdicts are those of the
// classes, and returns the first.
func (d *MatrixDiff) apart(sources, destinations []*Endpoint) (n int, from, to *Endpoint) {
	for _, source := range sources {
		for _, destination := range destinations {
			if d.near(source, destination) {
				continue
			}
			if n == 0 {
				from, to = source, destination
			}
			n++
		}
	}
	return n, from, to
}

// touched returns the classes for which other policies count in a direction
// than before. Those of one class are selected alike.
func (d *MatrixDiff) touched(direction Direction) bitset {
	later := map[[3]string]*Policy{}
	for _, p := range d.after.cluster.allPolicies() {
		later[[3]string{p.Kind, p.Namespace, p.Name}] = p
	}
	same := map[*Policy]*Policy{}
	for _, p := range d.before.cluster.allPolicies() {
		if is := later[[3]string{p.Kind, p.Namespace, p.Name}]; is != nil && p.Same(is) {
			same[p] = is
		}
	}
	found := newBitset(len(d.after.classes))
	for id, class := range d.after.classes {
		is := class.Members[0]
		var old, now []*Policy
		for p := range d.before.cluster.policiesOf(d.old[is]) {
			if p.countsFor(direction) {
				old = append(old, same[p])
			}
		}
		for p := range d.after.cluster.policiesOf(is) {
			if p.countsFor(direction) {
				now = append(now, p)
			}
		}
		if !slices.Equal(old, now) {
			found.add(id)
		}
	}
	return found
}

// countsFor reports whether the policy decides anything in the direction.
func (p *Policy) countsFor(d Direction) bool {
	return p.isolates[d] || p.Tier != NetworkPolicyTier && len(p.rules(d)) > 0
}
