package generate

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

// Tiers are the cluster-wide policies of one version of their API.
type Tiers struct {
	Cluster  []*v1alpha2.ClusterNetworkPolicy
	Admin    []*v1alpha1.AdminNetworkPolicy
	Baseline []*v1alpha1.BaselineAdminNetworkPolicy
	Tie      bool // two policies have the same priority
	Nodes    bool // some peer selects nodes
}

// TierFeatures lists what Tiers puts into clusters.
func TierFeatures() []string {
	return []string{
		"ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "Admin tier", "Baseline tier", "equal priorities",
		"Accept", "Deny", "Pass", "subject namespaces", "subject pods", "peer namespaces", "peer pods", "peer networks", "peer nodes",
		"no protocols", "number", "range", "named", "networks of several ranges", "no rules of a direction",
	}
}

// Tiers adds cluster-wide policies: of the Cluster's kind for even seeds, else
// of both kinds of v1alpha1. At most two share a priority.
func (g *Generator) Tiers(seed uint64, mix Mix) *Tiers {
	d := &tierDice{Generator: g, mix: mix}
	for _, node := range g.Cluster.Nodes {
		node.Labels = map[string]string{"app": pick(g.dice, Values()...)}
	}
	n := 1 + g.dice.IntN(6)
	t := &Tiers{Tie: g.dice.percent(20) && n > 1}
	if t.Tie {
		mix.Hit("equal priorities")
	}
	for i := range n {
		priority := int32(10 * i)
		if t.Tie && i == n-1 {
			priority -= 10
		}
		if seed%2 == 0 {
			t.Cluster = append(t.Cluster, d.cluster(fmt.Sprintf("c%d", g.dice.IntN(1000)*10+i), priority))
			continue
		}
		t.Admin = append(t.Admin, d.admin(fmt.Sprintf("a%d", g.dice.IntN(1000)*10+i), priority))
	}
	if seed%2 == 1 && g.dice.percent(70) {
		t.Baseline = append(t.Baseline, d.baseline())
	}
	t.Nodes = d.selectsNodes
	return t
}

// tierDice makes policies of v1alpha2; those of v1alpha1 are made of them.
type tierDice struct {
	*Generator
	mix          Mix
	selectsNodes bool
}

func (d *tierDice) cluster(name string, priority int32) *v1alpha2.ClusterNetworkPolicy {
	d.mix.Hit("ClusterNetworkPolicy")
	p := d.make(true)
	p.Name, p.Spec.Priority = name, priority
	p.Spec.Tier = pick(d.dice, v1alpha2.AdminTier, v1alpha2.AdminTier, v1alpha2.BaselineTier)
	d.mix.Hit(string(p.Spec.Tier) + " tier")
	return p
}

func (d *tierDice) make(pass bool) *v1alpha2.ClusterNetworkPolicy {
	p := &v1alpha2.ClusterNetworkPolicy{TypeMeta: metav1.TypeMeta{APIVersion: "policy.networking.k8s.io/v1alpha2", Kind: "ClusterNetworkPolicy"}}
	if d.dice.percent(50) {
		p.Spec.Subject.Namespaces = d.quiet().selector(65, "", NamespaceKeys()...)
		d.mix.Hit("subject namespaces")
	} else {
		p.Spec.Subject.Pods = d.pods()
		d.mix.Hit("subject pods")
	}
	for range d.dice.IntN(4) {
		r := v1alpha2.ClusterNetworkPolicyIngressRule{Action: d.action(pass), Protocols: d.protocols(true)}
		for range 1 + d.dice.IntN(2) {
			ns, pods := d.podPeer()
			r.From = append(r.From, v1alpha2.ClusterNetworkPolicyIngressPeer{Namespaces: ns, Pods: pods})
		}
		p.Spec.Ingress = append(p.Spec.Ingress, r)
	}
	for range d.dice.IntN(4) {
		r := v1alpha2.ClusterNetworkPolicyEgressRule{Action: d.action(pass)}
		named := true
		for range 1 + d.dice.IntN(2) {
			peer := d.egressPeer()
			named = named && peer.Networks == nil && peer.Nodes == nil
			r.To = append(r.To, peer)
		}
		r.Protocols = d.protocols(named)
		p.Spec.Egress = append(p.Spec.Egress, r)
	}
	if len(p.Spec.Ingress) == 0 || len(p.Spec.Egress) == 0 {
		d.mix.Hit("no rules of a direction")
	}
	return p
}

func (d *tierDice) action(pass bool) v1alpha2.ClusterNetworkPolicyRuleAction {
	actions := []v1alpha2.ClusterNetworkPolicyRuleAction{v1alpha2.ClusterNetworkPolicyRuleActionAccept, v1alpha2.ClusterNetworkPolicyRuleActionDeny}
	if pass {
		actions = append(actions, v1alpha2.ClusterNetworkPolicyRuleActionPass)
	}
	action := pick(d.dice, actions...)
	d.mix.Hit(string(action))
	return action
}

func (d *tierDice) namespaces() *metav1.LabelSelector {
	return d.quiet().selector(30, "", append(NamespaceKeys(), corev1.LabelMetadataName)...)
}

func (d *tierDice) pods() *v1alpha2.NamespacedPod {
	return &v1alpha2.NamespacedPod{NamespaceSelector: *d.namespaces(), PodSelector: *d.quiet().selector(25, "", podKeys()...)}
}

// quiet is the generator, counting nothing.
func (d *tierDice) quiet() *Generator {
	g := *d.Generator
	g.mix = Mix{}
	return &g
}

func (d *tierDice) podPeer() (*metav1.LabelSelector, *v1alpha2.NamespacedPod) {
	if d.dice.percent(50) {
		d.mix.Hit("peer namespaces")
		return d.namespaces(), nil
	}
	d.mix.Hit("peer pods")
	return nil, d.pods()
}

func (d *tierDice) egressPeer() v1alpha2.ClusterNetworkPolicyEgressPeer {
	switch n := d.dice.IntN(10); {
	case n < 3:
		d.mix.Hit("peer networks")
		return v1alpha2.ClusterNetworkPolicyEgressPeer{Networks: d.networks()}
	case n < 5:
		d.mix.Hit("peer nodes")
		d.selectsNodes = true
		return v1alpha2.ClusterNetworkPolicyEgressPeer{Nodes: d.quiet().selector(30, "", "app")}
	default:
		ns, pods := d.podPeer()
		return v1alpha2.ClusterNetworkPolicyEgressPeer{Namespaces: ns, Pods: pods}
	}
}

func (d *tierDice) networks() []v1alpha2.CIDR {
	var networks []v1alpha2.CIDR
	for range 1 + d.dice.IntN(2) {
		around := d.around(pick(d.dice, d.pool...), 0)
		d.pool = append(d.pool, around.Addr())
		if text := v1alpha2.CIDR(around.String()); len(networks) == 0 || networks[0] != text {
			networks = append(networks, text)
		}
	}
	if len(networks) > 1 {
		d.mix.Hit("networks of several ranges")
	}
	return networks
}

func (d *tierDice) protocols(named bool) []v1alpha2.ClusterNetworkPolicyProtocol {
	var protocols []v1alpha2.ClusterNetworkPolicyProtocol
	for range d.dice.IntN(3) {
		protocols = append(protocols, d.protocolOf(named))
	}
	if protocols == nil {
		d.mix.Hit("no protocols")
	}
	return protocols
}

func (d *tierDice) protocolOf(named bool) v1alpha2.ClusterNetworkPolicyProtocol {
	if named && d.dice.percent(35) {
		d.mix.Hit("named")
		return v1alpha2.ClusterNetworkPolicyProtocol{DestinationNamedPort: pick(d.dice, append(portNames(), "ghost")...)}
	}
	number := pick(d.dice, portNumbers()...)
	port := &v1alpha2.Port{Number: number}
	d.ports = append(d.ports, number-1, number, number+1)
	if d.dice.percent(40) {
		d.mix.Hit("range")
		port = &v1alpha2.Port{Range: &v1alpha2.PortRange{Start: number, End: number + pick[int32](d.dice, 1, 30, 8000)}}
		d.ports = append(d.ports, port.Range.End, port.Range.End+1)
	} else {
		d.mix.Hit("number")
	}
	switch d.protocol() {
	case corev1.ProtocolTCP:
		return v1alpha2.ClusterNetworkPolicyProtocol{TCP: &v1alpha2.ClusterNetworkPolicyProtocolTCP{DestinationPort: port}}
	case corev1.ProtocolUDP:
		return v1alpha2.ClusterNetworkPolicyProtocol{UDP: &v1alpha2.ClusterNetworkPolicyProtocolUDP{DestinationPort: port}}
	default:
		return v1alpha2.ClusterNetworkPolicyProtocol{SCTP: &v1alpha2.ClusterNetworkPolicyProtocolSCTP{DestinationPort: port}}
	}
}

// Networks returns the ranges of all egress rules.
func (t *Tiers) Networks() []netip.Prefix {
	var all []netip.Prefix
	add := func(text string) { all = append(all, netip.MustParsePrefix(text)) }
	for _, p := range t.Cluster {
		for _, r := range p.Spec.Egress {
			for _, to := range r.To {
				for _, cidr := range to.Networks {
					add(string(cidr))
				}
			}
		}
	}
	for _, rules := range t.alpha1Egress() {
		for _, to := range rules {
			for _, cidr := range to.Networks {
				add(string(cidr))
			}
		}
	}
	return all
}
