package oracle

import (
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

// side is an end of a flow with all that may be true of it, as far as the
// input tells.
type side struct {
	pod      *corev1.Pod // in the input, nil for others
	views    []view      // never empty
	fromNode bool        // its traffic is a node's
	node     string      // that it runs on or is, "" where not known
	unknown  bool        // something is missing in the input
}

// side returns what is known of an end. That pods of the host's network are
// seen as their node is what the documentation calls most common.
func (t *trial) side(e generate.End, f generate.Flow) side {
	switch {
	case e.Address.IsValid():
		return t.at(e.Address)
	case e.Future != nil:
		s := side{unknown: true}
		for _, ports := range [][]corev1.ContainerPort{nil, everyName(f)} {
			pod := e.Future.DeepCopy()
			pod.Spec.Containers = []corev1.Container{{Ports: ports}}
			s.add(pod, t.namespaces(pod.Namespace), t.cells(f.Family))
		}
		return s
	case e.Node != "":
		return t.ofNode(e.Node, family(t.c.NodeAddresses(e.Node), f.Family))
	}
	known := family(generate.PodAddresses(e.Pod), f.Family)
	s := side{pod: e.Pod, node: e.Pod.Spec.NodeName, fromNode: e.Pod.Spec.HostNetwork}
	addresses := known
	if len(known) == 0 {
		addresses = t.cells(f.Family)
		s.unknown = true
	}
	if own := family(t.c.NodeAddresses(s.node), f.Family); t.tiered && s.fromNode && len(known) == 0 && len(own) > 0 {
		addresses = own // peers select nodes by them
	}
	if s.fromNode {
		s.add(nil, []map[string]string{nil}, addresses)
		return s
	}
	namespaces := t.namespaces(e.Pod.Namespace)
	s.unknown = s.unknown || len(namespaces) > 1 || s.node == ""
	s.add(t.pods[e.Pod], namespaces, addresses)
	return s
}

// at returns the end that has an address.
func (t *trial) at(a netip.Addr) side {
	for _, p := range t.c.Pods {
		if !p.Spec.HostNetwork && !generate.Ended(p) && slices.Contains(generate.PodAddresses(p), a) {
			s := side{pod: p, node: p.Spec.NodeName}
			s.add(t.pods[p], t.namespaces(p.Namespace), []netip.Addr{a})
			s.unknown = len(s.views) > 1 || s.node == ""
			return s
		}
	}
	for _, name := range t.nodes {
		if slices.Contains(t.c.NodeAddresses(name), a) {
			return t.ofNode(name, []netip.Addr{a})
		}
	}
	s := side{}
	s.add(nil, []map[string]string{nil}, []netip.Addr{a})
	return s
}

func (t *trial) ofNode(name string, addresses []netip.Addr) side {
	s := side{fromNode: true, node: name, unknown: len(addresses) > 1}
	s.add(nil, []map[string]string{nil}, addresses)
	return s
}

func (s *side) add(pod *corev1.Pod, namespaces []map[string]string, addresses []netip.Addr) {
	for _, labels := range namespaces {
		for _, a := range addresses {
			s.views = append(s.views, view{pod, labels, a})
		}
	}
}

// asSubject returns the side as the end whose policies are asked: its address
// and the labels of its namespace do not matter then.
func (s side) asSubject() []view {
	var views []view
	for _, v := range s.views {
		if !slices.ContainsFunc(views, func(o view) bool { return o.pod == v.pod }) {
			views = append(views, v)
		}
	}
	return views
}

// everyName returns container ports that give the port of the flow every name
// that policies use.
func everyName(f generate.Flow) []corev1.ContainerPort {
	var ports []corev1.ContainerPort
	for _, name := range []string{"http", "dns", "metrics", "ghost"} {
		ports = append(ports, corev1.ContainerPort{Name: name, Protocol: f.Protocol, ContainerPort: f.Port})
	}
	return ports
}

func family(list []netip.Addr, wanted int) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(list), func(a netip.Addr) bool { return wanted != 0 && a.Is4() != (wanted == 4) })
}

// namespaces returns the labels that a namespace may have: one set where it is
// in the input. API servers keep the label of the name true.
func (t *trial) namespaces(name string) []map[string]string {
	for _, ns := range t.c.Namespaces {
		if ns.Name == name {
			own := map[string]string{}
			maps.Copy(own, ns.Labels)
			own[corev1.LabelMetadataName] = name
			return []map[string]string{own}
		}
	}
	sets := []map[string]string{{corev1.LabelMetadataName: name}}
	for _, key := range generate.NamespaceKeys() {
		for _, set := range slices.Clone(sets) {
			for _, value := range append(generate.Values(), "other") {
				more := map[string]string{key: value}
				maps.Copy(more, set)
				sets = append(sets, more)
			}
		}
	}
	return sets
}

// cells returns one address of each part of the address space that ipBlocks
// tell apart.
func (t *trial) cells(wanted int) []netip.Addr {
	list := []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	add := func(cidr string) {
		p := netip.MustParsePrefix(withoutZeros(cidr))
		if p.Addr().Is4In6() {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		list = append(list, p.Masked().Addr())
		if after := lastOf(p.Masked()).Next(); after.IsValid() {
			list = append(list, after)
		}
	}
	for _, p := range t.networks {
		add(p.String())
	}
	for _, np := range t.policies {
		for _, peers := range peersOf(np) {
			for _, peer := range peers {
				if peer.IPBlock != nil {
					add(peer.IPBlock.CIDR)
					for _, except := range peer.IPBlock.Except {
						add(except)
					}
				}
			}
		}
	}
	for i, a := range list {
		for t.tiered && slices.ContainsFunc(t.nodes, func(name string) bool { return slices.Contains(t.c.NodeAddresses(name), a) }) {
			a = a.Next() // no pod has the address of a node, by which peers select those
		}
		list[i] = a
	}
	list = family(list, wanted)
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

func peersOf(np *networkingv1.NetworkPolicy) [][]networkingv1.NetworkPolicyPeer {
	var lists [][]networkingv1.NetworkPolicyPeer
	for _, rule := range np.Spec.Ingress {
		lists = append(lists, rule.From)
	}
	for _, rule := range np.Spec.Egress {
		lists = append(lists, rule.To)
	}
	return lists
}

func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < p.Addr().BitLen(); i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// local reports whether the flow comes from the node of its destination:
// "OR if the traffic source is the pod's local node".
func local(from, to side) netpol.Truth {
	switch {
	case !from.fromNode || to.fromNode:
		return netpol.No
	case from.node == "" || to.node == "":
		return netpol.Maybe
	case from.node == to.node:
		return netpol.Yes
	default:
		return netpol.No
	}
}
