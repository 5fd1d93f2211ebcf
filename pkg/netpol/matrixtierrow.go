package netpol

import "slices"

// tierSets are the destinations, by cell, for which a tier may come to an
// outcome about flows from one class.
type tierSets struct {
	accepts, denies, next []bitset
	left, none, own       []bitset // while it works
	key, scratch          []byte   // of the rules that apply: equal ones have equal sets
	any                   bool     // any rule applies
	unread                bitset   // destinations about which unread policies may decide; nil for none
}

func (m *Matrix) newTierSets() *tierSets {
	return &tierSets{accepts: m.perCell(), denies: m.perCell(), next: m.perCell(), left: m.perCell(), none: m.perCell(), own: m.perCell()}
}

// work finds the sets for a source, unless they are the last one's.
func (s *tierSets) work(m *Matrix, t *matrixTier, d Direction, from, family int) {
	s.scratch = s.scratch[:0]
	applies := false
	for p := range t.all() {
		s.scratch = append(s.scratch, byte(p.subjects.member(from)))
		for _, r := range p.rules[d] {
			fit := p.fits(r, d, from, family)
			applies = applies || fit != No
			s.scratch = append(s.scratch, byte(fit))
		}
	}
	s.any = applies
	if !applies || string(s.key) == string(s.scratch) {
		return
	}
	s.key, s.scratch = s.scratch, s.key
	for c := range s.next {
		clear(s.accepts[c])
		clear(s.denies[c])
		clear(s.next[c])
		copy(s.left[c], m.all)
	}
	for _, rank := range t.ranks {
		s.rank(rank, d, from, family)
	}
	if len(t.unranked) == 0 {
		s.finish()
		return
	}
	ranked := m.perCell()
	for c := range ranked {
		copy(ranked[c], s.left[c])
		copy(s.left[c], m.all)
	}
	s.rank(t.unranked, d, from, family)
	for c := range ranked {
		s.left[c].and(ranked[c])
	}
	s.finish()
}

// finish adds what no rule decides to what is left to the next tier.
func (s *tierSets) finish() {
	for c, left := range s.left {
		s.next[c].or(left)
	}
}

// rank asks policies of one priority about what those before leave: see
// either.
func (s *tierSets) rank(policies []*tierPolicy, d Direction, from, family int) {
	if len(policies) == 1 {
		s.policy(s.left, policies[0], d, from, family)
		return
	}
	for c := range s.none {
		copy(s.none[c], s.left[c])
	}
	for _, p := range policies {
		for c := range s.own {
			copy(s.own[c], s.left[c])
		}
		s.policy(s.own, p, d, from, family)
		for c := range s.own {
			s.none[c].and(s.own[c])
		}
	}
	s.left, s.none = s.none, s.left
}

// policy asks one policy about what is left. Subjects that it may select are
// left again.
func (s *tierSets) policy(left []bitset, p *tierPolicy, d Direction, from, family int) {
	if p.subjects.sure() {
		s.rules(left, p, d, from, family)
		return
	}
	before := make([]bitset, len(left))
	for c := range left {
		before[c] = slices.Clone(left[c])
	}
	s.rules(left, p, d, from, family)
	unsure := p.subjects[possible].without(p.subjects[certain])
	for c := range left {
		switch {
		case d == Ingress:
			left[c].orBoth(before[c], unsure)
		case unsure.has(from):
			left[c].or(before[c])
		}
	}
}

// rules goes through those of a policy, of which the first that matches
// decides about what it selects.
func (s *tierSets) rules(left []bitset, p *tierPolicy, d Direction, from, family int) {
	for _, r := range p.rules[d] {
		fit := p.fits(r, d, from, family)
		if fit == No {
			continue
		}
		to := s.into(r.action)
		others := twofold{p.subjects[possible], p.subjects[possible]}
		if d == Egress {
			others = r.peers[family]
		}
		for _, c := range r.set.cells {
			to[c].orBoth(left[c], others[possible])
			if fit == Yes {
				left[c].andNot(others[certain])
			}
		}
		for _, named := range r.set.named {
			to[named.cell].orThree(left[named.cell], others[possible], named.at[possible])
			if fit == Yes {
				left[named.cell].andNotBoth(others[certain], named.at[certain])
			}
		}
	}
}

func (s *tierSets) into(action outcomes) []bitset {
	switch action {
	case accepts:
		return s.accepts
	case denies:
		return s.denies
	default:
		return s.next
	}
}

// fits reports whether the rule is about the source, as its subject or as its
// peer.
func (p *tierPolicy) fits(r *tierRule, d Direction, from, family int) Truth {
	if d == Egress { // whether it is selected for sure is for policy to say
		return truth(r.peers[family][possible] != nil && p.subjects[possible].has(from))
	}
	return r.peers[family].member(from)
}

// rowTiers are the tiers before and after NetworkPolicies in one direction.
type rowTiers struct{ admin, baseline *tierSets }

// unreadFor returns the destinations of which policies that were not read may
// decide about flows of the class; nil for none.
func (t *matrixTier) unreadFor(d Direction, from int, all bitset) bitset {
	switch {
	case t.unread == nil || d == Ingress:
		return t.unread
	case t.unread.has(from):
		return all
	default:
		return nil
	}
}

// withTiers adds what the tiers of cluster-wide policies make of what
// NetworkPolicies let pass both ways.
func (r *rower) withTiers(from, family, plane int) {
	if t := r.tiersOf(Egress, family); t != nil {
		free := r.nobody
		if r.falls[Egress][plane].has(from) {
			free = r.all
		}
		t.work(r.Matrix, Egress, from, family)
		t.apply(plane, r.out, free)
	}
	if t := r.tiersOf(Ingress, family); t != nil {
		t.work(r.Matrix, Ingress, from, family)
		t.apply(plane, r.in, r.falls[Ingress][plane])
	}
}

// tiersOf returns the sets for flows of a family: those of one row are often
// those of the next.
func (r *rower) tiersOf(d Direction, family int) *rowTiers {
	byFamily := r.tiers[d]
	if byFamily == nil {
		return nil
	}
	if byFamily[family] == nil {
		byFamily[family] = &rowTiers{r.newTierSets(), r.newTierSets()}
	}
	return byFamily[family]
}

func (t *rowTiers) work(m *Matrix, d Direction, from, family int) {
	t.admin.work(m, &m.admin, d, from, family)
	t.admin.unread = m.admin.unreadFor(d, from, m.all)
	t.baseline.work(m, &m.baseline, d, from, family)
	t.baseline.unread = m.baseline.unreadFor(d, from, m.all)
}

// apply changes the sets of what passes, by cell. What is free is left to the
// Baseline tier.
func (t *rowTiers) apply(plane int, sets []bitset, free bitset) {
	for c, set := range sets {
		if t.baseline.any {
			t.baseline.fallback(c, plane, set, free)
		}
		if t.baseline.unread != nil && plane == certain {
			for i, word := range t.baseline.unread {
				set[i] &^= word & free[i]
			}
		}
		if t.admin.any {
			t.admin.overrule(c, plane, set)
		}
		switch {
		case t.admin.unread == nil:
		case plane == possible:
			set.or(t.admin.unread)
		default:
			set.andNot(t.admin.unread)
		}
	}
}

// fallback takes out of what is free what the Baseline tier denies.
func (s *tierSets) fallback(c, plane int, set, free bitset) {
	for i, denied := range s.denies[c] {
		if plane == possible {
			denied &^= s.accepts[c][i] | s.next[c][i]
			if s.unread != nil {
				denied &^= s.unread[i]
			}
		}
		set[i] &^= denied & free[i]
	}
}

// overrule applies what the Admin tier decides.
func (s *tierSets) overrule(c, plane int, set bitset) {
	for i, next := range s.next[c] {
		if plane == possible {
			set[i] = s.accepts[c][i] | next&set[i]
		} else {
			set[i] = (^next | set[i]) &^ s.denies[c][i]
		}
	}
}
