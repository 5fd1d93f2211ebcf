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
	return newMatrices([]*field{newField(c, c.everyone())}, options, false)[0]
}

// newMatrices returns a matrix of each field, which have the same endpoints at
// the same positions: classes and cells are those that none of them tells
// apart. Complete ones are made as if no cluster-wide policy were unread.
func newMatrices(fields []*field, options MatrixOptions, complete bool) []*Matrix {
	var (
		p        = newPartition(len(fields[0].endpoints))
		shared   = &cells{numbers: map[portClause][]int{}}
		builders []*matrixBuilder
		clauses  []portClause
		tables   []*portTable
		matrices []*Matrix
	)
	for _, f := range fields {
		b := newMatrixBuilder(f, options)
		b.complete = complete
		b.share()
		b.flatten()
		b.flattenTiers()
		builders, clauses = append(builders, b), append(clauses, b.clauses()...)
	}
	clauses = distinct(clauses)
	for _, b := range builders {
		b.table = newPortTable(b.field, clauses, shared)
		tables = append(tables, b.table)
	}
	shared.fill(tables, clauses, options.Ports)
	for _, b := range builders {
		b.tellApart(p)
	}
	for _, b := range builders {
		b.cells = shared
		b.pack(p)
		matrices = append(matrices, b.Matrix)
	}
	return matrices
}

func distinct(clauses []portClause) []portClause {
	seen := map[portClause]bool{}
	return slices.DeleteFunc(clauses, func(clause portClause) bool {
		was := seen[clause]
		seen[clause] = true
		return was
	})
}

// matrixBuilder makes a Matrix. Its sets are of endpoints, until pack makes
// them sets of classes.
type matrixBuilder struct {
	*Matrix
	field    *field
	table    *portTable
	subjects []bitset // by policy
	inRules  []*flatRule
	outRules [][]*flatRule // by policy
	isolated map[Direction]bitset
	profiles map[string]bitset           // endpoints by the families of their addresses
	shared   map[string]byFamily[bitset] // destinations by the profile of the source
	unions   map[string]twofold          // of peers, by their keys
	ids      []int32                     // the class of each endpoint
	done     map[*uint64]bitset          // packed sets, by the first word of the original
}

func newMatrixBuilder(f *field, options MatrixOptions) *matrixBuilder {
	n := len(f.endpoints)
	return &matrixBuilder{
		Matrix: &Matrix{
			cluster: f.Cluster, options: options, everyone: f.endpoints, classOf: map[*Endpoint]int{}, onNode: map[string][]*Endpoint{}, planes: 1,
			nobody: newBitset(n),
		},
		field: f, subjects: make([]bitset, len(f.policies)), outRules: make([][]*flatRule, len(f.policies)),
		isolated: map[Direction]bitset{Ingress: newBitset(n), Egress: newBitset(n)},
		profiles: map[string]bitset{}, shared: map[string]byFamily[bitset]{},
		unions: map[string]twofold{}, done: map[*uint64]bitset{},
	}
}

// clauses returns the ports of all rules.
func (b *matrixBuilder) clauses() []portClause {
	var clauses []portClause
	for _, r := range slices.Concat(b.inRules, slices.Concat(b.outRules...)) {
		clauses = append(clauses, r.ports...)
	}
	for _, r := range b.tierRules() {
		clauses = append(clauses, r.ports...)
	}
	return clauses
}

// share finds out which flows are of which family: that follows from the
// families of the addresses at both ends.
func (b *matrixBuilder) share() {
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
