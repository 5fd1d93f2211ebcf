package draft

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// Atom is the least that a rule can allow: one peer, one range of ports.
type Atom struct {
	Peer networkingv1.NetworkPolicyPeer
	Port netpol.PortRange
}

// Rule allows each of its peers each of its ports.
type Rule struct {
	Peers []networkingv1.NetworkPolicyPeer
	Ports []netpol.PortRange
}

// Rules returns the fewest rules that allow exactly the atoms: peers of the
// same ports are in one, in a fixed order.
func Rules(atoms []Atom) []Rule {
	peers, ports := map[string]networkingv1.NetworkPolicyPeer{}, map[string][]netpol.PortRange{}
	for _, a := range atoms {
		key := Key(a.Peer)
		peers[key] = a.Peer
		if !slices.Contains(ports[key], a.Port) {
			ports[key] = append(ports[key], a.Port)
		}
	}
	var rules []Rule
	for _, key := range slices.SortedFunc(maps.Keys(peers), compareKeys) {
		slices.SortFunc(ports[key], ComparePorts)
		i := slices.IndexFunc(rules, func(r Rule) bool { return slices.Equal(r.Ports, ports[key]) })
		if i < 0 {
			i = len(rules)
			rules = append(rules, Rule{Ports: ports[key]})
		}
		rules[i].Peers = append(rules[i].Peers, peers[key])
	}
	return rules
}

// compareKeys puts selectors before blocks of addresses.
func compareKeys(a, b string) int {
	rank := func(key string) int { return strings.Index(key, "ipBlock") }
	return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b))
}

// ComparePorts orders ranges of ports by protocol and number.
func ComparePorts(a, b netpol.PortRange) int {
	order := netpol.Protocols()
	return cmp.Or(slices.Index(order, a.Protocol)-slices.Index(order, b.Protocol), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// Key tells peers apart.
func Key(p networkingv1.NetworkPolicyPeer) string {
	text, _ := json.Marshal(p) // strings and maps of strings: always possible
	return string(text)
}

// Ports returns the ports as policies have them.
func Ports(ranges []netpol.PortRange) []networkingv1.NetworkPolicyPort {
	ports := make([]networkingv1.NetworkPolicyPort, 0, len(ranges))
	for _, r := range ranges {
		port := networkingv1.NetworkPolicyPort{Protocol: new(r.Protocol)}
		switch whole := (netpol.PortRange{Protocol: r.Protocol, From: 1, To: 65535}); {
		case r == whole:
		case r.From == r.To:
			port.Port = new(intstr.FromInt32(r.From))
		default:
			port.Port, port.EndPort = new(intstr.FromInt32(r.From)), new(r.To)
		}
		ports = append(ports, port)
	}
	return ports
}

// Policy returns a policy for the unit that isolates it in the directions and
// allows what the rules say.
func (u *Unit) Policy(name string, rules map[netpol.Direction][]Rule, directions ...netpol.Direction) *networkingv1.NetworkPolicy {
	np := &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Namespace: u.Namespace, Name: name},
		Spec:       networkingv1.NetworkPolicySpec{PodSelector: u.Selector()},
	}
	for _, d := range directions {
		if d == netpol.Ingress {
			np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
			for _, r := range rules[d] {
				np.Spec.Ingress = append(np.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: r.Peers, Ports: Ports(r.Ports)})
			}
			continue
		}
		np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		for _, r := range rules[d] {
			np.Spec.Egress = append(np.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: r.Peers, Ports: Ports(r.Ports)})
		}
	}
	return np
}

// Text returns the ports of a rule, for people.
func Text(ports []netpol.PortRange) string {
	texts := make([]string, 0, len(ports))
	for _, p := range ports {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, ", ")
}
