package generate

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

func (d *tierDice) admin(name string, priority int32) *v1alpha1.AdminNetworkPolicy {
	d.mix.Hit("AdminNetworkPolicy")
	from := d.make(true)
	p := &v1alpha1.AdminNetworkPolicy{TypeMeta: metav1.TypeMeta{APIVersion: "policy.networking.k8s.io/v1alpha1", Kind: "AdminNetworkPolicy"}}
	p.Name, p.Spec.Priority, p.Spec.Subject = name, priority, subjectOf(from)
	for _, r := range from.Spec.Ingress {
		p.Spec.Ingress = append(p.Spec.Ingress, v1alpha1.AdminNetworkPolicyIngressRule{
			Action: v1alpha1.AdminNetworkPolicyRuleAction(actionOf(r.Action)), From: sourcesOf(r.From), Ports: portsOf(r.Protocols),
		})
	}
	for _, r := range from.Spec.Egress {
		made := v1alpha1.AdminNetworkPolicyEgressRule{Action: v1alpha1.AdminNetworkPolicyRuleAction(actionOf(r.Action)), Ports: portsOf(r.Protocols)}
		for _, to := range r.To {
			made.To = append(made.To, v1alpha1.AdminNetworkPolicyEgressPeer{Namespaces: to.Namespaces, Pods: podsOf(to.Pods), Nodes: to.Nodes, Networks: networksOf(to.Networks)})
		}
		p.Spec.Egress = append(p.Spec.Egress, made)
	}
	return p
}

func (d *tierDice) baseline() *v1alpha1.BaselineAdminNetworkPolicy {
	d.mix.Hit("BaselineAdminNetworkPolicy")
	from := d.make(false)
	p := &v1alpha1.BaselineAdminNetworkPolicy{TypeMeta: metav1.TypeMeta{APIVersion: "policy.networking.k8s.io/v1alpha1", Kind: "BaselineAdminNetworkPolicy"}}
	p.Name, p.Spec.Subject = "default", subjectOf(from)
	for _, r := range from.Spec.Ingress {
		p.Spec.Ingress = append(p.Spec.Ingress, v1alpha1.BaselineAdminNetworkPolicyIngressRule{
			Action: v1alpha1.BaselineAdminNetworkPolicyRuleAction(actionOf(r.Action)), From: sourcesOf(r.From), Ports: portsOf(r.Protocols),
		})
	}
	for _, r := range from.Spec.Egress {
		made := v1alpha1.BaselineAdminNetworkPolicyEgressRule{Action: v1alpha1.BaselineAdminNetworkPolicyRuleAction(actionOf(r.Action)), Ports: portsOf(r.Protocols)}
		for _, to := range r.To {
			made.To = append(made.To, v1alpha1.BaselineAdminNetworkPolicyEgressPeer{Namespaces: to.Namespaces, Pods: podsOf(to.Pods), Nodes: to.Nodes, Networks: networksOf(to.Networks)})
		}
		p.Spec.Egress = append(p.Spec.Egress, made)
	}
	return p
}

func (t *Tiers) alpha1Egress() [][]v1alpha1.AdminNetworkPolicyEgressPeer {
	var lists [][]v1alpha1.AdminNetworkPolicyEgressPeer
	for _, p := range t.Admin {
		for _, r := range p.Spec.Egress {
			lists = append(lists, r.To)
		}
	}
	for _, p := range t.Baseline {
		for _, r := range p.Spec.Egress {
			for _, to := range r.To {
				lists = append(lists, []v1alpha1.AdminNetworkPolicyEgressPeer{{Networks: to.Networks}})
			}
		}
	}
	return lists
}

func actionOf(a v1alpha2.ClusterNetworkPolicyRuleAction) string {
	if a == v1alpha2.ClusterNetworkPolicyRuleActionAccept {
		return "Allow"
	}
	return string(a)
}

func subjectOf(p *v1alpha2.ClusterNetworkPolicy) v1alpha1.AdminNetworkPolicySubject {
	return v1alpha1.AdminNetworkPolicySubject{Namespaces: p.Spec.Subject.Namespaces, Pods: podsOf(p.Spec.Subject.Pods)}
}

func podsOf(p *v1alpha2.NamespacedPod) *v1alpha1.NamespacedPod {
	return (*v1alpha1.NamespacedPod)(p)
}

func sourcesOf(from []v1alpha2.ClusterNetworkPolicyIngressPeer) []v1alpha1.AdminNetworkPolicyIngressPeer {
	var peers []v1alpha1.AdminNetworkPolicyIngressPeer
	for _, f := range from {
		peers = append(peers, v1alpha1.AdminNetworkPolicyIngressPeer{Namespaces: f.Namespaces, Pods: podsOf(f.Pods)})
	}
	return peers
}

func networksOf(from []v1alpha2.CIDR) []v1alpha1.CIDR {
	var networks []v1alpha1.CIDR
	for _, cidr := range from {
		networks = append(networks, v1alpha1.CIDR(cidr))
	}
	return networks
}

func portsOf(from []v1alpha2.ClusterNetworkPolicyProtocol) *[]v1alpha1.AdminNetworkPolicyPort {
	var ports []v1alpha1.AdminNetworkPolicyPort
	for _, p := range from {
		switch {
		case p.TCP != nil:
			ports = append(ports, portOf(corev1.ProtocolTCP, p.TCP.DestinationPort))
		case p.UDP != nil:
			ports = append(ports, portOf(corev1.ProtocolUDP, p.UDP.DestinationPort))
		case p.SCTP != nil:
			ports = append(ports, portOf(corev1.ProtocolSCTP, p.SCTP.DestinationPort))
		default:
			ports = append(ports, v1alpha1.AdminNetworkPolicyPort{NamedPort: &p.DestinationNamedPort})
		}
	}
	if ports == nil {
		return nil
	}
	return &ports
}

func portOf(protocol corev1.Protocol, p *v1alpha2.Port) v1alpha1.AdminNetworkPolicyPort {
	if p.Range != nil {
		return v1alpha1.AdminNetworkPolicyPort{PortRange: &v1alpha1.PortRange{Protocol: protocol, Start: p.Range.Start, End: p.Range.End}}
	}
	return v1alpha1.AdminNetworkPolicyPort{PortNumber: &v1alpha1.Port{Protocol: protocol, Port: p.Number}}
}
