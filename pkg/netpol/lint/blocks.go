package lint

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// block reports an ipBlock that is not about addresses outside of the cluster.
// Source: "IPBlock" in kubernetes.io/docs/concepts/services-networking/
// network-policies: "These should be cluster-external IPs".
func (l *linter) block(p *netpol.Policy, r netpol.Rule, index int) {
	peer := r.Peers[index]
	f := at(p, r.PeerPath(index)+".ipBlock", r.String()+peer.String())
	if peer.IsEmpty() {
		l.say(f, checkBlockEmpty, finding.Medium,
			fmt.Sprintf("the exceptions leave nothing of %s: the peer matches nothing", peer.Block), "remove an exception, or the peer")
		return
	}
	inside := l.podsIn(peer)
	services := l.servicesIn(peer)
	switch {
	case len(inside) > 0 && peer.Block.Bits() == 0:
		l.say(f, checkBlockPods, finding.Info,
			fmt.Sprintf("%s holds the cluster's own pods too: %d of them", peer.Block, len(inside)),
			"except the ranges of pods if only addresses outside are meant")
	case len(inside) > 0:
		l.say(f, checkBlockPods, finding.Low,
			fmt.Sprintf("%s holds addresses of %s: they change when pods are made anew, and some networks do not match pods by address", peer.Block, count(len(inside), "pod")),
			"select pods by their labels; keep ipBlock for addresses outside of the cluster",
			few(endpoints(inside), "in the block: ")...)
	case len(services) > 0 && peer.Block.Bits() > 0:
		l.say(f, checkBlockServices, finding.Medium,
			fmt.Sprintf("%s holds cluster IPs of %s: with most networks policies see the pods behind a Service, so that this never matches", peer.Block, count(len(services), "Service")),
			"select the pods behind the Service, or name the addresses that it leads to",
			few(services, "in the block: ")...)
	}
}

// podsIn returns the pods with an address of the block, without those of the
// host's network.
func (l *linter) podsIn(peer netpol.Peer) []*netpol.Endpoint {
	var inside []*netpol.Endpoint
	for _, e := range l.Matching(peer) {
		if e.Kind == netpol.PodEndpoint && !e.HostNetwork && slices.ContainsFunc(e.Addresses, peer.Contains) {
			inside = append(inside, e)
		}
	}
	return inside
}

func (l *linter) servicesIn(peer netpol.Peer) []string {
	var services []string
	for _, addr := range l.ClusterIPs(peer.Block) {
		if s := l.ServiceOfClusterIP(addr); peer.Contains(addr) {
			services = append(services, fmt.Sprintf("%s/%s (%s)", s.Namespace, s.Name, addr))
		}
	}
	return services
}

// families reports rules that open one address family to pods that have two,
// where the policy's other rules do not open the other.
func (l *linter) families(p *netpol.Policy, r netpol.Rule) {
	var dual []*netpol.Endpoint
	for _, e := range l.Selected(p) {
		if len(e.Families()) > 1 && isOwn(e) {
			dual = append(dual, e)
		}
	}
	own, all := blockFamilies(r), map[netpol.Family]bool{}
	for _, rule := range p.Rules(r.Direction) {
		if len(rule.Peers) == 0 {
			return
		}
		for family := range blockFamilies(rule) {
			all[family] = true
		}
	}
	if len(dual) == 0 || len(own) != 1 || len(all) != 1 {
		return
	}
	closed := netpol.IPv6
	if own[netpol.IPv6] {
		closed = netpol.IPv4
	}
	severity := finding.Info
	if slices.ContainsFunc(r.Peers, func(peer netpol.Peer) bool { return peer.Block.IsValid() && peer.Block.Bits() == 0 }) {
		severity = finding.Low
	}
	l.say(at(p, r.Path(), r.String()), checkBlockFamily, severity,
		fmt.Sprintf("selected pods have addresses of both families, and the policy opens none of IPv%d", closed),
		fmt.Sprintf("add an ipBlock of IPv%d, or be sure that nobody needs it", closed), few(endpoints(dual), "pods: ")...)
}

// blockFamilies returns the families of the rule's blocks.
func blockFamilies(r netpol.Rule) map[netpol.Family]bool {
	families := map[netpol.Family]bool{}
	for _, peer := range r.Peers {
		switch {
		case !peer.Block.IsValid():
		case peer.Block.Addr().Is4():
			families[netpol.IPv4] = true
		default:
			families[netpol.IPv6] = true
		}
	}
	return families
}
