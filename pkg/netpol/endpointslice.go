package netpol

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// fromSlices reads what the cluster's own controller found: names of ports are
// resolved there already.
func (c *Cluster) fromSlices(s *corev1.Service, found []*discoveryv1.EndpointSlice) ([]Backend, []Doubt) {
	r := &sliceReader{Cluster: c, service: s, seen: map[sliceKey]bool{}}
	for _, port := range portsOf(s) {
		for _, slice := range found {
			for _, number := range slicePorts(slice, port) {
				for i := range slice.Endpoints {
					r.add(&slice.Endpoints[i], port, number)
				}
			}
		}
	}
	if len(r.backends) == 0 && r.ending {
		r.doubts = append(r.doubts, Doubt{BySpec, fmt.Sprintf("all endpoints of Service %s are terminating: whether they still answer is left to the network", s.Name)})
	}
	return r.backends, unique(r.doubts)
}

// slicePorts is where a port of a Service leads on the endpoints of a slice.
func slicePorts(slice *discoveryv1.EndpointSlice, port corev1.ServicePort) []int32 {
	if port.Port == everyPort {
		return []int32{everyPort}
	}
	var numbers []int32
	for _, p := range slice.Ports {
		if p.Port != nil && value(p.Name) == port.Name && protocolOf(value(p.Protocol)) == protocolOf(port.Protocol) {
			numbers = append(numbers, *p.Port)
		}
	}
	return numbers
}

// sliceReader collects the endpoints of a Service's slices. For some time one
// may be in two of them.
type sliceReader struct {
	*Cluster
	service  *corev1.Service
	seen     map[sliceKey]bool
	backends []Backend
	doubts   []Doubt
	ending   bool // some endpoint still serves, but not for long
}

type sliceKey struct {
	addr        netip.Addr
	port        int32
	protocol    corev1.Protocol
	destination int32
}

// add adds the endpoint if it is ready: unknown counts as ready, and only the
// first address counts.
// Source: EndpointConditions and Endpoint in k8s.io/api/discovery/v1.
func (r *sliceReader) add(e *discoveryv1.Endpoint, port corev1.ServicePort, number int32) {
	if e.Conditions.Ready != nil && !*e.Conditions.Ready || len(e.Addresses) == 0 {
		r.ending = r.ending || value(e.Conditions.Serving) && value(e.Conditions.Terminating)
		return
	}
	addr, err := netip.ParseAddr(e.Addresses[0])
	key := sliceKey{addr, port.Port, protocolOf(port.Protocol), number}
	if err != nil || r.seen[key] {
		return
	}
	r.seen[key] = true
	end := r.At(addr)
	if ref := e.TargetRef; ref != nil && ref.Kind == "Pod" {
		if pod := r.Pod(ref.Namespace, ref.Name); pod != nil {
			end = pod
		} else if end.Kind == ExternalEndpoint {
			r.doubts = append(r.doubts, Doubt{ByInput, fmt.Sprintf("pod %s behind Service %s is not in the input: nobody knows which policies select it", ref.Name, r.service.Name)})
			return
		}
	}
	r.backends = append(r.backends, newBackend(r.service, port, end, number, familyOf(addr)))
}
