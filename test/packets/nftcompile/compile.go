// Package nftcompile turns network policies into a ruleset for nft, rule by
// rule and pod by pod, as the comments of k8s.io/api/networking/v1 and the
// documentation of Kubernetes say. It is slow and simple on purpose, and it
// shares no code with pkg/netpol: the kernel that runs its rules is a second
// opinion on that.
//
// What the API leaves to the implementation is what its documentation calls
// most common: pods of the host's network are their node.
package nftcompile

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Cluster is all that exists. Policies are as people write them, defaults
// left out; they must be ones that API servers take.
type Cluster struct {
	Namespaces []*corev1.Namespace
	Nodes      []*corev1.Node
	Pods       []*corev1.Pod
	Policies   []*networkingv1.NetworkPolicy
}

// Table is the name of the table that Compile writes.
const Table = "inet policies"

// Compile returns input for nft -f that replaces the Table. Of new connections
// that pods may not make or get, the source is told with an ICMP error
// (administratively prohibited). What a node sends itself is in no hook of it:
// "OR if the traffic source is the pod's local node".
func Compile(c Cluster) (string, error) {
	var dispatch, chains strings.Builder
	for _, d := range []networkingv1.PolicyType{networkingv1.PolicyTypeEgress, networkingv1.PolicyTypeIngress} {
		own := map[networkingv1.PolicyType]string{networkingv1.PolicyTypeEgress: "saddr", networkingv1.PolicyTypeIngress: "daddr"}[d]
		fmt.Fprintf(&dispatch, " chain %s {\n", d)
		for i, pod := range c.Pods {
			policies, err := c.policiesOf(pod, d)
			if err != nil {
				return "", err
			}
			if len(policies) == 0 {
				continue // "there are no NetworkPolicies selecting the pod"
			}
			chain := fmt.Sprintf("%s-%d", d, i)
			for _, m := range addressMatches(own, addresses(pod)) {
				fmt.Fprintf(&dispatch, "  %s jump %s\n", m.text, chain)
			}
			rules, err := c.chain(pod, d, policies)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&chains, " chain %s {\n  # pod %s/%s\n%s  reject with icmpx admin-prohibited\n }\n", chain, pod.Namespace, pod.Name, rules)
		}
		dispatch.WriteString(" }\n")
	}
	const begin = "policy accept; ct state established,related accept; meta l4proto != { tcp, udp, sctp } accept;"
	return fmt.Sprintf(`add table %[1]s
delete table %[1]s
table %[1]s {
%[3]s%[4]s chain forward {
  type filter hook forward priority filter; %[2]s
  jump Egress
  jump Ingress
 }
 chain input {
  type filter hook input priority filter; %[2]s
  jump Egress
 }
}
`, Table, begin, chains.String(), dispatch.String()), nil
}

// policiesOf returns those that select the pod for a direction.
func (c Cluster) policiesOf(pod *corev1.Pod, d networkingv1.PolicyType) ([]*networkingv1.NetworkPolicy, error) {
	if !isPeer(pod) {
		return nil, nil
	}
	var list []*networkingv1.NetworkPolicy
	for _, np := range c.Policies {
		selected, err := matches(&np.Spec.PodSelector, pod.Labels)
		if err != nil {
			return nil, err
		}
		if np.Namespace == pod.Namespace && selected && slices.Contains(types(np), d) {
			list = append(list, np)
		}
	}
	return list, nil
}

// types are the policyTypes: "policies that contain an egress section are
// assumed to affect egress, and all policies … are assumed to affect ingress".
func types(np *networkingv1.NetworkPolicy) []networkingv1.PolicyType {
	switch {
	case len(np.Spec.PolicyTypes) > 0:
		return np.Spec.PolicyTypes
	case len(np.Spec.Egress) > 0:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	default:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	}
}

// chain returns what lets connections of an isolated pod pass.
func (c Cluster) chain(pod *corev1.Pod, d networkingv1.PolicyType, policies []*networkingv1.NetworkPolicy) (string, error) {
	var lines []string
	allow := func(np *networkingv1.NetworkPolicy, side string, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) error {
		sides, err := c.peers(np.Namespace, side, peers)
		if err != nil {
			return err
		}
		for _, s := range sides {
			for _, p := range c.ports(pod, d, ports) {
				if both, ok := s.and(p); ok {
					lines = append(lines, fmt.Sprintf("  %s return comment %q\n", both, np.Namespace+"/"+np.Name))
				}
			}
		}
		return nil
	}
	if d == networkingv1.PolicyTypeIngress {
		for _, m := range addressMatches("saddr", c.nodeAddresses(pod.Spec.NodeName)) {
			lines = append(lines, fmt.Sprintf("  %s return comment \"its node\"\n", m.text))
		}
	}
	for _, np := range policies {
		for _, rule := range np.Spec.Ingress {
			if d != networkingv1.PolicyTypeIngress {
				break
			}
			if err := allow(np, "saddr", rule.From, rule.Ports); err != nil {
				return "", err
			}
		}
		for _, rule := range np.Spec.Egress {
			if d != networkingv1.PolicyTypeEgress {
				break
			}
			if err := allow(np, "daddr", rule.To, rule.Ports); err != nil {
				return "", err
			}
		}
	}
	return strings.Join(lines, ""), nil
}
