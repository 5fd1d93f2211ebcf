package netpol

import "slices"

// surplusFinder finds what makes no difference among the rules that are left.
type surplusFinder struct {
	*Inspector
	rules       []*liveRule // of all policies that select anything, in order
	byPolicy    map[Direction][][]*liveRule
	inNamespace map[string][]*Policy
	shares      map[string]byFamily[bitset] // who shares an address family, by the families of the one
	classes     [][]subjects                // by policy
	cells       *cells
	found       []Surplus
}

// subjects are endpoints that a policy selects and nothing tells apart.
type subjects struct {
	position int // of one of them
	members  []*Endpoint
}

func newSurplusFinder(i *Inspector) *surplusFinder {
	s := &surplusFinder{
		Inspector: i, inNamespace: map[string][]*Policy{}, shares: map[string]byFamily[bitset]{},
		byPolicy: map[Direction][][]*liveRule{Ingress: make([][]*liveRule, len(i.policies)), Egress: make([][]*liveRule, len(i.policies))},
		classes:  make([][]subjects, len(i.policies)),
	}
	var clauses []portClause
	for _, p := range i.policies {
		s.inNamespace[p.Namespace] = append(s.inNamespace[p.Namespace], p)
		for _, r := range slices.Concat(p.ingress, p.egress) {
			clauses = append(clauses, r.ports...)
		}
	}
	clauses = distinct(clauses)
	table := newPortTable(i.field, clauses, &cells{numbers: map[portClause][]int{}})
	table.fill([]*portTable{table}, clauses, nil)
	s.cells = table.cells
	for number, p := range i.policies {
		if !slices.ContainsFunc(i.selected[p], s.counts) {
			continue
		}
		for _, d := range []Direction{Ingress, Egress} {
			if p.isolates[d] {
				s.addRules(number, d, table)
			}
		}
	}
	s.share()
	s.divide(table)
	return s
}

// counts reports whether policies may decide about the endpoint.
func (s *surplusFinder) counts(e *Endpoint) bool {
	return e.Kind == PodEndpoint && (!e.HostNetwork || s.profile != ProfileCommon)
}

func (s *surplusFinder) addRules(number int, d Direction, table *portTable) {
	p := s.Cluster.policies[number]
	for i := range p.rules(d) {
		from := &p.rules(d)[i]
		r := &liveRule{Part: Part{p, d, i, whole, whole}, number: number, peerAt: positions(len(from.peers)), portAt: positions(len(from.ports)), every: table.set(nil)}
		for family := range allFamilies() {
			r.everyone[family] = twofold{s.field.everything, s.field.everything}
		}
		for j := range from.peers {
			matched := matchedPeer{peer: &from.peers[j]}
			for at, family := range allFamilies() {
				matched.at[at] = s.field.match(&from.peers[j], family)
			}
			r.peers = append(r.peers, matched)
		}
		for _, clause := range from.ports {
			r.ports = append(r.ports, matchedPort{clause, table.set([]portClause{clause})})
		}
		r.sum()
		s.rules = append(s.rules, r)
		s.byPolicy[d][number] = append(s.byPolicy[d][number], r)
	}
}

// share finds out between whom there are flows of a family.
func (s *surplusFinder) share() {
	sample, of := map[string]*Endpoint{}, map[string]bitset{}
	for i, e := range s.field.endpoints {
		key := e.families()
		if sample[key] == nil {
			sample[key], of[key] = e, newBitset(len(s.field.endpoints))
		}
		of[key].add(i)
	}
	for key, from := range sample {
		var shared byFamily[bitset]
		for other, set := range of {
			for _, family := range s.families(from, sample[other]) {
				at := slices.Index(allFamilies(), family)
				if shared[at] == nil {
					shared[at] = newBitset(len(s.field.endpoints))
				}
				shared[at].or(set)
			}
		}
		s.shares[key] = shared
	}
}

// families returns all of which flows between the two may be.
func (s *surplusFinder) families(from, to *Endpoint) []Family {
	var all []Family
	for _, family := range allFamilies() {
		a := &answering{Cluster: s.Cluster, question: Question{Family: family}}
		all = append(all, a.families(from, &target{Endpoint: to})...)
	}
	return all
}

// divide makes classes of what each policy selects.
func (s *surplusFinder) divide(table *portTable) {
	p := newPartition(len(s.field.endpoints))
	p.split(s.field.hosts)
	byFamilies := map[string]bitset{}
	bySubject := make([]bitset, len(s.Cluster.policies))
	for i, e := range s.field.endpoints {
		if byFamilies[e.families()] == nil {
			byFamilies[e.families()] = newBitset(len(s.field.endpoints))
		}
		byFamilies[e.families()].add(i)
		for _, number := range e.policies {
			if bySubject[number] == nil {
				bySubject[number] = newBitset(len(s.field.endpoints))
			}
			bySubject[number].add(i)
		}
	}
	for _, set := range byFamilies {
		p.split(set)
	}
	for _, set := range bySubject {
		p.split(set)
	}
	for _, matched := range s.field.peers {
		p.split(matched[certain])
		p.split(matched[possible])
	}
	for _, numbers := range table.resolved {
		for _, at := range numbers {
			p.split(at[certain])
			p.split(at[possible])
		}
	}
	for number, set := range bySubject {
		at := map[int32]int{}
		for i := range set.all() {
			e := s.field.endpoints[i]
			if !s.counts(e) {
				continue
			}
			class, ok := at[p.of[i]]
			if !ok {
				class = len(s.classes[number])
				at[p.of[i]] = class
				s.classes[number] = append(s.classes[number], subjects{position: i})
			}
			s.classes[number][class].members = append(s.classes[number][class].members, e)
		}
	}
}
