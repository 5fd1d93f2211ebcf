package generate

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
)

// fold joins the parts of a plan that let in all workloads of a namespace, and
// those that let in all namespaces.
func (g *generator) fold(p *plan) {
	type slot struct {
		direction netpol.Direction
		port      netpol.PortRange
	}
	var order []slot
	slots := map[slot][]*part{}
	for _, one := range p.parts {
		key := slot{one.direction, one.Port}
		if slots[key] == nil {
			order = append(order, key)
		}
		slots[key] = append(slots[key], one)
	}
	p.parts = nil
	for _, key := range order {
		p.parts = append(p.parts, g.folded(p.unit, slots[key])...)
	}
}

// folded is the parts of one direction and port.
func (g *generator) folded(subject *draft.Unit, parts []*part) []*part {
	inside := map[*draft.Unit]bool{subject: true}
	for _, one := range parts {
		for _, u := range one.peers {
			inside[u] = inside[u] || one.Peer.IPBlock == nil
		}
	}
	whole := map[string]bool{}
	every := true
	for _, u := range g.selectable() {
		if seen, ok := whole[u.Namespace]; !ok || seen {
			whole[u.Namespace] = inside[u]
		}
		every = every && inside[u]
	}
	var kept []*part
	joined := map[string]*part{}
	for _, one := range parts {
		namespace := ""
		if len(one.peers) > 0 {
			namespace = one.peers[0].Namespace
		}
		if one.Peer.IPBlock != nil || !whole[namespace] || g.alone(subject, namespace) {
			kept = append(kept, one)
			continue
		}
		if every {
			namespace = ""
		}
		if joined[namespace] == nil {
			joined[namespace] = &part{Atom: draft.Atom{Peer: wholeNamespace(subject.Namespace, namespace), Port: one.Port}, direction: one.direction}
			kept = append(kept, joined[namespace])
		}
		joined[namespace].peers = append(joined[namespace].peers, one.peers...)
		joined[namespace].flows = append(joined[namespace].flows, one.flows...)
	}
	return kept
}

// selectable are the units that selectors find.
func (g *generator) selectable() []*draft.Unit {
	return slices.DeleteFunc(g.drafter.Units(""), func(u *draft.Unit) bool {
		return !slices.ContainsFunc(u.Pods, func(pod *netpol.Endpoint) bool { return !pod.HostNetwork })
	})
}

// alone reports whether the namespace holds one workload beside the subject, or
// none: its own selector says more than that of the namespace.
func (g *generator) alone(subject *draft.Unit, namespace string) bool {
	n := 0
	for _, u := range g.drafter.Units(namespace) {
		if u != subject {
			n++
		}
	}
	return n < 2
}

// wholeNamespace is every pod of a namespace, or of all for "".
func wholeNamespace(own, namespace string) networkingv1.NetworkPolicyPeer {
	peer := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
	switch namespace {
	case "":
		peer.NamespaceSelector = &metav1.LabelSelector{}
	case own:
	default:
		peer.NamespaceSelector = draft.Namespace(namespace)
	}
	return peer
}

func kindOf(u *draft.Unit) string {
	kind, _, _ := strings.Cut(u.Name, "/")
	return strings.ToLower(kind)
}
