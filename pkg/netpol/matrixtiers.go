package netpol

import "slices"

// matrixTier is the cluster-wide policies of a tier that select anything: in
// ranks, of which those before are asked first, and apart from these the ones
// without a priority.
type matrixTier struct {
	ranks    [][]*tierPolicy
	unranked []*tierPolicy
}

// tierPolicy is a cluster-wide policy with its rules, clauses matched.
type tierPolicy struct {
	subjects twofold
	rules    map[Direction][]*tierRule
}

// tierRule is one rule of a tierPolicy.
type tierRule struct {
	flatRule
	action outcomes
}

// has reports whether any of its policies has rules for the direction.
func (t *matrixTier) has(d Direction) bool {
	for p := range t.all() {
		if len(p.rules[d]) > 0 {
			return true
		}
	}
	return false
}

func (t *matrixTier) all() func(func(*tierPolicy) bool) {
	return func(yield func(*tierPolicy) bool) {
		for _, p := range slices.Concat(append(slices.Clone(t.ranks), t.unranked)...) {
			if !yield(p) {
				return
			}
		}
	}
}

// flattenTiers collects the rules of cluster-wide policies that select
// anything.
func (b *matrixBuilder) flattenTiers() {
	var last *Policy
	for _, p := range b.cluster.clusterPolicies {
		subjects := b.field.match(&p.pods, AnyFamily)
		if subjects[possible].empty() {
			continue
		}
		made := &tierPolicy{subjects: subjects, rules: map[Direction][]*tierRule{}}
		for _, d := range []Direction{Egress, Ingress} {
			made.rules[d] = b.flatTier(p.rules(d))
		}
		tier := b.tier(p.Tier)
		switch {
		case p.Priority == nil:
			tier.unranked = append(tier.unranked, made)
		case last != nil && last.Tier == p.Tier && *last.Priority == *p.Priority:
			tier.ranks[len(tier.ranks)-1] = append(tier.ranks[len(tier.ranks)-1], made)
		default:
			tier.ranks = append(tier.ranks, []*tierPolicy{made})
		}
		if p.Priority != nil {
			last = p
		}
		b.planes = 2 // policies of one priority may leave anything open
	}
	for _, tier := range []Tier{AdminTier, BaselineTier} {
		if len(b.cluster.unreadTiers[tier]) > 0 && !b.complete {
			b.tier(tier).unranked = append(b.tier(tier).unranked, b.unreadPolicy())
			b.planes = 2
		}
	}
}

func (b *matrixBuilder) tier(tier Tier) *matrixTier {
	if tier == BaselineTier {
		return &b.baseline
	}
	return &b.admin
}

// unreadPolicy stands for those of a tier that could not be read: they may
// select every pod, and accept and deny everything. See clusterPoliciesOf.
func (b *matrixBuilder) unreadPolicy() *tierPolicy {
	p := &tierPolicy{subjects: twofold{b.nobody, b.field.pods.without(b.field.hosts)}, rules: map[Direction][]*tierRule{}}
	for _, d := range []Direction{Egress, Ingress} {
		for _, action := range []outcomes{accepts, denies} {
			r := &tierRule{action: action}
			for i := range r.peers {
				r.peers[i] = twofold{b.nobody, b.field.everything}
			}
			p.rules[d] = append(p.rules[d], r)
		}
	}
	return p
}

func (b *matrixBuilder) flatTier(rules []rule) []*tierRule {
	var flat []*tierRule
	for i := range rules {
		r := &rules[i]
		if r.closed && r.action == Accept {
			continue
		}
		made := &tierRule{flatRule: *b.flat([]rule{*r}, nil)[0], action: r.action.set()}
		made.ports = expanded(r.ports)
		for family, peers := range made.peers {
			if r.unknown != "" && peers[possible] != nil {
				made.peers[family][certain] = b.nobody
			}
		}
		flat = append(flat, made)
	}
	return flat
}

// fallsTo returns what NetworkPolicies leave to the Baseline tier: at most, and
// for sure. Those that were not read may decide; strictly, those of the other
// direction too.
func (b *matrixBuilder) fallsTo(d Direction) twofold {
	free := b.field.everything.without(b.isolated[d])
	half := b.nobody
	if b.cluster.profile == ProfileSpec {
		half = b.isolated[d.other()]
	}
	return b.pair(twofold{free, free.without(half).without(b.field.unread)})
}

// tierRules are those of both tiers.
func (b *matrixBuilder) tierRules() []*tierRule {
	var rules []*tierRule
	for _, tier := range []*matrixTier{&b.admin, &b.baseline} {
		for p := range tier.all() {
			rules = append(append(rules, p.rules[Egress]...), p.rules[Ingress]...)
		}
	}
	return rules
}

// packTiers makes sets of classes of their sets.
func (b *matrixBuilder) packTiers() {
	rules := b.tierRules()
	if len(rules) == 0 {
		return
	}
	b.falls = map[Direction]twofold{Ingress: b.fallsTo(Ingress), Egress: b.fallsTo(Egress)}
	for _, tier := range []*matrixTier{&b.admin, &b.baseline} {
		for p := range tier.all() {
			p.subjects = b.pair(p.subjects)
		}
	}
	for _, r := range rules {
		r.set = b.table.set(r.ports)
		for i := range r.peers {
			r.peers[i] = b.pair(r.peers[i])
		}
	}
	b.nobody = b.packed(b.nobody)
}
