package netpol

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Backend is where a Service sends what arrives at one of its ports: policies
// judge the flow after that.
type Backend struct {
	ServicePort PortRange
	Endpoint    *Endpoint
	Port        PortRange // of the endpoint
}

// Service returns the Service of a reference, or a *NotFoundError.
func (c *Cluster) Service(r Reference) (*corev1.Service, error) {
	if s := snapshot.Get[corev1.Service](c.snap, r.Namespace, r.Name); s != nil {
		return s, nil
	}
	return nil, &NotFoundError{Reference: r}
}

// Backends returns the ready endpoints of a Service for each of its ports, in
// the order of ports and endpoints. Doubts are why there may be others.
func (c *Cluster) Backends(s *corev1.Service) (backends []Backend, doubts []Doubt) {
	if s.Spec.Type == corev1.ServiceTypeExternalName {
		return nil, []Doubt{{ByInput, fmt.Sprintf("the Service stands for the name %s: ask about its addresses", s.Spec.ExternalName)}}
	}
	if found := c.slicesOf(s); len(found) > 0 {
		backends = c.fromSlices(s, found)
	} else {
		backends, doubts = c.fromSelector(s)
	}
	if len(backends) == 0 && len(doubts) == 0 {
		doubts = []Doubt{{ByInput, "the Service has no ready endpoint: nothing answers, whatever policies say"}}
	}
	return backends, doubts
}

func (c *Cluster) slicesOf(s *corev1.Service) []*discoveryv1.EndpointSlice {
	var found []*discoveryv1.EndpointSlice
	for slice := range snapshot.Each[discoveryv1.EndpointSlice](c.snap) {
		if slice.Namespace == s.Namespace && slice.Labels[discoveryv1.LabelServiceName] == s.Name && slice.AddressType != discoveryv1.AddressTypeFQDN {
			found = append(found, slice)
		}
	}
	return found
}

// fromSlices reads what the cluster's own controller found: the ports there
// are resolved already.
func (c *Cluster) fromSlices(s *corev1.Service, found []*discoveryv1.EndpointSlice) []Backend {
	var backends []Backend
	for _, port := range s.Spec.Ports {
		for _, slice := range found {
			for _, p := range slice.Ports {
				if p.Port == nil || value(p.Name) != port.Name || protocolOf(value(p.Protocol)) != protocolOf(port.Protocol) {
					continue
				}
				for i := range slice.Endpoints {
					if e := c.sliceEndpoint(&slice.Endpoints[i]); e != nil {
						backends = addBackend(backends, newBackend(s, port, e, *p.Port))
					}
				}
			}
		}
	}
	return backends
}

// sliceEndpoint returns the endpoint if it is ready: unknown counts as ready,
// as the API says.
func (c *Cluster) sliceEndpoint(e *discoveryv1.Endpoint) *Endpoint {
	if e.Conditions.Ready != nil && !*e.Conditions.Ready || len(e.Addresses) == 0 {
		return nil
	}
	if ref := e.TargetRef; ref != nil && ref.Kind == "Pod" {
		if pod := c.Pod(ref.Namespace, ref.Name); pod != nil {
			return pod
		}
	}
	addr, err := netip.ParseAddr(e.Addresses[0])
	if err != nil {
		return nil
	}
	return c.At(addr)
}

// fromSelector finds the endpoints as the controller would: of manifests there
// are no EndpointSlices.
func (c *Cluster) fromSelector(s *corev1.Service) (backends []Backend, doubts []Doubt) {
	if len(s.Spec.Selector) == 0 {
		return nil, []Doubt{{ByInput, "the Service has no selector, and the input no EndpointSlice of it"}}
	}
	selector := labels.SelectorFromSet(s.Spec.Selector)
	pods := c.podsWhere(func(e *Endpoint) bool {
		return e.Namespace == s.Namespace && (e.Ready || s.Spec.PublishNotReadyAddresses) && selector.Matches(e.Labels)
	})
	for _, port := range s.Spec.Ports {
		for _, pod := range pods {
			for _, number := range targetPorts(port, pod) {
				backends = addBackend(backends, newBackend(s, port, pod, number))
			}
		}
	}
	return backends, nil
}

// targetPorts is where a port of a Service leads on a pod: a name is that of
// its first port of that name.
// Source: FindPort in pkg/api/pod/util of Kubernetes.
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

// newBackend tells the port by which clients name the endpoint: of a headless
// Service they connect to the endpoint's own.
func newBackend(s *corev1.Service, port corev1.ServicePort, e *Endpoint, number int32) Backend {
	protocol := protocolOf(port.Protocol)
	named := port.Port
	if s.Spec.ClusterIP == corev1.ClusterIPNone {
		named = number
	}
	return Backend{PortRange{protocol, named, named}, e, PortRange{protocol, number, number}}
}

func addBackend(list []Backend, b Backend) []Backend {
	if slices.Contains(list, b) {
		return list
	}
	return append(list, b)
}

func protocolOf(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
