package generate

import (
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// generator is the state of one Generate.
type generator struct {
	cluster  *netpol.Cluster
	drafter  *draft.Drafter
	options  Options
	subjects map[*draft.Unit]bool
	plans    map[*draft.Unit]*plan
	flows    []*Flow // that some rule is for
	left     map[string][]Flow
	result   *Result

	objectsOf map[string]snapshot.Object // by the names of endpoints
}

// plan is what the policy of one unit has to allow.
type plan struct {
	unit  *draft.Unit
	name  string // of the policy
	parts []*part
	byKey map[string]*part
	flows []*Flow // that have an end in the unit
}

// part is the least that a rule can allow, and what for.
type part struct {
	draft.Atom
	direction netpol.Direction
	peers     []*draft.Unit // that the peer stands for; none for addresses
	flows     []*Flow
}

// take finds out which policies have to allow a flow.
func (g *generator) take(f *Flow) {
	if reason := g.refusal(f); reason != "" {
		g.left[reason] = append(g.left[reason], *f)
		return
	}
	for _, d := range g.options.Directions {
		if u := g.subject(f, d); u != nil {
			g.add(u, d, f)
		}
	}
	g.flows = append(g.flows, f)
}

// subject is the unit whose policy decides about the flow in a direction, nil
// where there is none.
func (g *generator) subject(f *Flow, d netpol.Direction) *draft.Unit {
	end := f.To
	if d == netpol.Egress {
		end = f.From
	}
	if u := g.drafter.Unit(end); u != nil && g.subjects[u] && !end.HostNetwork {
		return u
	}
	return nil
}

// refusal says why no policy is for the flow.
func (g *generator) refusal(f *Flow) string {
	switch {
	case f.Protocol == netpol.ProtocolICMP:
		return "policies are about TCP, UDP and SCTP only"
	case f.From.Kind == netpol.PodEndpoint && f.From.Name != "" && f.From.String() == f.To.String():
		return "a pod always reaches itself"
	case f.From.HostNetwork && g.subjects[g.drafter.Unit(f.From)], f.To.HostNetwork && g.subjects[g.drafter.Unit(f.To)]:
		return "the pod uses the network of its node, where policies do not apply"
	}
	concerned := false
	for _, d := range g.options.Directions {
		concerned = concerned || g.subject(f, d) != nil
		if g.subject(f, d) != nil && len(g.peers(f, d)) == 0 {
			return "the other end has no address of the family, and no label to select it by"
		}
	}
	switch {
	case !concerned:
		return "neither end is a workload that policies are generated for"
	case g.overruled(f):
		return "cluster-wide policies deny it before NetworkPolicies are asked"
	}
	return ""
}

func (g *generator) plan(u *draft.Unit) *plan {
	if g.plans[u] == nil {
		g.plans[u] = &plan{unit: u, byKey: map[string]*part{}}
	}
	return g.plans[u]
}

func (g *generator) add(u *draft.Unit, d netpol.Direction, f *Flow) {
	p := g.plan(u)
	if len(p.flows) == 0 || p.flows[len(p.flows)-1] != f {
		p.flows = append(p.flows, f)
	}
	for _, peer := range g.peers(f, d) {
		p.add(d, draft.Atom{Peer: peer, Port: f.Ports()}, g.drafter.Unit(otherEnd(f, d)), f)
	}
}

func (p *plan) add(d netpol.Direction, atom draft.Atom, peer *draft.Unit, f *Flow) {
	key := string(d) + atom.Port.String() + draft.Key(atom.Peer)
	found := p.byKey[key]
	if found == nil {
		found = &part{Atom: atom, direction: d}
		p.byKey[key] = found
		p.parts = append(p.parts, found)
	}
	found.flows = append(found.flows, f)
	if peer != nil && !slices.Contains(found.peers, peer) {
		found.peers = append(found.peers, peer)
	}
}

func otherEnd(f *Flow, d netpol.Direction) *netpol.Endpoint {
	if d == netpol.Egress {
		return f.To
	}
	return f.From
}

// peers are what stands for the other end of the flow.
func (g *generator) peers(f *Flow, d netpol.Direction) []networkingv1.NetworkPolicyPeer {
	end := otherEnd(f, d)
	subject := g.subject(f, d)
	if end.Kind != netpol.ExternalEndpoint || g.options.Bits4 == 0 && g.options.Bits6 == 0 {
		return g.drafter.Peers(subject.Namespace, end, f.Family)
	}
	var peers []networkingv1.NetworkPolicyPeer
	for _, p := range end.Prefixes() {
		bits := g.options.Bits6
		if p.Addr().Is4() {
			bits = g.options.Bits4
		}
		if bits > 0 && bits < p.Bits() {
			p = netip.PrefixFrom(p.Addr(), bits).Masked()
		}
		peers = append(peers, draft.Block(p))
	}
	return peers
}

// write makes the policies. Those of units whose labels select each other's
// pods decide together.
func (g *generator) write() error {
	for _, u := range g.options.Subjects {
		p := g.plan(u)
		p.name = g.policyName(u)
		if g.options.Fold {
			g.fold(p)
		}
	}
	done := map[*plan]bool{}
	for _, u := range g.options.Subjects {
		if group := g.group(g.plans[u], done); len(group) > 0 {
			if err := g.prune(group); err != nil {
				return err
			}
		}
	}
	for _, u := range g.options.Subjects {
		p := g.plans[u]
		policy := Policy{Unit: u, Object: g.object(p), Reasons: map[string]Reason{}}
		g.reasons(&policy, p)
		g.result.Policies = append(g.result.Policies, policy)
	}
	return nil
}

// group returns the plan and all that select pods of it, and so on; nothing for
// one that is done.
func (g *generator) group(p *plan, done map[*plan]bool) []*plan {
	if done[p] {
		return nil
	}
	done[p] = true
	group := []*plan{p}
	for _, u := range g.options.Subjects {
		if u.Selects(p.unit) || p.unit.Selects(u) {
			group = append(group, g.group(g.plans[u], done)...)
		}
	}
	return group
}

// policyName is that of the policy which was generated for the unit before, to
// be applied over, or a new one.
func (g *generator) policyName(u *draft.Unit) string {
	for np := range snapshot.Each[networkingv1.NetworkPolicy](g.cluster.Snapshot()) {
		selector := u.Selector()
		if np.Namespace == u.Namespace && np.Labels[managedBy] == manager && equality.Semantic.DeepEqual(np.Spec.PodSelector, selector) {
			return np.Name
		}
	}
	return g.drafter.Name(u.Namespace, g.nameOf(u), "allow")
}

// The label of generated policies.
// Source: "Recommended Labels" in the documentation.
const (
	managedBy = "app.kubernetes.io/managed-by"
	manager   = "kubectl-secure"
)

// nameOf is the unit's name, with its kind where another unit has the name.
func (g *generator) nameOf(u *draft.Unit) string {
	word := g.drafter.Word(u.Pods[0])
	for _, other := range g.options.Subjects {
		if other != u && other.Namespace == u.Namespace && g.drafter.Word(other.Pods[0]) == word {
			return word + "-" + kindOf(u)
		}
	}
	return word
}

// object is the policy with all parts of the plan.
func (g *generator) object(p *plan) *networkingv1.NetworkPolicy {
	rules := map[netpol.Direction][]draft.Rule{}
	for _, d := range g.options.Directions {
		rules[d] = draft.Rules(p.atoms(d))
	}
	np := p.unit.Policy(p.name, rules, g.options.Directions...)
	np.Labels = map[string]string{managedBy: manager}
	return np
}

func (p *plan) atoms(d netpol.Direction) []draft.Atom {
	var atoms []draft.Atom
	for _, part := range p.parts {
		if part.direction == d {
			atoms = append(atoms, part.Atom)
		}
	}
	return atoms
}
