package netpol_test

import (
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// world is a cluster as the API's words see it: nothing is prepared, and
// everything is known. Its methods follow the comments of
// k8s.io/api/networking/v1/types.go sentence by sentence, for comparison.
type world struct {
	namespaces []*corev1.Namespace
	nodes      []*corev1.Node
	pods       []*corev1.Pod
	policies   []*networkingv1.NetworkPolicy
	cluster    []*clusterPolicy
}

// place is one end of a connection: a pod, a node or neither.
type place struct {
	pod       *corev1.Pod
	node      string // the node itself, or that of a pod of the host network
	addresses []netip.Addr
}

type connection struct {
	from, to place
	protocol corev1.Protocol
	port     int32
	family   netpol.Family
}

// verdict: "cannot block access to itself", and both ends must allow it.
func (w *world) verdict(c connection) netpol.Verdict {
	if c.from.pod != nil && c.from.pod == c.to.pod {
		return netpol.Allowed
	}
	switch out, in := w.tiers(c, netpol.Egress), w.tiers(c, netpol.Ingress); {
	case out == netpol.Denied || in == netpol.Denied:
		return netpol.Denied
	case out == netpol.Undefined || in == netpol.Undefined:
		return netpol.Undefined
	default:
		return netpol.Allowed
	}
}

// in: "Traffic is allowed to a pod if there are no NetworkPolicies selecting
// the pod, OR if the traffic source is the pod's local node, OR if the traffic
// matches at least one ingress rule across all of the NetworkPolicy objects
// whose podSelector matches the pod."
func (w *world) in(c connection) netpol.Verdict {
	selecting := w.selecting(c.to.pod, networkingv1.PolicyTypeIngress)
	if len(selecting) == 0 || c.from.node != "" && c.from.node == c.to.pod.Spec.NodeName {
		return netpol.Allowed
	}
	for _, np := range selecting {
		for _, rule := range np.Spec.Ingress {
			if w.anyPort(rule.Ports, c) && w.anyPeer(rule.From, np.Namespace, c.from, c.family) {
				return unlessICMP(c, netpol.Allowed)
			}
		}
	}
	return unlessICMP(c, netpol.Denied)
}

// out: "Outgoing traffic is allowed if there are no NetworkPolicies selecting
// the pod, OR if the traffic matches at least one egress rule across all of
// the NetworkPolicy objects whose podSelector matches the pod."
func (w *world) out(c connection) netpol.Verdict {
	selecting := w.selecting(c.from.pod, networkingv1.PolicyTypeEgress)
	if len(selecting) == 0 {
		return netpol.Allowed
	}
	for _, np := range selecting {
		for _, rule := range np.Spec.Egress {
			if w.anyPort(rule.Ports, c) && w.anyPeer(rule.To, np.Namespace, c.to, c.family) {
				return unlessICMP(c, netpol.Allowed)
			}
		}
	}
	return unlessICMP(c, netpol.Denied)
}

// unlessICMP: "For other protocols, the behaviour is undefined."
func unlessICMP(c connection, v netpol.Verdict) netpol.Verdict {
	if c.protocol == netpol.ProtocolICMP {
		return netpol.Undefined
	}
	return v
}

// selecting returns the policies that isolate the pod. Those of the host's
// network are not selected, as is most common.
func (w *world) selecting(pod *corev1.Pod, direction networkingv1.PolicyType) []*networkingv1.NetworkPolicy {
	var selecting []*networkingv1.NetworkPolicy
	for _, np := range w.policies {
		if pod == nil || pod.Spec.HostNetwork || pod.Namespace != np.Namespace || !holds(&np.Spec.PodSelector, pod.Labels) {
			continue
		}
		isolates := slices.Contains(np.Spec.PolicyTypes, direction)
		if len(np.Spec.PolicyTypes) == 0 { // "it will default based on the existence of ingress or egress rules"
			isolates = direction == networkingv1.PolicyTypeIngress || len(np.Spec.Egress) > 0
		}
		if isolates {
			selecting = append(selecting, np)
		}
	}
	return selecting
}

// anyPeer: "If this field is empty or missing, this rule matches all sources."
func (w *world) anyPeer(peers []networkingv1.NetworkPolicyPeer, own string, at place, family netpol.Family) bool {
	for _, p := range peers {
		switch {
		case p.IPBlock != nil:
			if inBlock(p.IPBlock, at, family) {
				return true
			}
		case at.pod == nil || at.pod.Spec.HostNetwork: // traffic of the node
		case p.NamespaceSelector == nil:
			if at.pod.Namespace == own && holds(p.PodSelector, at.pod.Labels) {
				return true
			}
		case w.inNamespaces(p.NamespaceSelector, at.pod) && (p.PodSelector == nil || holds(p.PodSelector, at.pod.Labels)):
			return true
		}
	}
	return len(peers) == 0
}

func (w *world) inNamespaces(s *metav1.LabelSelector, pod *corev1.Pod) bool {
	for _, ns := range w.namespaces {
		if ns.Name == pod.Namespace {
			set := map[string]string{}
			maps.Copy(set, ns.Labels)
			set["kubernetes.io/metadata.name"] = ns.Name // the control plane sets it
			return holds(s, set)
		}
	}
	return false
}

// inBlock: "The except entry describes CIDRs that should not be included."
func inBlock(b *networkingv1.IPBlock, at place, family netpol.Family) bool {
	for _, a := range at.addresses {
		if a.Is4() != (family == netpol.IPv4) {
			continue
		}
		in := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(a) }
		return in(b.CIDR) && !slices.ContainsFunc(b.Except, in)
	}
	return false
}

// anyPort: "If this field is empty or missing, this rule matches all ports."
func (w *world) anyPort(ports []networkingv1.NetworkPolicyPort, c connection) bool {
	for _, p := range ports {
		protocol := corev1.ProtocolTCP // "If not specified, this field defaults to TCP."
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		if protocol != c.protocol {
			continue
		}
		switch {
		case p.Port == nil: // "this matches all port names and numbers"
			return true
		case p.Port.Type == intstr.String:
			if hasPort(c.to.pod, p.Port.StrVal, protocol, c.port) {
				return true
			}
		case p.EndPort == nil && c.port == p.Port.IntVal:
			return true
		case p.EndPort != nil && c.port >= p.Port.IntVal && c.port <= *p.EndPort: // "inclusive"
			return true
		}
	}
	return len(ports) == 0
}

// hasPort: "either be a numerical or named port on a pod". Containers that run
// with the pod have it: init containers only if they are restarted. "Traffic to
// and from hostNetwork pods is treated the same as all other traffic to and
// from the node IP", which has no named ports.
func hasPort(pod *corev1.Pod, name string, protocol corev1.Protocol, number int32) bool {
	if pod == nil || pod.Spec.HostNetwork {
		return false
	}
	containers := slices.Clone(pod.Spec.Containers)
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, c)
		}
	}
	for _, c := range containers {
		for _, p := range c.Ports {
			if p.Name == name && p.ContainerPort == number && (p.Protocol == protocol || p.Protocol == "" && protocol == corev1.ProtocolTCP) {
				return true
			}
		}
	}
	return false
}

// holds: "The result of matchLabels and matchExpressions are ANDed. An empty
// label selector matches all objects."
func holds(s *metav1.LabelSelector, set map[string]string) bool {
	for key, want := range s.MatchLabels {
		if value, ok := set[key]; !ok || value != want {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		value, ok := set[e.Key]
		listed := ok && slices.Contains(e.Values, value)
		if !map[metav1.LabelSelectorOperator]bool{
			metav1.LabelSelectorOpIn: listed, metav1.LabelSelectorOpNotIn: !listed,
			metav1.LabelSelectorOpExists: ok, metav1.LabelSelectorOpDoesNotExist: !ok,
		}[e.Operator] {
			return false
		}
	}
	return true
}
