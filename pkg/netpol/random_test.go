package netpol_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// dice makes small random clusters in which rules, names and ranges meet
// often.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// some returns up to n values, nil or empty where there are none.
func some[T any](d dice, n int, one func() T) []T {
	var list []T
	if d.oneIn(2) {
		list = []T{}
	}
	for range d.IntN(n + 1) {
		list = append(list, one())
	}
	return list
}

func (d dice) world() *world {
	w := &world{}
	for i := range 3 {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("ns%d", i)}}
		if !d.oneIn(3) {
			ns.Labels = map[string]string{"team": pick(d, "red", "blue", "")}
		}
		w.namespaces = append(w.namespaces, ns)
	}
	for i := range 2 {
		w.nodes = append(w.nodes, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", i), Labels: map[string]string{"role": pick(d, "a", "b")}},
			Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeHostName, Address: "192.168.0.99"},
				{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("192.168.0.%d", i)},
				{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("fd01::%d", i)},
			}},
		})
	}
	for i := range 7 {
		w.pods = append(w.pods, d.pod(i, w.nodes))
	}
	for i := range 2 + d.IntN(6) {
		w.policies = append(w.policies, d.policy(i))
	}
	for i := range max(0, d.IntN(7)-2) {
		w.cluster = append(w.cluster, d.clusterPolicy(i))
	}
	return w
}

func (d dice) pod(i int, nodes []*corev1.Node) *corev1.Pod {
	ns, node := d.IntN(3), d.IntN(2)
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns%d", ns), Name: fmt.Sprintf("p%d", i), Labels: d.labels()},
		Spec:       corev1.PodSpec{NodeName: nodes[node].Name, HostNetwork: d.oneIn(6)},
		Status:     corev1.PodStatus{Phase: pick(d, corev1.PodRunning, corev1.PodRunning, corev1.PodPending)},
	}
	p.Spec.Containers = []corev1.Container{{Name: "a", Ports: d.containerPorts()}, {Name: "b", Ports: d.containerPorts()}}
	p.Spec.InitContainers = []corev1.Container{{Name: "i", Ports: d.containerPorts()}}
	if d.oneIn(2) {
		p.Spec.InitContainers[0].RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
	}
	v4, v6 := fmt.Sprintf("10.0.%d.%d", ns, i), fmt.Sprintf("fd00::%d:%d", ns, i)
	if p.Spec.HostNetwork {
		v4, v6 = nodes[node].Status.Addresses[1].Address, nodes[node].Status.Addresses[2].Address
	}
	p.Status.PodIPs = pick(d, []corev1.PodIP{{IP: v4}}, []corev1.PodIP{{IP: v4}, {IP: v6}}, []corev1.PodIP{{IP: v6}})
	return p
}

func (d dice) labels() map[string]string {
	set := map[string]string{}
	for _, key := range []string{"app", "tier"} {
		if !d.oneIn(4) {
			set[key] = pick(d, "a", "b", "")
		}
	}
	return set
}

func (d dice) containerPorts() []corev1.ContainerPort {
	return some(d, 2, func() corev1.ContainerPort {
		return corev1.ContainerPort{
			Name:          pick(d, "http", "dns", ""),
			Protocol:      pick(d, "", corev1.ProtocolTCP, corev1.ProtocolUDP),
			ContainerPort: pick[int32](d, 80, 81, 53, 8080),
		}
	})
}

func (d dice) policy(i int) *networkingv1.NetworkPolicy {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns%d", d.IntN(3)), Name: fmt.Sprintf("np%d", i)}}
	np.Spec.PodSelector = *d.selector("app", "tier")
	in, out := networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress
	np.Spec.PolicyTypes = pick(d, nil, []networkingv1.PolicyType{}, []networkingv1.PolicyType{in}, []networkingv1.PolicyType{out}, []networkingv1.PolicyType{in, out}, []networkingv1.PolicyType{out, out})
	np.Spec.Ingress = some(d, 3, func() networkingv1.NetworkPolicyIngressRule {
		return networkingv1.NetworkPolicyIngressRule{From: some(d, 3, d.peer), Ports: some(d, 3, d.port)}
	})
	np.Spec.Egress = some(d, 3, func() networkingv1.NetworkPolicyEgressRule {
		return networkingv1.NetworkPolicyEgressRule{To: some(d, 3, d.peer), Ports: some(d, 3, d.port)}
	})
	return np
}

func (d dice) selector(keys ...string) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	for _, key := range keys {
		switch d.IntN(7) {
		case 0:
			s.MatchLabels = map[string]string{key: pick(d, "a", "b", "", "red", "ns0")}
		case 1:
			s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: key, Operator: pick(d, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn), Values: []string{pick(d, "a", "red", "ns1"), pick(d, "b", "blue", "")},
			})
		case 2:
			s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: pick(d, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)})
		default:
		}
	}
	return s
}

func (d dice) peer() networkingv1.NetworkPolicyPeer {
	pods, namespaces := d.selector("app", "tier"), d.selector("team", "kubernetes.io/metadata.name")
	return pick(d,
		networkingv1.NetworkPolicyPeer{PodSelector: pods},
		networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaces},
		networkingv1.NetworkPolicyPeer{PodSelector: pods, NamespaceSelector: namespaces},
		networkingv1.NetworkPolicyPeer{IPBlock: pick(d,
			&networkingv1.IPBlock{CIDR: "0.0.0.0/0"},
			&networkingv1.IPBlock{CIDR: "10.0.0.0/16", Except: []string{"10.0.1.0/24", "10.0.2.4/30"}},
			&networkingv1.IPBlock{CIDR: "10.0.1.0/24", Except: []string{"10.0.1.2/32"}},
			&networkingv1.IPBlock{CIDR: "fd00::/16", Except: []string{"fd00::1:0/112"}},
			&networkingv1.IPBlock{CIDR: "192.168.0.0/31"},
			&networkingv1.IPBlock{CIDR: "203.0.113.0/24", Except: []string{"203.0.113.8/29"}},
		)},
	)
}

func (d dice) port() networkingv1.NetworkPolicyPort {
	p := networkingv1.NetworkPolicyPort{}
	if d.oneIn(2) {
		p.Protocol = pick(d, new(corev1.ProtocolTCP), new(corev1.ProtocolUDP), new(corev1.ProtocolSCTP))
	}
	switch d.IntN(4) {
	case 0:
		p.Port = new(intstr.FromString(pick(d, "http", "dns", "ghost")))
	case 1:
		p.Port = new(intstr.FromInt32(pick[int32](d, 53, 80, 81, 8080, 65535)))
	case 2:
		from := pick[int32](d, 1, 53, 80)
		p.Port, p.EndPort = new(intstr.FromInt32(from)), new(from+pick[int32](d, 0, 1, 28, 8000))
	default:
	}
	return p
}

// connection returns one between pods, nodes and addresses outside.
func (d dice) connection(w *world) connection {
	return connection{
		from: d.place(w), to: d.place(w), family: pick(d, netpol.IPv4, netpol.IPv6),
		protocol: pick(d, corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP),
		port:     pick[int32](d, 1, 52, 53, 54, 80, 81, 82, 108, 109, 8080, 8081, 65534, 65535),
	}
}

func (d dice) place(w *world) place {
	switch d.IntN(8) {
	case 0:
		return place{addresses: []netip.Addr{netip.MustParseAddr(pick(d, "203.0.113.7", "203.0.113.8", "10.0.1.200", "fd00::1:f", "fd00::2:f"))}}
	case 1:
		node := pick(d, w.nodes...)
		return place{node: node.Name, addresses: []netip.Addr{netip.MustParseAddr(node.Status.Addresses[1].Address), netip.MustParseAddr(node.Status.Addresses[2].Address)}}
	default:
		p := place{pod: pick(d, w.pods...)}
		if p.pod.Spec.HostNetwork {
			p.node = p.pod.Spec.NodeName
		}
		for _, ip := range p.pod.Status.PodIPs {
			p.addresses = append(p.addresses, netip.MustParseAddr(ip.IP))
		}
		return p
	}
}

// cluster gives the world to the engine.
func (w *world) engine(t testing.TB, profile netpol.Profile) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	add(b, w.namespaces)
	add(b, w.nodes)
	add(b, w.pods)
	add(b, w.policies)
	addCluster(b, w.cluster)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, profile)
	if len(c.Rejected()) > 0 {
		t.Fatalf("the random policies: %+v", c.Rejected())
	}
	return c
}

func add[T snapshot.Object](b *snapshot.Builder, objects []T) {
	for _, o := range objects {
		b.Add(o.DeepCopyObject().(T))
	}
}

// flow asks the engine about the connection.
func (c connection) flow(cluster *netpol.Cluster) netpol.Flow {
	at := func(p place) *netpol.Endpoint {
		switch {
		case p.pod != nil:
			return cluster.Pod(p.pod.Namespace, p.pod.Name)
		case p.node != "":
			return cluster.Node(p.node)
		default:
			return cluster.At(p.addresses[0])
		}
	}
	return netpol.Flow{From: at(c.from), To: at(c.to), Protocol: c.protocol, Port: c.port, Family: c.family}
}
