package netpol

import "slices"

// shadow reports whether, by their words, other rules allow what a part does.
func (s *surplusFinder) shadow(r, part, rest *liveRule) (Effect, []Part) {
	var by []Part
	all := part.atoms(func(atom *rule) bool {
		if rest != nil && rest.asRule().covers(atom) {
			by = append(by, r.Part)
			return true
		}
		for _, p := range s.inNamespace[r.Policy.Namespace] {
			if !p.subject.covers(r.Policy.subject) || !p.isolates[r.Direction] {
				continue
			}
			for _, other := range s.byPolicy[r.Direction][s.numberOf(p)] {
				if other != r && !other.gone && other.asRule().covers(atom) {
					by = append(by, other.Part)
					return true
				}
			}
		}
		return false
	})
	if !all {
		return "", nil
	}
	return Shadowed, distinctParts(by)
}

func (s *surplusFinder) numberOf(p *Policy) int {
	number, _ := slices.BinarySearchFunc(s.Cluster.policies, p, comparePolicies)
	return number
}

func distinctParts(parts []Part) []Part {
	seen := map[Part]bool{}
	return slices.DeleteFunc(parts, func(p Part) bool {
		was := seen[p]
		seen[p] = true
		return was
	})
}

// today reports what a part adds to the flows between the endpoints that
// there are: Effect "" for any.
func (s *surplusFinder) today(r, part, rest *liveRule) Surplus {
	e := &effect{surplusFinder: s, direction: r.Direction, part: part, used: map[*liveRule]bool{}}
	for _, class := range s.classes[r.number] {
		e.class = class
		e.others = e.others[:0]
		if rest != nil {
			e.others = append(e.others, rest)
		}
		for _, number := range s.field.endpoints[class.position].policies {
			for _, other := range s.byPolicy[r.Direction][number] {
				if other != r && !other.gone {
					e.others = append(e.others, other)
				}
			}
		}
		if e.makesDifference() {
			return Surplus{}
		}
	}
	var by []Part
	for _, other := range s.rules {
		if e.used[other] {
			by = append(by, other.Part)
		}
	}
	switch {
	case e.unmet != nil:
		return Surplus{Effect: Unmet, By: by, Flow: e.unmet}
	case e.meets:
		if rest != nil && e.used[rest] {
			by = append(by, r.Part)
		}
		return Surplus{Effect: Covered, By: by}
	default:
		return Surplus{Effect: Idle}
	}
}

// effect is the search for a flow that a part of a rule makes possible.
type effect struct {
	*surplusFinder
	direction Direction
	part      *liveRule
	class     subjects
	others    []*liveRule // rules for the class beside the part
	lost      bitset
	used      map[*liveRule]bool // those that allow the same
	meets     bool               // endpoints meet the part
	unmet     *Flow              // one that only the other end prevents
}

// makesDifference looks at every family and cell of the flows of the class.
func (e *effect) makesDifference() bool {
	subject := e.field.endpoints[e.class.position]
	for family, sharing := range e.shares[subject.families()] {
		if sharing == nil {
			continue
		}
		for plane := range e.part.reach.peers[family] {
			if plane == possible && subject.HostNetwork {
				continue // whether it is isolated at all is left open
			}
			for cell := range e.part.reach.cells {
				if e.losesAny(family, plane, cell, sharing) {
					return true
				}
			}
		}
	}
	return false
}

// losesAny reports whether the class lacks a flow without the part.
func (e *effect) losesAny(family, plane, cell int, sharing bitset) bool {
	if !e.take(e.part, family, plane, cell) {
		return false
	}
	e.lost.and(sharing)
	if e.lost.empty() {
		return false
	}
	e.meets = true
	for _, other := range e.others {
		if e.cover(other, family, plane, cell) && e.lost.empty() {
			return false
		}
	}
	for position := range e.lost.all() {
		if e.differs(family, plane, cell, position) {
			return true
		}
	}
	return false
}

// take fills lost with whom the rule lets pass, false for nobody.
func (e *effect) take(r *liveRule, family, plane, cell int) bool {
	peers, named := r.reach.peers[family][plane], r.reach.named[cell][plane]
	switch {
	case peers == nil:
		return false
	case r.reach.cells[cell]:
		e.lost = append(e.lost[:0], peers...)
	case named == nil:
		return false
	case e.direction == Egress:
		e.lost = append(e.lost[:0], peers...)
		e.lost.and(named)
	case named.has(e.class.position):
		e.lost = append(e.lost[:0], peers...)
	default:
		return false
	}
	return true
}

// cover takes those out of lost that another rule lets pass.
func (e *effect) cover(r *liveRule, family, plane, cell int) bool {
	peers, named := r.reach.peers[family][plane], r.reach.named[cell][plane]
	all := r.reach.cells[cell] || named != nil && e.direction == Ingress && named.has(e.class.position)
	if peers == nil || !all && (named == nil || e.direction == Ingress) {
		return false
	}
	used := false
	for i, word := range peers {
		if !all {
			word &= named[i]
		}
		used = used || e.lost[i]&word != 0
		e.lost[i] &^= word
	}
	if used {
		e.used[r] = true
	}
	return used
}

// differs reports whether the verdict about any flow between the class and the
// endpoint is another without the part.
func (e *effect) differs(family, plane, cell, position int) bool {
	other := e.field.endpoints[position]
	met := e.otherEnd(family, plane, cell, position)
	fromNode := e.direction == Egress && e.class.members[0].HostNetwork
	accepting := e.accepting(other)
	if !met && e.unmet != nil && !fromNode && len(accepting) == 0 {
		return false // no member gets more
	}
	level := Yes
	if plane == possible {
		level = Maybe
	}
	for _, subject := range e.class.members {
		from, to := other, subject
		if e.direction == Egress {
			from, to = subject, other
		}
		w := walk{Cluster: e.Cluster, Flow: Flow{From: from, To: to, Family: allFamilies()[family]}}
		exempt := w.exempt(Ingress) >= level
		accepted := slices.ContainsFunc(accepting, func(r *rule) bool { return w.peers(r, e.direction.other()) != No })
		switch {
		case from.same(to), exempt && e.direction == Ingress:
		case met || exempt || accepted:
			return true
		default:
			if e.unmet == nil {
				e.unmet = e.flow(from, to, family, cell)
			}
		}
	}
	return false
}

// accepting returns the rules by which the Admin tier of the other end may
// accept what its NetworkPolicies deny.
func (e *effect) accepting(end *Endpoint) []*rule {
	var found []*rule
	for _, number := range end.cluster {
		p := e.clusterPolicies[number]
		for i := range p.rules(e.direction.other()) {
			if r := &p.rules(e.direction.other())[i]; p.Tier == AdminTier && r.action == Accept && !r.closed {
				found = append(found, r)
			}
		}
	}
	return found
}

func (e *effect) flow(from, to *Endpoint, family, cell int) *Flow {
	f := &Flow{From: from, To: to, Family: allFamilies()[family]}
	for _, r := range e.cells.ranges {
		if r.cell == cell {
			f.Protocol, f.Port, f.Last = r.Protocol, r.From, r.To
			break
		}
	}
	return f
}

// otherEnd reports whether the rules that are left for the other end of the
// flow let it pass.
func (e *effect) otherEnd(family, plane, cell, position int) bool {
	end, d := e.field.endpoints[position], Egress
	if e.direction == Egress {
		d = Ingress
	}
	if !e.counts(end) {
		return true
	}
	isolated := false
	for _, number := range end.policies {
		isolated = isolated || e.Cluster.policies[number].isolates[d]
		for _, r := range e.byPolicy[d][number] {
			peers, named := r.reach.peers[family][plane], r.reach.named[cell][plane]
			destination := e.class.position
			if d == Ingress {
				destination = position
			}
			if !r.gone && peers.has(e.class.position) && (r.reach.cells[cell] || named != nil && named.has(destination)) {
				return true
			}
		}
	}
	return !isolated || end.HostNetwork && plane == possible
}
