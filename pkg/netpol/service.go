package netpol

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Backend is where a Service sends what arrives at one of its ports: policies
// judge the flow after that.
type Backend struct {
	// ServicePort is the port by which clients name it: of a headless Service
	// they use the endpoint's own.
	ServicePort PortRange
	Name        string // of the Service's port
	Endpoint    *Endpoint
	Port        PortRange // of the endpoint
	Family      Family    // AnyFamily where addresses are not known
}

// Service returns the Service of a reference, or a *NotFoundError.
func (c *Cluster) Service(r Reference) (*corev1.Service, error) {
	if s := snapshot.Get[corev1.Service](c.snap, r.Namespace, r.Name); s != nil {
		return s, nil
	}
	return nil, c.missing(r)
}

// ServiceAt returns the Service that answers at an address and port: at one of
// its own, or at its port of a node; nil where none does.
func (c *Cluster) ServiceAt(addr netip.Addr, protocol corev1.Protocol, port int32) *corev1.Service {
	addr = addr.Unmap()
	if s := cmp.Or(c.services[addr], c.outer[addr]); s != nil {
		return s
	}
	if e := c.byAddress[addr]; e != nil && e.Kind == NodeEndpoint && port > 0 {
		return c.nodePorts[PortRange{protocol, port, port}]
	}
	return nil
}

// backing is what stands behind a Service.
type backing struct {
	backends []Backend
	doubts   []Doubt
}

// Backends returns the ready endpoints of a Service for each of its ports, in
// the order of ports and endpoints. Doubts are why there may be others. The
// slices are shared and must not be changed.
func (c *Cluster) Backends(s *corev1.Service) (backends []Backend, doubts []Doubt) {
	if known, ok := c.backends.Load(s); ok {
		return known.(backing).backends, known.(backing).doubts
	}
	backends, doubts = c.findBackends(s)
	backends, doubts = slices.Clip(backends), slices.Clip(doubts)
	c.backends.Store(s, backing{backends, doubts})
	return backends, doubts
}

func (c *Cluster) findBackends(s *corev1.Service) (backends []Backend, doubts []Doubt) {
	found := c.slices[[2]string{s.Namespace, s.Name}]
	switch {
	case s.Spec.Type == corev1.ServiceTypeExternalName:
		return nil, []Doubt{{ByInput, fmt.Sprintf("Service %s stands for the name %s: ask about its addresses", s.Name, s.Spec.ExternalName)}}
	case len(found) > 0:
		backends, doubts = c.fromSlices(s, found)
	case len(s.Spec.Selector) == 0:
		return nil, []Doubt{{ByInput, fmt.Sprintf("Service %s has no selector, and the input no EndpointSlice of it", s.Name)}}
	default:
		backends = c.fromSelector(s)
	}
	if len(backends) == 0 && len(doubts) == 0 {
		doubts = []Doubt{{ByInput, fmt.Sprintf("Service %s has no ready endpoint: nothing answers, whatever policies say", s.Name)}}
	}
	return backends, doubts
}

// fromSelector finds the endpoints as the controller would: of manifests there
// are no EndpointSlices.
func (c *Cluster) fromSelector(s *corev1.Service) []Backend {
	selector := labels.SelectorFromSet(s.Spec.Selector)
	var pods []*Endpoint
	for _, e := range c.namespaced[s.Namespace] {
		if (e.Ready || s.Spec.PublishNotReadyAddresses) && selector.Matches(e.Labels) {
			pods = append(pods, e)
		}
	}
	var backends []Backend
	for _, port := range portsOf(s) {
		for _, pod := range pods {
			for _, number := range targetPorts(port, pod) {
				for _, family := range familiesOf(s, pod) {
					backends = append(backends, newBackend(s, port, pod, number, family))
				}
			}
		}
	}
	return backends
}

// everyPort is the number of the ports of a headless Service that lists none.
const everyPort = 0

// portsOf are those of the Service. A headless one may have none: its name
// stands for its endpoints then, whatever the port.
func portsOf(s *corev1.Service) []corev1.ServicePort {
	if len(s.Spec.Ports) > 0 || !headless(s) {
		return s.Spec.Ports
	}
	var ports []corev1.ServicePort
	for _, protocol := range Protocols() {
		ports = append(ports, corev1.ServicePort{Protocol: protocol, Port: everyPort})
	}
	return ports
}

func headless(s *corev1.Service) bool { return s.Spec.ClusterIP == corev1.ClusterIPNone }

// targetPorts is where a port of a Service leads on a pod: a name is that of
// its first port of that name.
// Source: FindPort in pkg/api/v1/pod of Kubernetes.
func targetPorts(port corev1.ServicePort, pod *Endpoint) []int32 {
	target := port.TargetPort
	switch {
	case target.Type == intstr.String:
		numbers := pod.numbers(target.StrVal, protocolOf(port.Protocol))
		return numbers[:min(1, len(numbers))]
	case target.IntVal != 0:
		return []int32{target.IntVal}
	default:
		return []int32{port.Port}
	}
}

// familiesOf are those in which the Service sends to the pod. Where it does
// not say, it is the primary one of the cluster, as of the pod.
// Source: ipFamilies and ipFamilyPolicy in k8s.io/api/core/v1.
func familiesOf(s *corev1.Service, pod *Endpoint) []Family {
	var families []Family
	for _, family := range s.Spec.IPFamilies {
		families = append(families, map[corev1.IPFamily]Family{corev1.IPv4Protocol: IPv4, corev1.IPv6Protocol: IPv6}[family])
	}
	dual := value(s.Spec.IPFamilyPolicy) != "" && value(s.Spec.IPFamilyPolicy) != corev1.IPFamilyPolicySingleStack
	switch {
	case len(pod.Addresses) == 0 && len(families) == 0:
		return []Family{AnyFamily}
	case len(pod.Addresses) == 0:
		return families
	case len(families) == 0 && !dual:
		return []Family{familyOf(pod.Addresses[0])}
	}
	var served []Family
	for _, addr := range pod.Addresses {
		if f := familyOf(addr); len(families) == 0 || slices.Contains(families, f) {
			served = append(served, f)
		}
	}
	return served
}

func newBackend(s *corev1.Service, port corev1.ServicePort, e *Endpoint, number int32, family Family) Backend {
	protocol := protocolOf(port.Protocol)
	b := Backend{PortRange{protocol, port.Port, port.Port}, port.Name, e, PortRange{protocol, number, number}, family}
	switch {
	case number == everyPort:
		b.Port = PortRange{protocol, 1, maxPort}
		b.ServicePort = b.Port
	case headless(s):
		b.ServicePort = b.Port
	}
	return b
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
