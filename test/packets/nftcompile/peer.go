package nftcompile

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	netutils "k8s.io/utils/net"
)

// match is an expression that packets match or not.
type match struct {
	word string // ip or ip6 where it is about packets of one family
	text string
}

// and joins two; ok is false where they are about different families: there is
// no such packet.
func (m match) and(other match) (text string, ok bool) {
	return strings.TrimSpace(m.text + " " + other.text), m.word == "" || other.word == "" || m.word == other.word
}

// peers returns matches of the peers, of which one is enough: "Items in this
// list are combined using a logical OR operation. If this field is empty or
// missing, this rule matches all".
func (c Cluster) peers(namespace, side string, peers []networkingv1.NetworkPolicyPeer) ([]match, error) {
	if len(peers) == 0 {
		return []match{{}}, nil
	}
	var list []match
	for _, p := range peers {
		if p.IPBlock != nil {
			m, err := block(side, p.IPBlock)
			if err != nil {
				return nil, err
			}
			list = append(list, m)
			continue
		}
		var found []netip.Addr
		for _, pod := range c.Pods {
			ok, err := c.selects(namespace, p, pod)
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, addresses(pod)...)
			}
		}
		list = append(list, addressMatches(side, found)...)
	}
	return list, nil
}

// selects reports whether a peer with selectors is about the pod: "in the
// Namespaces selected by NamespaceSelector. Otherwise … in the policy's own
// namespace"; without podSelector "all pods".
func (c Cluster) selects(namespace string, p networkingv1.NetworkPolicyPeer, pod *corev1.Pod) (bool, error) {
	if !isPeer(pod) || p.NamespaceSelector == nil && pod.Namespace != namespace {
		return false, nil
	}
	if p.NamespaceSelector != nil {
		if ok, err := matches(p.NamespaceSelector, c.namespaceLabels(pod.Namespace)); !ok || err != nil {
			return false, err
		}
	}
	if p.PodSelector != nil {
		return matches(p.PodSelector, pod.Labels)
	}
	return true, nil
}

func matches(s *metav1.LabelSelector, set map[string]string) (bool, error) {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(set)), err
}

// namespaceLabels has the name beside the labels: API servers see to that.
func (c Cluster) namespaceLabels(name string) map[string]string {
	set := map[string]string{}
	for _, ns := range c.Namespaces {
		if ns.Name == name {
			maps.Copy(set, ns.Labels)
		}
	}
	set[corev1.LabelMetadataName] = name
	return set
}

// isPeer reports whether selectors see the pod: one that has ended has left
// its address, and one of the host's network has none of its own.
func isPeer(pod *corev1.Pod) bool {
	return !pod.Spec.HostNetwork && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
}

// block matches a range without parts of it.
func block(side string, b *networkingv1.IPBlock) (match, error) {
	whole, err := prefix(b.CIDR)
	if err != nil {
		return match{}, err
	}
	text := []string{prefixMatch(side, "", whole)}
	for _, except := range b.Except {
		part, err := prefix(except)
		if err != nil {
			return match{}, err
		}
		text = append(text, prefixMatch(side, "!= ", part))
	}
	return match{word(whole.Addr()), strings.Join(text, " ")}, nil
}

// prefix reads a range as API servers do: numbers with leading zeros are
// decimal, what is behind the prefix does not count, and mapped addresses are
// those of IPv4.
func prefix(text string) (netip.Prefix, error) {
	_, ipNet, err := netutils.ParseCIDRSloppy(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	bits, size := ipNet.Mask.Size()
	if v4 := ipNet.IP.To4(); v4 != nil {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte(v4)), bits-(size-8*net.IPv4len)), nil
	}
	return netip.PrefixFrom(netip.AddrFrom16([16]byte(ipNet.IP)), bits), nil
}

func prefixMatch(side, not string, p netip.Prefix) string {
	switch {
	case p.Bits() > 0:
		return fmt.Sprintf("%s %s %s%s", word(p.Addr()), side, not, p)
	case p.Addr().Is4():
		return "meta nfproto " + not + "ipv4"
	default:
		return "meta nfproto " + not + "ipv6"
	}
}

func word(a netip.Addr) string {
	if a.Is4() {
		return "ip"
	}
	return "ip6"
}

// addressMatches returns up to one match for each family.
func addressMatches(side string, list []netip.Addr) []match {
	byWord := map[string][]string{}
	for _, a := range list {
		if text := a.String(); !slices.Contains(byWord[word(a)], text) {
			byWord[word(a)] = append(byWord[word(a)], text)
		}
	}
	var found []match
	for _, w := range slices.Sorted(maps.Keys(byWord)) {
		found = append(found, match{w, fmt.Sprintf("%s %s { %s }", w, side, strings.Join(byWord[w], ", "))})
	}
	return found
}

// addresses are those of the pod's status.
func addresses(pod *corev1.Pod) []netip.Addr {
	var list []netip.Addr
	for _, ip := range append(slices.Clone(pod.Status.PodIPs), corev1.PodIP{IP: pod.Status.PodIP}) {
		if a, err := netip.ParseAddr(ip.IP); err == nil && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

func (c Cluster) nodeAddresses(name string) []netip.Addr {
	var list []netip.Addr
	for _, n := range c.Nodes {
		for _, a := range n.Status.Addresses {
			addr, err := netip.ParseAddr(a.Address)
			if n.Name == name && err == nil && (a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP) {
				list = append(list, addr)
			}
		}
	}
	return list
}
