package nftcompile

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// ports returns matches of the ports, of which one is enough: "If this field is
// empty or missing, this rule matches all ports". Names are those of the
// destination: the pod itself for ingress, each pod for egress.
func (c Cluster) ports(subject *corev1.Pod, d networkingv1.PolicyType, ports []networkingv1.NetworkPolicyPort) []match {
	if len(ports) == 0 {
		return []match{{}}
	}
	var list []match
	for _, p := range ports {
		protocol := corev1.ProtocolTCP // "If not specified, this field defaults to TCP."
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		low := strings.ToLower(string(protocol))
		switch {
		case p.Port == nil: // "this matches all port names and numbers"
			list = append(list, match{text: "meta l4proto " + low})
		case p.Port.Type == intstr.Int && p.EndPort != nil: // "inclusive"
			list = append(list, match{text: fmt.Sprintf("%s dport %d-%d", low, p.Port.IntVal, *p.EndPort)})
		case p.Port.Type == intstr.Int:
			list = append(list, match{text: fmt.Sprintf("%s dport %d", low, p.Port.IntVal)})
		case d == networkingv1.PolicyTypeIngress:
			for _, number := range named(subject, p.Port.StrVal, protocol) {
				list = append(list, match{text: fmt.Sprintf("%s dport %d", low, number)})
			}
		default:
			list = append(list, c.namedAnywhere(p.Port.StrVal, protocol)...)
		}
	}
	return list
}

// namedAnywhere matches the port of a name on each pod that has it.
func (c Cluster) namedAnywhere(name string, protocol corev1.Protocol) []match {
	elements := map[string][]string{}
	for _, pod := range c.Pods {
		if !isPeer(pod) {
			continue
		}
		for _, a := range addresses(pod) {
			for _, number := range named(pod, name, protocol) {
				elements[word(a)] = append(elements[word(a)], element(a, number))
			}
		}
	}
	var list []match
	for _, w := range slices.Sorted(maps.Keys(elements)) {
		list = append(list, match{w, fmt.Sprintf("%s daddr . %s dport { %s }", w, strings.ToLower(string(protocol)), strings.Join(elements[w], ", "))})
	}
	return list
}

func element(a netip.Addr, number int32) string { return fmt.Sprintf("%s . %d", a, number) }

// named returns the ports of that name, those of sidecars too: they serve as
// long as the pod does.
func named(pod *corev1.Pod, name string, protocol corev1.Protocol) []int32 {
	containers := slices.Clone(pod.Spec.Containers)
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, c)
		}
	}
	var numbers []int32
	for _, c := range containers {
		for _, port := range c.Ports {
			is := port.Protocol
			if is == "" {
				is = corev1.ProtocolTCP
			}
			if port.Name == name && is == protocol && !slices.Contains(numbers, port.ContainerPort) {
				numbers = append(numbers, port.ContainerPort)
			}
		}
	}
	return numbers
}
