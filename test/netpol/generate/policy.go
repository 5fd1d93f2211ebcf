package generate

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (g *Generator) policy(name string) *networkingv1.NetworkPolicy {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: pick(g.dice, g.names...), Name: name}}
	np.Spec.PodSelector = *g.selector(45, "subject everything", podKeys()...)
	np.Spec.Ingress = list(g.dice, 0, 2, func() networkingv1.NetworkPolicyIngressRule {
		peers, ports := g.rule()
		return networkingv1.NetworkPolicyIngressRule{From: peers, Ports: ports}
	})
	np.Spec.Egress = list(g.dice, 0, 2, func() networkingv1.NetworkPolicyEgressRule {
		peers, ports := g.rule()
		return networkingv1.NetworkPolicyEgressRule{To: peers, Ports: ports}
	})
	count(g, np.Spec.Ingress, "rules")
	count(g, np.Spec.Egress, "rules")
	g.types(np)
	return np
}

func count[T any](g *Generator, list []T, what string) {
	switch {
	case list == nil:
		g.mix.Hit(what + " nil")
	case len(list) == 0:
		g.mix.Hit(what + " empty")
	}
}

func (g *Generator) types(np *networkingv1.NetworkPolicy) {
	in, out := networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress
	types := pick(g.dice,
		nil, []networkingv1.PolicyType{}, []networkingv1.PolicyType{in}, []networkingv1.PolicyType{out},
		[]networkingv1.PolicyType{in, out}, []networkingv1.PolicyType{out, in}, []networkingv1.PolicyType{in, in})
	np.Spec.PolicyTypes = types
	rules := map[networkingv1.PolicyType]int{in: len(np.Spec.Ingress), out: len(np.Spec.Egress)}
	switch {
	case types == nil:
		g.mix.Hit("policyTypes missing")
	case len(types) == 0:
		g.mix.Hit("policyTypes empty")
	case len(types) == 2 && types[0] == types[1]:
		g.mix.Hit("policyTypes repeated")
	}
	if len(types) == 0 && rules[out] > 0 {
		g.mix.Hit("policyTypes missing with egress rules")
	}
	for direction, n := range rules {
		switch {
		case len(types) > 0 && n > 0 && !slices.Contains(types, direction):
			g.mix.Hit("rules of a direction that is not in policyTypes")
		case n == 0 && slices.Contains(types, direction):
			g.mix.Hit("policyTypes of rules that are not there")
		}
	}
}

func (g *Generator) rule() ([]networkingv1.NetworkPolicyPeer, []networkingv1.NetworkPolicyPort) {
	peers := list(g.dice, 0, 3, g.peer)
	if g.dice.percent(12) {
		peers = nil
	}
	ports := list(g.dice, 0, 3, g.port)
	if g.dice.percent(12) {
		ports = nil
	}
	count(g, peers, "peers")
	count(g, ports, "ports")
	if len(peers) == 0 && len(ports) == 0 {
		g.mix.Hit("rule for all")
	}
	return peers, ports
}
