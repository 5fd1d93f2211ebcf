package netpol_test

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// clusterPolicy is a policy of sigs.k8s.io/network-policy-api as its words see
// it.
type clusterPolicy struct {
	kind, name, tier string
	priority         int64 // -1 for none
	subject          clusterPeer
	rules            map[netpol.Direction][]clusterRule
	spoil            func(spec map[string]any) // what the words leave open
}

type clusterRule struct {
	action string // Accept, Deny or Pass
	peers  []clusterPeer
	ports  []clusterPort
}

// clusterPeer has exactly one of: namespaces alone, both selectors, nodes,
// networks, domains; or nothing that is known.
type clusterPeer struct {
	namespaces, pods, nodes *metav1.LabelSelector
	networks, domains       []string
}

type clusterPort struct {
	protocol corev1.Protocol
	from, to int32
	name     string
}

// tiers: "Policy tiers are evaluated in the following order: Admin tier,
// NetworkPolicy tier, Baseline tier". Every order that the priorities allow may
// be the network's.
func (w *world) tiers(c connection, d netpol.Direction) netpol.Verdict {
	seen := map[netpol.Verdict]bool{}
	for _, admin := range orders(w.tier("Admin")) {
		switch w.firstMatch(admin, c, d) {
		case "Accept":
			seen[netpol.Allowed] = true
			continue
		case "Deny":
			seen[netpol.Denied] = true
			continue
		}
		selecting, verdict := c.to.pod, w.in
		direction := "Ingress"
		if d == netpol.Egress {
			selecting, verdict, direction = c.from.pod, w.out, "Egress"
		}
		// "v1.NetworkPolicy always makes a final decision for selected pods."
		if len(w.selecting(selecting, policyType(direction))) > 0 {
			seen[verdict(c)] = true
			continue
		}
		for _, baseline := range orders(w.tier("Baseline")) {
			seen[map[bool]netpol.Verdict{true: netpol.Denied, false: netpol.Allowed}[w.firstMatch(baseline, c, d) == "Deny"]] = true
		}
	}
	own := d == netpol.Ingress && c.to.pod != nil && c.from.node != "" && c.from.node == c.to.pod.Spec.NodeName
	for _, v := range []netpol.Verdict{netpol.Allowed, netpol.Denied} {
		if seen[v] && len(seen) == 1 && (v == netpol.Allowed || !own) {
			return v
		}
	}
	return netpol.Undefined
}

func (w *world) tier(name string) []*clusterPolicy {
	var policies []*clusterPolicy
	for _, p := range w.cluster {
		if p.tier == name {
			policies = append(policies, p)
		}
	}
	return policies
}

// orders: "Policies with lower priority values ... are checked before policies
// with higher priority values", others in any order.
func orders(policies []*clusterPolicy) [][]*clusterPolicy {
	if len(policies) == 0 {
		return [][]*clusterPolicy{nil}
	}
	var all [][]*clusterPolicy
	for i, first := range policies {
		before := func(p *clusterPolicy) bool {
			return p.priority >= 0 && first.priority >= 0 && p.priority < first.priority
		}
		if slices.ContainsFunc(policies, before) {
			continue
		}
		for _, rest := range orders(slices.Delete(slices.Clone(policies), i, i+1)) {
			all = append(all, append([]*clusterPolicy{first}, rest...))
		}
	}
	return all
}

// firstMatch: "a rule that appears at the top of the ingress rules would take
// the highest precedence".
func (w *world) firstMatch(policies []*clusterPolicy, c connection, d netpol.Direction) string {
	subject, peer := c.to, c.from
	if d == netpol.Egress {
		subject, peer = c.from, c.to
	}
	for _, p := range policies {
		if !w.isPeer(p.subject, subject, c.family) {
			continue
		}
		for _, r := range p.rules[d] {
			switch unknown := slices.ContainsFunc(r.peers, clusterPeer.unknown); {
			case unknown && r.action == "Accept": // "treat the rule as matching no traffic"
			case unknown: // "treat the rule as a 'Deny all' rule"
				return "Deny"
			case w.onPort(r.ports, c) && slices.ContainsFunc(r.peers, func(p clusterPeer) bool { return w.isPeer(p, peer, c.family) }):
				return r.action
			}
		}
	}
	return ""
}

func (p clusterPeer) unknown() bool {
	return p.namespaces == nil && p.nodes == nil && p.networks == nil && p.domains == nil
}

// isPeer: "Note that host-networked pods are not included in this type of
// peer", and "it selects the nodeIPs as the peer type".
func (w *world) isPeer(p clusterPeer, at place, family netpol.Family) bool {
	switch {
	case p.networks != nil:
		return slices.ContainsFunc(at.addresses, func(a netip.Addr) bool {
			return a.Is4() == (family == netpol.IPv4) && slices.ContainsFunc(p.networks, func(cidr string) bool {
				return netip.MustParsePrefix(cidr).Contains(a)
			})
		})
	case p.nodes != nil:
		return slices.ContainsFunc(w.nodes, func(n *corev1.Node) bool { return n.Name == at.node && holds(p.nodes, n.Labels) })
	default:
		return at.pod != nil && !at.pod.Spec.HostNetwork && w.inNamespaces(p.namespaces, at.pod) && (p.pods == nil || holds(p.pods, at.pod.Labels))
	}
}

// onPort: "If unspecified, protocol-specific attributes will not be used to
// match traffic."
func (w *world) onPort(ports []clusterPort, c connection) bool {
	return len(ports) == 0 || slices.ContainsFunc(ports, func(p clusterPort) bool {
		if p.name != "" { // "based on the ContainerPort name"
			return hasPort(c.to.pod, p.name, c.protocol, c.port)
		}
		return p.protocol == c.protocol && p.from <= c.port && c.port <= p.to
	})
}
