package netpol

import "slices"

// SelectedBy returns what the subject of a cluster-wide policy matches, or may.
func (c *Cluster) SelectedBy(p *Policy) []*Endpoint {
	number := int32(slices.Index(c.clusterPolicies, p))
	var found []*Endpoint
	for _, e := range c.endpoints {
		if slices.Contains(e.cluster, number) {
			found = append(found, e)
		}
	}
	return found
}

// IdlePeers returns the paths of those peers of a cluster-wide policy that
// select pods, and match none that there is.
func (i *Inspector) IdlePeers(p *Policy) []string {
	var idle []string
	for _, d := range []Direction{Ingress, Egress} {
		for _, r := range p.Rules(d) {
			for at, peer := range r.Peers {
				if peer.peer.selectsPods() && i.field.match(peer.peer, AnyFamily)[possible].empty() {
					idle = append(idle, r.PeerPath(at))
				}
			}
		}
	}
	return idle
}

// selectsPods reports whether a peer of a cluster-wide policy is about pods, as
// far as it is understood.
func (p *peer) selectsPods() bool {
	return p.podNetwork && p.unknown == "" && !p.foreign && p.networks == nil && p.nodes == nil && p.domains == nil
}

// Shadow is a rule of a cluster-wide policy that an earlier one of the same
// policy leaves nothing to.
type Shadow struct {
	Rule, By Rule
	Same     bool // both have the same action
}

// Shadows returns the rules of a cluster-wide policy that never decide, by their
// words, whatever endpoints there are.
func (p *Policy) Shadows(d Direction) []Shadow {
	var found []Shadow
	rules := p.rules(d)
	for later := range rules {
		for earlier := range rules[:later] {
			if rules[earlier].comesBefore(&rules[later]) {
				found = append(found, Shadow{rules[later].view(d, later), rules[earlier].view(d, earlier), rules[earlier].action == rules[later].action})
				break
			}
		}
	}
	return found
}

// comesBefore reports whether a rule of a cluster-wide policy matches all that
// a later one does.
func (r *rule) comesBefore(later *rule) bool {
	if r.closed || r.unknown != "" || later.closed || len(later.peers) == 0 {
		return false
	}
	unknown := func(c portClause) bool { return c.unknown != "" }
	if slices.ContainsFunc(r.ports, unknown) || slices.ContainsFunc(later.ports, unknown) {
		return false
	}
	for i := range later.peers {
		if !slices.ContainsFunc(r.peers, func(p peer) bool { return p.includes(&later.peers[i]) }) {
			return false
		}
	}
	ports := rule{ports: expanded(r.ports)}
	return ports.coversPorts(&rule{ports: expanded(later.ports)})
}

// includes is covers for peers of cluster-wide policies.
func (p *peer) includes(other *peer) bool {
	switch {
	case p.selectsPods() && other.selectsPods():
		return p.covers(other)
	case p.networks != nil && other.networks != nil && p.unknown == "" && other.unknown == "":
		return !slices.ContainsFunc(other.networks, func(b *block) bool {
			return !slices.ContainsFunc(p.networks, func(own *block) bool { return own.covers(b) })
		})
	case p.nodes != nil && other.nodes != nil && p.unknown == "" && other.unknown == "":
		return p.nodes.covers(*other.nodes)
	default:
		return false
	}
}

// Contest is two policies of one tier and priority that say different things
// about a flow: which of them counts is left to the network.
type Contest struct {
	Policies  [2]*Policy
	Direction Direction
	Flow      Flow
	Says      [2]Outcome
}

// Contests returns, for every two such policies, one flow that is Undefined for
// that reason.
func (c *Cluster) Contests() []Contest {
	equal := func(a, b *Policy) bool {
		return a.Tier == b.Tier && a.Priority != nil && b.Priority != nil && *a.Priority == *b.Priority
	}
	ties := false
	for i := 1; i < len(c.clusterPolicies); i++ {
		ties = ties || equal(c.clusterPolicies[i-1], c.clusterPolicies[i])
	}
	if !ties {
		return nil
	}
	var found []Contest
	seen := map[[2]*Policy]bool{}
	m := c.Matrix(MatrixOptions{})
	classes := m.Classes()
	for edge := range m.Edges() {
		for _, open := range edge.Ports {
			from, to := distinctEnds(classes[edge.From].Members, classes[edge.To].Members)
			if open.Verdict != Undefined || from == nil {
				continue
			}
			f := Flow{From: from, To: to, Protocol: open.Ports.Protocol, Port: open.Ports.From, Family: SharedFamily(from, to)}
			for _, s := range c.Explain(f).Steps {
				for i, a := range s.Policies {
					for _, b := range s.Policies[i+1:] {
						pair := [2]*Policy{a.Policy, b.Policy}
						if equal(a.Policy, b.Policy) && !seen[pair] && contradict(a.Outcome, b.Outcome) {
							seen[pair] = true
							found = append(found, Contest{pair, s.Direction, f, [2]Outcome{a.Outcome, b.Outcome}})
						}
					}
				}
			}
		}
	}
	return found
}

// distinctEnds returns a member of each that is not the other, nil for none.
func distinctEnds(sources, destinations []*Endpoint) (from, to *Endpoint) {
	for _, to := range destinations[:min(2, len(destinations))] {
		if !sources[0].same(to) {
			return sources[0], to
		}
	}
	return nil, nil
}

func contradict(a, b Outcome) bool {
	sure := func(o Outcome) bool { return o == Accept || o == Deny || o == Pass }
	return sure(a) && sure(b) && a != b
}

// SharedFamily returns the first family of the destination that the source has
// too, any where there is none.
func SharedFamily(from, to *Endpoint) Family {
	known := to.Addresses
	if len(known) == 0 {
		known = from.Addresses
	}
	for _, addr := range known {
		if f := familyOf(addr); len(from.Addresses) == 0 || len(to.Addresses) == 0 || from.Address(f).IsValid() && to.Address(f).IsValid() {
			return f
		}
	}
	return AnyFamily
}
