package netpol

import (
	"slices"
	"strings"
)

// flatRule is a rule of a policy that selects something, with its clauses
// matched.
type flatRule struct {
	ports    []portClause
	set      *portSet
	subjects bitset            // of the policy
	near     window            // the same, when they are classes
	peers    byFamily[twofold] // none where no flow is of the family
}

// Matrix works out what rows have in common.
func (c *Cluster) Matrix(options MatrixOptions) *Matrix {
	f := newField(c)
	b := &matrixBuilder{
		Matrix: &Matrix{cluster: c, options: options, planes: 1, classOf: map[*Endpoint]int{}, onNode: map[string][]*Endpoint{}},
		field:  f, partition: newPartition(len(f.endpoints)), subjects: make([]bitset, len(c.policies)),
		unions: map[string]twofold{}, done: map[*uint64]bitset{},
	}
	b.share()
	b.flatten()
	b.cells = newCells(f, slices.Concat(b.inRules, slices.Concat(b.outRules...)), options.Ports)
	b.tellApart()
	b.pack()
	return b.Matrix
}

// matrixBuilder makes a Matrix. Its sets are of endpoints, until pack makes
// them sets of classes.
type matrixBuilder struct {
	*Matrix
	field     *field
	partition *partition
	subjects  []bitset // by policy
	inRules   []*flatRule
	outRules  [][]*flatRule // by policy
	isolated  map[Direction]bitset
	profiles  map[string]bitset           // endpoints by the families of their addresses
	shared    map[string]byFamily[bitset] // destinations by the profile of the source
	unions    map[string]twofold          // of peers, by their keys
	ids       []int32                     // the class of each endpoint
	done      map[*uint64]bitset          // packed sets, by the first word of the original
}

// share finds out which flows are of which family: that follows from the
// families of the addresses at both ends.
func (b *matrixBuilder) share() {
	b.profiles, b.shared = map[string]bitset{}, map[string]byFamily[bitset]{}
	sample := map[string]*Endpoint{}
	for i, e := range b.field.endpoints {
		key := e.families()
		if sample[key] == nil {
			sample[key], b.profiles[key] = e, newBitset(len(b.field.endpoints))
		}
		b.profiles[key].add(i)
	}
	a := &answering{Cluster: b.cluster, question: Question{Family: b.options.Family}}
	for profile, from := range sample {
		var to byFamily[bitset]
		for other, set := range b.profiles {
			if common := a.families(from, &target{Endpoint: sample[other]}); len(common) > 0 {
				i := slices.Index(allFamilies(), common[0])
				if to[i] == nil {
					to[i] = newBitset(len(b.field.endpoints))
				}
				to[i].or(set)
			}
		}
		b.shared[profile] = to
	}
}

// families tells endpoints apart whose addresses are of different families or
// in a different order of them.
func (e *Endpoint) families() string {
	var s strings.Builder
	for _, addr := range e.Addresses {
		if family := string('0' + rune(familyOf(addr))); !strings.Contains(s.String(), family) {
			s.WriteString(family)
		}
	}
	return s.String()
}

// flatten collects the rules of policies that select anything.
func (b *matrixBuilder) flatten() {
	n := len(b.field.endpoints)
	for i, e := range b.field.endpoints {
		if e.HostNetwork && b.cluster.profile == ProfileCommon {
			continue
		}
		for _, p := range e.policies {
			if b.subjects[p] == nil {
				b.subjects[p] = newBitset(n)
			}
			b.subjects[p].add(i)
		}
	}
	b.isolated = map[Direction]bitset{Ingress: newBitset(n), Egress: newBitset(n)}
	b.outRules = make([][]*flatRule, len(b.subjects))
	for i, subjects := range b.subjects {
		p := b.cluster.policies[i]
		if subjects == nil {
			continue
		}
		if p.isolates[Ingress] {
			b.isolated[Ingress].or(subjects)
			b.inRules = append(b.inRules, b.flat(p.ingress, subjects)...)
		}
		if p.isolates[Egress] {
			b.isolated[Egress].or(subjects)
			b.outRules[i] = b.flat(p.egress, subjects)
		}
	}
}

func (b *matrixBuilder) flat(rules []rule, subjects bitset) []*flatRule {
	var flat []*flatRule
	for _, r := range rules {
		f := &flatRule{ports: r.ports, subjects: subjects}
		for i, family := range allFamilies() {
			if b.hasFlows(i) {
				f.peers[i] = b.peers(r.peers, family)
			}
		}
		flat = append(flat, f)
	}
	return flat
}

// hasFlows reports whether any flow is of the family.
func (b *matrixBuilder) hasFlows(family int) bool {
	for _, to := range b.shared {
		if to[family] != nil {
			return true
		}
	}
	return false
}

// peers returns what any of the peers describes; all without any.
func (b *matrixBuilder) peers(peers []peer, family Family) twofold {
	if len(peers) == 0 {
		return twofold{b.field.everything, b.field.everything}
	}
	var keys strings.Builder
	for i := range peers {
		keys.WriteString(peers[i].key(family) + "\n")
	}
	union, ok := b.unions[keys.String()]
	if !ok {
		union = newTwofold(len(b.field.endpoints))
		for i := range peers {
			union.or(b.field.match(&peers[i], family))
		}
		b.unions[keys.String()] = union
	}
	return union
}
