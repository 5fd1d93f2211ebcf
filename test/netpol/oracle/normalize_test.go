package oracle

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// stored returns the policy as an API server stores it; the others rely on
// that. Source: pkg/apis/networking/v1/defaults.go of Kubernetes.
func stored(np *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	np = np.DeepCopy()
	spec := &np.Spec
	if len(spec.PolicyTypes) == 0 {
		spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(spec.Egress) > 0 {
			spec.PolicyTypes = append(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	for i := range spec.Ingress {
		storeRule(spec.Ingress[i].From, spec.Ingress[i].Ports)
	}
	for i := range spec.Egress {
		storeRule(spec.Egress[i].To, spec.Egress[i].Ports)
	}
	// Serialization drops empty lists; kube-network-policies takes one that is
	// not nil for a rule that allows everything.
	if len(spec.Ingress) == 0 {
		spec.Ingress = nil
	}
	if len(spec.Egress) == 0 {
		spec.Egress = nil
	}
	return np
}

func storeRule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	for _, peer := range peers {
		if peer.IPBlock == nil {
			continue
		}
		peer.IPBlock.CIDR = withoutZeros(peer.IPBlock.CIDR)
		for i, except := range peer.IPBlock.Except {
			peer.IPBlock.Except[i] = withoutZeros(except)
		}
	}
	for i := range ports {
		if ports[i].Protocol == nil {
			ports[i].Protocol = new(corev1.ProtocolTCP)
		}
	}
}

// withoutZeros spells 010.000.001.000/24 as 10.0.1.0/24: API servers read the
// numbers as decimal ones, Go's parser refuses them.
func withoutZeros(cidr string) string {
	addr, bits, _ := strings.Cut(cidr, "/")
	octets := strings.Split(addr, ".")
	if len(octets) != 4 || strings.Contains(addr, ":") {
		return cidr
	}
	for i, octet := range octets {
		n, err := strconv.Atoi(octet)
		if err != nil {
			return cidr
		}
		octets[i] = strconv.Itoa(n)
	}
	return fmt.Sprintf("%s/%s", strings.Join(octets, "."), bits)
}

// storedPod returns the pod as an API server stores it.
func storedPod(pod *corev1.Pod) *corev1.Pod {
	pod = pod.DeepCopy()
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			for j := range containers[i].Ports {
				if containers[i].Ports[j].Protocol == "" {
					containers[i].Ports[j].Protocol = corev1.ProtocolTCP
				}
			}
		}
	}
	return pod
}

// sidecars returns the init containers that run as long as the pod.
func sidecars(pod *corev1.Pod) []corev1.Container {
	var found []corev1.Container
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			found = append(found, c)
		}
	}
	return found
}
