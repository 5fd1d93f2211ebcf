package netpol_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func policyType(name string) networkingv1.PolicyType { return networkingv1.PolicyType(name) }

// clusterPolicy makes one of any kind; the first may be the only one of its.
func (d dice) clusterPolicy(i int) *clusterPolicy {
	p := &clusterPolicy{name: fmt.Sprintf("cp%d", i), priority: pick[int64](d, 0, 1, 1, 2, 2, 1000), subject: d.podPeer()}
	p.kind, p.tier = pick(d, "ClusterNetworkPolicy", "AdminNetworkPolicy"), "Admin"
	if p.kind == "ClusterNetworkPolicy" && d.oneIn(2) {
		p.tier = "Baseline"
	}
	if i == 0 && d.oneIn(2) {
		p.kind, p.name, p.tier, p.priority = "BaselineAdminNetworkPolicy", "default", "Baseline", -1
	}
	p.rules = map[netpol.Direction][]clusterRule{}
	for _, direction := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
		for range d.IntN(4) {
			p.rules[direction] = append(p.rules[direction], d.clusterRule(p.kind, direction))
		}
	}
	return p
}

func (d dice) clusterRule(kind string, direction netpol.Direction) clusterRule {
	r := clusterRule{action: pick(d, "Accept", "Deny", "Pass")}
	if kind == "BaselineAdminNetworkPolicy" {
		r.action = pick(d, "Accept", "Deny")
	}
	named := true
	for range 1 + d.IntN(2) {
		peer := d.podPeer()
		switch roll := d.IntN(24); {
		case roll == 0:
			peer = clusterPeer{}
		case direction == netpol.Egress && roll < 8:
			peer, named = clusterPeer{networks: pick(d, []string{"0.0.0.0/0"}, []string{"10.0.1.7/24", "fd00::/64"}, []string{"203.0.113.0/29", "10.0.0.0/16"}, []string{"::/0", "192.168.0.1/32"})}, false
		case direction == netpol.Egress && roll < 14:
			peer, named = clusterPeer{nodes: d.selector("role")}, false
		}
		r.peers = append(r.peers, peer)
	}
	for range max(0, d.IntN(4)-1) {
		from := pick[int32](d, 1, 53, 80, 8080)
		port := clusterPort{protocol: pick(d, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP), from: from, to: from + pick[int32](d, 0, 1, 28, 8000)}
		if named && d.oneIn(3) {
			port = clusterPort{name: pick(d, "http", "dns", "ghost")}
		}
		r.ports = append(r.ports, port)
	}
	return r
}

// openPolicy makes one of which is not known what it matches.
func (d dice) openPolicy() *clusterPolicy {
	p := d.clusterPolicy(90)
	p.kind = "ClusterNetworkPolicy"
	p.rules[netpol.Ingress] = append(p.rules[netpol.Ingress], d.clusterRule(p.kind, netpol.Ingress))
	p.rules[netpol.Egress] = append(p.rules[netpol.Egress], clusterRule{action: "Accept", peers: []clusterPeer{d.podPeer(), {domains: []string{"example.com"}}}})
	invalid := map[string]any{"matchExpressions": []any{map[string]any{"key": "app", "operator": "Like"}}}
	first := func(list any) map[string]any { return list.([]any)[0].(map[string]any) }
	p.spoil = pick(d,
		nil,
		func(spec map[string]any) { spec["unless"] = "Sunday" },
		func(spec map[string]any) { spec["subject"] = map[string]any{"namespaces": invalid} },
		func(spec map[string]any) { spec["subject"] = map[string]any{"services": invalid} },
		func(spec map[string]any) { first(spec["ingress"])["unless"] = "Sunday" },
		func(spec map[string]any) { first(spec["egress"])["unless"] = "Sunday" },
		func(spec map[string]any) {
			first(spec["ingress"])["from"] = []any{map[string]any{"namespaces": invalid}}
		},
		func(spec map[string]any) {
			first(spec["egress"])["to"] = []any{map[string]any{"nodes": invalid}}
			delete(first(spec["egress"]), "protocols")
		},
		func(spec map[string]any) {
			first(spec["ingress"])["protocols"] = []any{map[string]any{"tcp": map[string]any{"flags": "SYN"}}, map[string]any{"sctp": map[string]any{"destinationPort": map[string]any{"number": int64(80)}}}}
		},
	)
	return p
}

func (d dice) podPeer() clusterPeer {
	p := clusterPeer{namespaces: d.selector("team", "kubernetes.io/metadata.name")}
	if d.oneIn(2) {
		p.pods = d.selector("app", "tier")
	}
	return p
}

// laterCluster changes some of the policies.
func (d dice) laterCluster(policies []*clusterPolicy) []*clusterPolicy {
	var later []*clusterPolicy
	for i, p := range policies {
		switch d.IntN(6) {
		case 0:
			continue
		case 1:
			p = d.clusterPolicy(i + 50)
		}
		later = append(later, p)
	}
	return later
}

func addCluster(b *snapshot.Builder, policies []*clusterPolicy) {
	for _, p := range policies {
		b.Add(p.object())
	}
}

// object writes the policy as API servers have it.
func (p *clusterPolicy) object() *unstructured.Unstructured {
	spec := map[string]any{"subject": p.subject.object()}
	version, ports := "v1alpha1", "ports"
	if p.kind == "ClusterNetworkPolicy" {
		version, ports = "v1alpha2", "protocols"
		spec["tier"] = p.tier
	}
	if p.priority >= 0 {
		spec["priority"] = p.priority
	}
	for direction, rules := range p.rules {
		var list []any
		for _, r := range rules {
			list = append(list, r.object(ports, map[netpol.Direction]string{netpol.Ingress: "from", netpol.Egress: "to"}[direction]))
		}
		spec[string(direction)] = list
	}
	if p.spoil != nil {
		p.spoil(spec)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "policy.networking.k8s.io/" + version, "kind": p.kind, "metadata": map[string]any{"name": p.name}, "spec": spec,
	}}
}

func (r clusterRule) object(ports, peers string) map[string]any {
	made := map[string]any{"action": r.action}
	if ports == "ports" && r.action == "Accept" {
		made["action"] = "Allow"
	}
	var list []any
	for _, p := range r.peers {
		list = append(list, p.object())
	}
	made[peers] = list
	list = nil
	for _, p := range r.ports {
		list = append(list, p.object(ports))
	}
	if len(list) > 0 {
		made[ports] = list
	}
	return made
}

func (p clusterPort) object(field string) map[string]any {
	span := map[string]any{"start": int64(p.from), "end": int64(p.to)}
	switch one := p.from == p.to; {
	case field == "ports" && p.name != "":
		return map[string]any{"namedPort": p.name}
	case field == "ports" && one:
		return map[string]any{"portNumber": map[string]any{"protocol": string(p.protocol), "port": int64(p.from)}}
	case field == "ports":
		span["protocol"] = string(p.protocol)
		return map[string]any{"portRange": span}
	case p.name != "":
		return map[string]any{"destinationNamedPort": p.name}
	case one:
		span = map[string]any{"number": int64(p.from)}
	default:
		span = map[string]any{"range": span}
	}
	return map[string]any{map[corev1.Protocol]string{"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}[p.protocol]: map[string]any{"destinationPort": span}}
}

func (p clusterPeer) object() map[string]any {
	switch {
	case p.networks != nil:
		return map[string]any{"networks": anys(p.networks)}
	case p.domains != nil:
		return map[string]any{"domainNames": anys(p.domains)}
	case p.nodes != nil:
		return map[string]any{"nodes": selectorObject(p.nodes)}
	case p.pods != nil:
		return map[string]any{"pods": map[string]any{"namespaceSelector": selectorObject(p.namespaces), "podSelector": selectorObject(p.pods)}}
	case p.namespaces != nil:
		return map[string]any{"namespaces": selectorObject(p.namespaces)}
	default:
		return map[string]any{"services": map[string]any{}} // of a later version
	}
}

func anys(texts []string) []any {
	var list []any
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

func selectorObject(s *metav1.LabelSelector) map[string]any {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(s)
	if err != nil {
		panic(err) // a selector always converts
	}
	return object
}
