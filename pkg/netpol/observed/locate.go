package observed

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Locator finds the ends of flows in a cluster. It is for one goroutine.
type Locator struct {
	cluster   *netpol.Cluster
	namespace string
	pods      []netip.Prefix        // that nodes give to their pods
	around    map[netip.Prefix]bool // of the addresses of pods
	known     map[End]ends
	// nowhere: there are pods, and nothing tells where any of them is.
	nowhere bool
}

// Place is a flow in a cluster.
type Place struct {
	// Flows are what it may have been: from and to every endpoint that it may
	// be about; none where Unknown says why.
	Flows   []netpol.Flow
	Unknown string
	// Doubtful says why an end is taken for an address outside, and may be a pod
	// that is gone; "" where it is not.
	Doubtful string
}

// maxPairs bounds what one flow stands for.
const maxPairs = 4096

// NewLocator prepares a cluster. The namespace is that of references that name
// none.
func NewLocator(c *netpol.Cluster, namespace string) *Locator {
	l := &Locator{cluster: c, namespace: namespace, around: map[netip.Prefix]bool{}, known: map[End]ends{}}
	for node := range snapshot.Each[corev1.Node](c.Snapshot()) {
		for _, text := range append([]string{node.Spec.PodCIDR}, node.Spec.PodCIDRs...) {
			if prefix, err := netip.ParsePrefix(text); err == nil {
				l.pods = append(l.pods, prefix.Masked())
			}
		}
	}
	for pod := range snapshot.Each[corev1.Pod](c.Snapshot()) {
		for _, ip := range pod.Status.PodIPs {
			if addr, err := netip.ParseAddr(ip.IP); err == nil && !pod.Spec.HostNetwork {
				l.around[vicinity(addr.Unmap())] = true
			}
		}
	}
	pods := slices.DeleteFunc(c.Endpoints(), func(e *netpol.Endpoint) bool { return e.Kind != netpol.PodEndpoint || e.HostNetwork })
	l.nowhere = len(l.pods) == 0 && len(pods) > 0 && !slices.ContainsFunc(pods, func(e *netpol.Endpoint) bool { return len(e.Addresses) > 0 })
	return l
}

// private reports whether clusters give such addresses to pods.
// Source: RFC 1918, RFC 4193 and RFC 6598.
func private(addr netip.Addr) bool {
	return addr.IsPrivate() || netip.MustParsePrefix("100.64.0.0/10").Contains(addr)
}

// vicinity is a range that networks hardly give to both pods and others.
func vicinity(addr netip.Addr) netip.Prefix {
	const bits = 8
	prefix, _ := addr.Prefix(addr.BitLen() - bits)
	return prefix
}

// Locate finds the flow. Traffic to the address of a Service is that to its
// endpoints. Where the source's address was translated, what the destination
// saw counts as well.
func (l *Locator) Locate(f Flow) Place {
	from := l.end(f.From)
	if from.unknown == "" && from.service != nil {
		from.unknown = fmt.Sprintf("a Service sends nothing: %s", f.From)
	}
	to := l.target(f)
	switch {
	case from.unknown != "":
		return Place{Unknown: from.unknown}
	case to.unknown != "":
		return Place{Unknown: to.unknown}
	case len(from.found)*len(to.found) > maxPairs:
		return Place{Unknown: fmt.Sprintf("%s and %s stand for more than %d pairs: name workloads", f.From, f.To, maxPairs)}
	}
	sources := from.found
	if f.Masked.IsValid() {
		sources = append(slices.Clone(sources), l.cluster.At(f.Masked))
	}
	place := Place{Doubtful: from.doubtful}
	if place.Doubtful == "" {
		place.Doubtful = to.doubtful
	}
	for _, source := range sources {
		for i, destination := range to.found {
			flow := netpol.Flow{From: source, To: destination, Protocol: f.Protocol, Port: to.ports[i], ThroughService: f.Translated || to.service != nil && to.service.Spec.ClusterIP != corev1.ClusterIPNone}
			var ok bool
			if flow.Family, ok = familyOf(f, source, destination); ok {
				place.Flows = append(place.Flows, flow)
			}
		}
	}
	if len(place.Flows) == 0 {
		place.Unknown = fmt.Sprintf("%s and %s have no address of the same family", f.From, f.To)
	}
	return place
}

// familyOf is that of the addresses in the record, else of the destination's
// first address that the source has one of, too.
func familyOf(f Flow, from, to *netpol.Endpoint) (netpol.Family, bool) {
	for _, addr := range []netip.Addr{f.To.Address, f.From.Address} {
		if addr.IsValid() {
			return family(addr), true
		}
	}
	known, other := to, from
	if len(known.Addresses) == 0 {
		known, other = from, to
	}
	for _, addr := range known.Addresses {
		if len(other.Addresses) == 0 || other.Address(family(addr)).IsValid() {
			return family(addr), true
		}
	}
	return netpol.AnyFamily, len(known.Addresses) == 0
}

func family(addr netip.Addr) netpol.Family {
	if addr.Is4() {
		return netpol.IPv4
	}
	return netpol.IPv6
}

// String names the end for people.
func (e End) String() string {
	name := ""
	switch {
	case e.Reference != "":
		return e.Reference
	case e.Pod != "":
		name = e.Namespace + "/" + e.Pod
	case e.Workload != "":
		kind, workload, _ := strings.Cut(e.Workload, "/")
		name = e.Namespace + "/" + strings.ToLower(kind) + "/" + workload
	default:
		name = e.Address.String()
	}
	if e.Cluster != "" {
		name += " of cluster " + e.Cluster
	}
	return name
}
