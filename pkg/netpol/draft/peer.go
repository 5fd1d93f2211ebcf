package draft

import (
	"maps"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// Peers returns what stands for the endpoint in rules of a policy of the
// namespace: a selector for the pods of its unit, or blocks of addresses of the
// family for what selectors do not find: nodes, pods of their network and
// addresses outside. None where such an endpoint has no address of the family.
func (d *Drafter) Peers(namespace string, e *netpol.Endpoint, family netpol.Family) []networkingv1.NetworkPolicyPeer {
	if e.Kind == netpol.PodEndpoint && !e.HostNetwork {
		return []networkingv1.NetworkPolicyPeer{d.Unit(e).Peer(namespace)}
	}
	var peers []networkingv1.NetworkPolicyPeer
	for _, p := range e.Prefixes() {
		if isOf(p, family) {
			peers = append(peers, Block(p))
		}
	}
	return peers
}

func isOf(p netip.Prefix, family netpol.Family) bool {
	return family == netpol.AnyFamily || p.Addr().Is4() == (family == netpol.IPv4)
}

// Block is a peer that is a range of addresses.
func Block(p netip.Prefix) networkingv1.NetworkPolicyPeer {
	return networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: p.String()}}
}

// Selector selects the unit's pods.
func (u *Unit) Selector() metav1.LabelSelector {
	return metav1.LabelSelector{MatchLabels: maps.Clone(u.Labels)}
}

// Peer stands for the unit's pods in rules of a policy of the namespace.
func (u *Unit) Peer(namespace string) networkingv1.NetworkPolicyPeer {
	selector := u.Selector()
	peer := networkingv1.NetworkPolicyPeer{PodSelector: &selector}
	if namespace != u.Namespace {
		peer.NamespaceSelector = Namespace(u.Namespace)
	}
	return peer
}

// Namespace selects a namespace by the label that the API server gives it.
func Namespace(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}}
}
