package netpol

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Problem is one reason for which the API server refuses a policy.
type Problem struct {
	Path   string // as spec.ingress[0].from[1]
	Detail string // for people
}

// validator collects what is wrong with a policy, by the API server's rules.
// Source: pkg/apis/networking/validation/validation.go.
type validator struct {
	problems []Problem
	remarks  []string
}

func (v *validator) problem(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{path, fmt.Sprintf(format, args...)})
}

func path(parent string, index int) string { return fmt.Sprintf("%s[%d]", parent, index) }

func (v *validator) selector(at string, s *metav1.LabelSelector) selector {
	selector, err := newSelector(s)
	if err != nil {
		v.problem(at, "%v", err)
	}
	return selector
}

func (v *validator) rule(at, peersField, own string, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) rule {
	var r rule
	for i := range peers {
		r.peers = append(r.peers, v.peer(path(at+"."+peersField, i), own, &peers[i]))
	}
	for i := range ports {
		v.port(path(at+".ports", i), &ports[i])
		r.ports = append(r.ports, newPortClause(ports[i]))
	}
	return r
}

func (v *validator) peer(at, own string, from *networkingv1.NetworkPolicyPeer) peer {
	p := peer{own: own}
	switch {
	case from.IPBlock == nil && from.PodSelector == nil && from.NamespaceSelector == nil:
		v.problem(at, "it names no peer: it must have a podSelector, namespaceSelector or ipBlock")
	case from.IPBlock != nil && (from.PodSelector != nil || from.NamespaceSelector != nil):
		v.problem(at, "an ipBlock stands alone, without selectors")
	}
	if from.NamespaceSelector != nil {
		namespaces := v.selector(at+".namespaceSelector", from.NamespaceSelector)
		p.namespaces = &namespaces
	}
	if from.PodSelector != nil {
		p.pods = v.selector(at+".podSelector", from.PodSelector)
	}
	if from.IPBlock != nil {
		p.block = v.block(at+".ipBlock", from.IPBlock)
	}
	return p
}

func (v *validator) block(at string, from *networkingv1.IPBlock) *block {
	b := &block{cidr: v.cidr(at+".cidr", from.CIDR)}
	for i, s := range from.Except {
		at := path(at+".except", i)
		except := v.cidr(at, s)
		if !except.IsValid() || !b.cidr.IsValid() {
			continue
		}
		if !b.cidr.Contains(except.Addr()) || except.Bits() <= b.cidr.Bits() {
			v.problem(at, "%s is not a part of %s", except, b.cidr)
		}
		b.except = append(b.except, except)
	}
	return b
}

func (v *validator) cidr(at, s string) netip.Prefix {
	prefix, remark, err := parseCIDR(s)
	switch {
	case err != nil:
		v.problem(at, "%q: %v", s, err)
	case remark != "":
		v.remarks = append(v.remarks, at+": "+remark)
	}
	return prefix
}

func (v *validator) port(at string, p *networkingv1.NetworkPolicyPort) {
	if p.Protocol != nil {
		switch *p.Protocol {
		case corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
		default:
			v.problem(at+".protocol", "%q is none of TCP, UDP and SCTP", *p.Protocol)
		}
	}
	switch {
	case p.Port == nil:
		if p.EndPort != nil {
			v.problem(at+".endPort", "there is no port for it to be the end of")
		}
	case p.Port.Type == intstr.String:
		for _, message := range validation.IsValidPortName(p.Port.StrVal) {
			v.problem(at+".port", "%q is no name of a port: it %s", p.Port.StrVal, message)
		}
		if p.EndPort != nil {
			v.problem(at+".endPort", "the port is a name: there is no range from it")
		}
	default:
		v.number(at+".port", p.Port.IntVal)
		if p.EndPort == nil {
			break
		}
		v.number(at+".endPort", *p.EndPort)
		if *p.EndPort < p.Port.IntVal {
			v.problem(at+".endPort", "%d is below the port %d", *p.EndPort, p.Port.IntVal)
		}
	}
}

func (v *validator) number(at string, n int32) {
	if n < 1 || n > maxPort {
		v.problem(at, "%d is not between 1 and %d", n, maxPort)
	}
}

// metadata refuses names and labels that no object can have.
// Source: ValidateObjectMeta in apimachinery/pkg/api/validation.
func (v *validator) metadata(m *metav1.ObjectMeta) {
	if m.GenerateName == "" { // else the API server makes the name
		for _, message := range validation.IsDNS1123Subdomain(m.Name) {
			v.problem("metadata.name", "%q: %s", m.Name, message)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.Labels)) {
		for _, message := range validation.IsQualifiedName(key) {
			v.problem("metadata.labels", "%q: %s", key, message)
		}
		for _, message := range validation.IsValidLabelValue(m.Labels[key]) {
			v.problem("metadata.labels", "%q: %s", m.Labels[key], message)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.Annotations)) {
		for _, message := range validation.IsQualifiedName(strings.ToLower(key)) {
			v.problem("metadata.annotations", "%q: %s", key, message)
		}
	}
}
