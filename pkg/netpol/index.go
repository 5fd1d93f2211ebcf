package netpol

import (
	"net/netip"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// index finds what a question names without going through the whole cluster.
type index struct {
	namespaced map[string][]*Endpoint    // by namespace: its pods
	controlled map[[2]string][]*Endpoint // by namespace and Kind/name of any of their controllers
	slices     map[[2]string][]*discoveryv1.EndpointSlice
	services   map[netip.Addr]*corev1.Service // by cluster IP
	outer      map[netip.Addr]*corev1.Service // by the addresses for clients outside
	nodePorts  map[PortRange]*corev1.Service
	addresses  []netip.Addr // of pods and nodes, in order
	backends   *sync.Map    // by the Service: what Backends has found

	// By name, whatever the namespace; made when something is not found.
	named         func() map[string][]*Endpoint // pods, and those of a workload by its name
	servicesNamed func() map[string][]*corev1.Service
	entries       func() []Entry                // made when an answer is about clients outside
	ways          func() map[*Endpoint][]string // as entries: remarks about what leads in
}

func newIndex() index {
	return index{
		namespaced: map[string][]*Endpoint{}, controlled: map[[2]string][]*Endpoint{},
		slices: map[[2]string][]*discoveryv1.EndpointSlice{}, services: map[netip.Addr]*corev1.Service{},
		outer: map[netip.Addr]*corev1.Service{}, nodePorts: map[PortRange]*corev1.Service{}, backends: &sync.Map{},
	}
}

// addEndpoint adds a pod, or what stands for those of a template.
func (c *Cluster) addEndpoint(e *Endpoint, controllers ...string) {
	c.endpoints = append(c.endpoints, e)
	c.namespaced[e.Namespace] = append(c.namespaced[e.Namespace], e)
	for _, controller := range controllers {
		key := [2]string{e.Namespace, controller}
		c.controlled[key] = append(c.controlled[key], e)
	}
}

func (c *Cluster) ofWorkload(namespace, workload string) []*Endpoint {
	return c.controlled[[2]string{namespace, workload}]
}

func (c *Cluster) collectServices() {
	for s := range snapshot.Each[corev1.Service](c.snap) {
		addAddresses(c.services, s, append([]string{s.Spec.ClusterIP}, s.Spec.ClusterIPs...))
		addAddresses(c.outer, s, s.Spec.ExternalIPs)
		for _, ingress := range s.Status.LoadBalancer.Ingress {
			addAddresses(c.outer, s, []string{ingress.IP})
		}
		for _, p := range s.Spec.Ports {
			c.nodePorts[PortRange{protocolOf(p.Protocol), p.NodePort, p.NodePort}] = s
		}
	}
	for slice := range snapshot.Each[discoveryv1.EndpointSlice](c.snap) {
		if slice.AddressType != discoveryv1.AddressTypeFQDN {
			key := [2]string{slice.Namespace, slice.Labels[discoveryv1.LabelServiceName]}
			c.slices[key] = append(c.slices[key], slice)
		}
	}
}

// addAddresses skips what is no address: None, a name, or nothing.
func addAddresses(to map[netip.Addr]*corev1.Service, s *corev1.Service, ips []string) {
	for _, ip := range ips {
		if addr, err := netip.ParseAddr(ip); err == nil {
			to[addr.Unmap()] = s
		}
	}
}

func (c *Cluster) sortAddresses() {
	for addr := range c.byAddress {
		c.addresses = append(c.addresses, addr)
	}
	slices.SortFunc(c.addresses, netip.Addr.Compare)
}

// byNames prepares the search for names in other namespaces.
func (c *Cluster) byNames() {
	c.named = sync.OnceValue(func() map[string][]*Endpoint {
		found := map[string][]*Endpoint{}
		for _, e := range c.endpoints {
			if e.Kind == PodEndpoint && e.Name != "" {
				found[e.Name] = append(found[e.Name], e)
			}
			if _, name, ok := strings.Cut(e.Workload, "/"); ok {
				found[name] = append(found[name], e)
			}
		}
		return found
	})
	c.entries, c.ways = sync.OnceValue(c.findEntries), sync.OnceValue(c.findWays)
	c.servicesNamed = sync.OnceValue(func() map[string][]*corev1.Service {
		found := map[string][]*corev1.Service{}
		for s := range snapshot.Each[corev1.Service](c.snap) {
			found[s.Name] = append(found[s.Name], s)
		}
		return found
	})
}

// known returns the addresses of pods and nodes in the range, in order.
func (c *Cluster) known(a addressRange) []netip.Addr {
	first, _ := slices.BinarySearchFunc(c.addresses, a.first, netip.Addr.Compare)
	end, last := slices.BinarySearchFunc(c.addresses, a.last, netip.Addr.Compare)
	if last {
		end++
	}
	return c.addresses[first:end]
}
