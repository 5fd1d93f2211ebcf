package generate

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// refused makes a policy one that API servers do not take, in one of the ways
// of pkg/apis/networking/validation.
func (g *Generator) refused(np *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	g.mix.Hit("policy refused by API servers")
	everything := &metav1.LabelSelector{}
	peer := func(p networkingv1.NetworkPolicyPeer) {
		np.Spec.Ingress = append(np.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: []networkingv1.NetworkPolicyPeer{p}})
	}
	port := func(p networkingv1.NetworkPolicyPort) {
		np.Spec.Egress = append(np.Spec.Egress, networkingv1.NetworkPolicyEgressRule{Ports: []networkingv1.NetworkPolicyPort{{}, p}})
	}
	block := func(cidr string, except ...string) {
		peer(networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr, Except: except}})
	}
	pick(g.dice,
		func() { peer(networkingv1.NetworkPolicyPeer{}) },
		func() {
			peer(networkingv1.NetworkPolicyPeer{PodSelector: everything, IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}})
		},
		func() { block("10.0.0.0") },
		func() { block("10.0.0.0/24", "10.0.0.0/24") },
		func() { block("10.0.0.0/24", "10.0.1.0/25") },
		func() { block("10.0.0.0/24", "fd00::/64") },
		func() { block("10.0.0.0/33") },
		func() { port(networkingv1.NetworkPolicyPort{EndPort: new(int32(80))}) },
		func() {
			port(networkingv1.NetworkPolicyPort{Port: new(intstr.FromString("http")), EndPort: new(int32(80))})
		},
		func() {
			port(networkingv1.NetworkPolicyPort{Port: new(intstr.FromInt32(80)), EndPort: new(int32(79))})
		},
		func() { port(networkingv1.NetworkPolicyPort{Port: new(intstr.FromInt32(0))}) },
		func() { port(networkingv1.NetworkPolicyPort{Port: new(intstr.FromInt32(65536))}) },
		func() { port(networkingv1.NetworkPolicyPort{Port: new(intstr.FromString("80"))}) },
		func() { port(networkingv1.NetworkPolicyPort{Protocol: new(corev1.Protocol("tcp"))}) },
		func() { np.Spec.PolicyTypes = []networkingv1.PolicyType{"Both"} },
		func() {
			np.Spec.PodSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "app", Operator: metav1.LabelSelectorOpIn}}
		},
		func() {
			np.Spec.PodSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "app", Operator: metav1.LabelSelectorOpExists, Values: []string{"a"}}}
		},
	)()
	return np
}
