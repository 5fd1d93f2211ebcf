package suite

import (
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// end is one end of connections.
type end struct {
	name     string // as tables write it: NAMESPACE/POD, node1, outside, …
	host     *lab.Host
	endpoint func(*netpol.Cluster) *netpol.Endpoint
}

// build makes the network of the standard world: node1, which forwards for its
// pods, is the router, and node2 and a host outside are hosts like pods.
func build(t *testing.T, w *world) (*lab.Lab, []end) {
	t.Helper()
	var ends []end
	var hosts []*lab.Host
	add := func(name string, list []netip.Addr, endpoint func(*netpol.Cluster) *netpol.Endpoint) {
		h := &lab.Host{Name: name, Addresses: list, Ports: ports()}
		ends, hosts = append(ends, end{name, h, endpoint}), append(hosts, h)
	}
	for _, pod := range w.pods {
		if !pod.Spec.HostNetwork {
			add(nameOf(pod), podAddresses(pod), endpointOf(pod))
		}
	}
	add("outside", outsideAddresses(), func(c *netpol.Cluster) *netpol.Endpoint { return c.At(outsideAddresses()[0]) })
	add("node2", nodeAddresses(2), func(c *netpol.Cluster) *netpol.Endpoint { return c.Node("node2") })
	add("node1", nodeAddresses(1), func(c *netpol.Cluster) *netpol.Endpoint { return c.Node("node1") })
	for _, pod := range w.pods {
		for _, e := range ends {
			if pod.Spec.HostNetwork && e.name == pod.Spec.NodeName {
				ends = append(ends, end{nameOf(pod), e.host, endpointOf(pod)})
				break
			}
		}
	}
	return start(t, hosts[len(hosts)-1], hosts[:len(hosts)-1]...), ends
}

func nameOf(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

func endpointOf(pod *corev1.Pod) func(*netpol.Cluster) *netpol.Endpoint {
	return func(c *netpol.Cluster) *netpol.Endpoint { return c.Pod(pod.Namespace, pod.Name) }
}

func podAddresses(pod *corev1.Pod) []netip.Addr {
	var list []netip.Addr
	for _, ip := range pod.Status.PodIPs {
		list = append(list, netip.MustParseAddr(ip.IP))
	}
	return list
}

// start makes a network for a test.
func start(t *testing.T, router *lab.Host, hosts ...*lab.Host) *lab.Lab {
	t.Helper()
	lab.Need(t)
	l, err := lab.New(router, hosts...)
	t.Cleanup(l.Close)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// endpointOf is what the engine asks about, for a family: an outside host is
// another for each.
func (e end) endpointOf(c *netpol.Cluster, family netpol.Family) *netpol.Endpoint {
	if e.name == "outside" {
		return c.At(address(outsideAddresses(), family))
	}
	return e.endpoint(c)
}

func address(list []netip.Addr, family netpol.Family) netip.Addr {
	for _, a := range list {
		if a.Is4() == (family == netpol.IPv4) {
			return a
		}
	}
	return netip.Addr{}
}

// kind is a kind of connection.
type kind struct {
	protocol corev1.Protocol
	port     int32
	family   netpol.Family
}

// kinds are all that hosts of a world can tell apart.
func kinds() []kind {
	var list []kind
	for _, protocol := range netpol.Protocols() {
		for _, port := range ports() {
			list = append(list, kind{protocol, int32(port), netpol.IPv4}, kind{protocol, int32(port), netpol.IPv6})
		}
	}
	return list
}
