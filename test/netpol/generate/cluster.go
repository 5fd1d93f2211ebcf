package generate

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Cluster is a random cluster, written as people and API servers write:
// defaults may be missing.
type Cluster struct {
	Namespaces []*corev1.Namespace // some of those that pods are in
	Nodes      []*corev1.Node      // some of those that pods are on
	Pods       []*corev1.Pod
	Policies   []*networkingv1.NetworkPolicy
	// Refused are policies that API servers refuse: they are in the input and
	// count for nothing.
	Refused []*networkingv1.NetworkPolicy
}

// Generator makes one cluster and flows in it.
type Generator struct {
	Cluster *Cluster

	dice  dice
	mix   Mix
	names []string     // of the namespaces
	nodes []*node      // also those that are not in the input
	pool  []netip.Addr // worth asking about
	freed []netip.Addr // of pods that have ended
	ports []int32      // worth asking about
}

type node struct {
	name      string
	addresses []netip.Addr
	known     bool
}

// New makes a cluster from a seed and counts its features.
func New(seed uint64, mix Mix) *Generator {
	g := &Generator{Cluster: &Cluster{}, dice: seeded(seed), mix: mix}
	g.names = []string{"x", "y", "z", "x-1"}[:2+g.dice.IntN(3)]
	g.pool = addresses("203.0.113.7", "198.51.100.70", "10.0.9.9", "2001:db8::7", "fd00:0:0:9::9")
	g.ports = []int32{1, 65535}
	for _, name := range g.names {
		g.addNamespace(name)
	}
	for i := range 2 {
		g.addNode(i)
	}
	for i := range 5 + g.dice.IntN(5) {
		g.addPod(i)
	}
	for i := range 5 + g.dice.IntN(10) {
		g.Cluster.Policies = append(g.Cluster.Policies, g.policy(fmt.Sprintf("p%d", i)))
	}
	if g.dice.percent(15) {
		g.Cluster.Refused = append(g.Cluster.Refused, g.refused(g.policy("refused")))
	}
	return g
}

func addresses(texts ...string) []netip.Addr {
	list := make([]netip.Addr, 0, len(texts))
	for _, text := range texts {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

func (g *Generator) addNamespace(name string) {
	if g.dice.percent(6) {
		g.mix.Hit("namespace not in the input")
		return
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if ns.Labels = g.namespaceLabels(); len(ns.Labels) == 0 {
		g.mix.Hit("namespace without labels")
	}
	switch {
	case g.dice.percent(50): // as API servers do
		ns.Labels[corev1.LabelMetadataName] = name
	case g.dice.percent(25):
		ns.Labels[corev1.LabelMetadataName] = pick(g.dice, "x", "y", "false")
		g.mix.Hit("namespace with a false name label")
	}
	g.Cluster.Namespaces = append(g.Cluster.Namespaces, ns)
}

func (g *Generator) namespaceLabels() map[string]string {
	set := map[string]string{}
	for _, key := range NamespaceKeys() {
		if g.dice.percent(60) {
			set[key] = pick(g.dice, Values()...)
		}
	}
	return set
}

func (g *Generator) addNode(i int) {
	n := &node{name: fmt.Sprintf("n%d", i), known: g.dice.percent(85)}
	n.addresses = addresses(fmt.Sprintf("192.168.0.%d", i+1), fmt.Sprintf("fd01::%d", i+1))
	g.nodes = append(g.nodes, n)
	g.pool = append(g.pool, n.addresses...)
	if !n.known {
		g.mix.Hit("node not in the input")
		return
	}
	if g.dice.percent(25) {
		n.addresses = append(n.addresses, netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i+1)))
		g.pool = append(g.pool, n.addresses[2])
		g.mix.Hit("node with two addresses of a family")
	}
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name}}
	object.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: n.name}, {Type: corev1.NodeInternalDNS, Address: "203.0.113.7"}}
	for i, a := range n.addresses {
		kind := corev1.NodeInternalIP
		if i == 2 {
			kind = corev1.NodeExternalIP
		}
		object.Status.Addresses = append(object.Status.Addresses, corev1.NodeAddress{Type: kind, Address: a.String()})
	}
	g.Cluster.Nodes = append(g.Cluster.Nodes, object)
}

// NamespaceKeys are the keys of labels that namespaces have beside their name.
func NamespaceKeys() []string { return []string{"team", "env"} }

// Values are those of all labels.
func Values() []string { return []string{"a", "b", ""} }

func (g *Generator) podLabels() map[string]string {
	set := map[string]string{}
	for _, key := range podKeys() {
		if g.dice.percent(65) {
			set[key] = pick(g.dice, Values()...)
		}
	}
	return set
}

func podKeys() []string { return []string{"app", "tier", "team"} }
