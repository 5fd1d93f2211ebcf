package suite

import (
	"net/netip"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// place is where a random cluster is. Its input has holes, the place has none:
// what the engine is sure of must be true all the same.
type place struct {
	router  *lab.Host // forwards, and is nothing in the cluster
	hosts   []*lab.Host
	pods    map[string][]netip.Addr // by NAMESPACE/NAME
	nodes   map[string]*corev1.Node
	byName  map[string]*lab.Host // pods and nodes
	outside *lab.Host
	labels  map[string]string // of namespaces that the input does not have
}

func newPlace(seed uint64, c *generate.Cluster, flows []generate.Flow) *place {
	p := &place{
		router:  &lab.Host{Name: "router", Addresses: addresses("192.168.255.1", "fd01::ffff")},
		outside: &lab.Host{Name: "outside"},
		labels:  map[string]string{},
		pods:    map[string][]netip.Addr{}, nodes: map[string]*corev1.Node{}, byName: map[string]*lab.Host{},
	}
	for i, key := range generate.NamespaceKeys() {
		values := generate.Values()
		if pick := (int(seed) + i) % (len(values) + 1); pick < len(values) {
			p.labels[key] = values[pick]
		}
	}
	// The generator has two nodes, with these addresses.
	for i, name := range []string{"n0", "n1"} {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
		for _, a := range nodeAddresses(i + 1) {
			node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a.String()})
		}
		for _, known := range c.Nodes {
			if known.Name == name {
				node = known.DeepCopy()
			}
		}
		p.nodes[name] = node
		p.add(name, (&generate.Cluster{Nodes: []*corev1.Node{node}}).NodeAddresses(name))
	}
	for i, pod := range c.Pods {
		if generate.Ended(pod) || pod.Spec.HostNetwork {
			continue
		}
		list := generate.PodAddresses(pod)
		if len(list) == 0 { // it gets one before it sends anything
			list = []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 200, byte(i)}), netip.AddrFrom16([16]byte{0: 0xfd, 7: 200, 15: byte(i)})}
		}
		p.pods[nameOf(pod)] = list
		p.add(nameOf(pod), list)
	}
	for _, f := range flows {
		for _, e := range []generate.End{f.From, f.To} {
			if a := e.Address; usable(a) && p.owner(a) == nil && !slices.Contains(p.outside.Addresses, a) {
				p.outside.Addresses = append(p.outside.Addresses, a)
			}
		}
	}
	p.hosts = append(p.hosts, p.outside)
	return p
}

func (p *place) add(name string, list []netip.Addr) {
	h := &lab.Host{Name: name, Addresses: list}
	p.hosts, p.byName[name] = append(p.hosts, h), h
}

// usable reports whether hosts can have the address.
func usable(a netip.Addr) bool {
	return a.IsGlobalUnicast() && (!a.Is4() || a.As4()[0] != 0 && a.As4()[0] < 240)
}

func (p *place) owner(a netip.Addr) *lab.Host {
	for _, h := range p.hosts {
		if slices.Contains(h.Addresses, a) {
			return h
		}
	}
	return nil
}

// find returns the host of an end and its address of the family, nil where it
// has none or is a pod that does not exist.
func (p *place) find(e generate.End, family int) (*lab.Host, netip.Addr) {
	var h *lab.Host
	switch {
	case e.Pod != nil && e.Pod.Spec.HostNetwork:
		h = p.byName[e.Pod.Spec.NodeName]
	case e.Pod != nil:
		h = p.byName[nameOf(e.Pod)]
	case e.Node != "":
		h = p.byName[e.Node]
	case e.Address.IsValid():
		return p.owner(e.Address), e.Address
	}
	if h == nil {
		return nil, netip.Addr{}
	}
	a := address(h.Addresses, netpol.Family(family))
	if !a.IsValid() {
		return nil, a
	}
	return h, a
}

// complete is the cluster as it is, with what its input lacks.
func (p *place) complete(c *generate.Cluster) *world {
	w := &world{policies: c.Policies, namespaces: slices.Clone(c.Namespaces), nodes: []*corev1.Node{p.nodes["n0"], p.nodes["n1"]}}
	for _, pod := range c.Pods {
		pod = pod.DeepCopy()
		if list := p.pods[nameOf(pod)]; list != nil {
			phase := pod.Status.Phase
			giveAddresses(pod, list...)
			pod.Status.Phase = phase
		}
		if pod.Spec.NodeName == "" {
			pod.Spec.NodeName = someNode(c)
		}
		w.pods = append(w.pods, pod)
		if !slices.ContainsFunc(w.namespaces, func(ns *corev1.Namespace) bool { return ns.Name == pod.Namespace }) {
			w.namespaces = append(w.namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: pod.Namespace, Labels: p.labels}})
		}
	}
	return w
}

// someNode is where pods go that have no node yet: to one that the input knows.
// An address that it does not know is one outside to the engine, and never that
// of a node.
func someNode(c *generate.Cluster) string {
	for _, name := range []string{"n0", "n1"} {
		if len(c.NodeAddresses(name)) > 0 {
			return name
		}
	}
	return "n2" // which nobody asks about
}

// flow is what the engine is asked.
func (*place) flow(c *netpol.Cluster, f generate.Flow) netpol.Flow {
	endpoint := func(e generate.End) *netpol.Endpoint {
		switch {
		case e.Pod != nil:
			return c.Pod(e.Pod.Namespace, e.Pod.Name)
		case e.Node != "":
			return c.Node(e.Node)
		default:
			return c.At(e.Address)
		}
	}
	return netpol.Flow{From: endpoint(f.From), To: endpoint(f.To), Protocol: f.Protocol, Port: f.Port, Family: netpol.Family(f.Family)}
}

// engineOf is what the engine makes of the input, refused policies included.
func engineOf(t *testing.T, c *generate.Cluster) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for _, list := range [][]snapshot.Object{objects(c.Namespaces), objects(c.Nodes), objects(c.Pods), objects(c.Policies), objects(c.Refused)} {
		b.Add(list...)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}
