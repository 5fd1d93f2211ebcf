package netpol

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// EndpointKind says what an Endpoint is.
type EndpointKind string

// The kinds of endpoints.
const (
	PodEndpoint      EndpointKind = "Pod"
	NodeEndpoint     EndpointKind = "Node"
	ExternalEndpoint EndpointKind = "External" // an address that no pod or node of the snapshot has
)

// Endpoint is one end of a flow.
type Endpoint struct {
	Kind EndpointKind
	// Namespace and Name are those of the pod or node. An External endpoint has
	// neither; a pod that does not exist yet has no name.
	Namespace, Name string
	// Workload is the controller at the top, as Kind/name, "" for none.
	Workload string
	Labels   labels.Set
	// Addresses are as in status.podIPs, the primary one first; none where they
	// are not known.
	Addresses []netip.Addr
	// Last is, for an External endpoint that stands for a range, its last
	// address: no policy tells it from the first.
	Last netip.Addr
	// Node is the name of the node that it runs on, "" where not known.
	Node string
	// HostNetwork pods send and receive with the addresses of their node.
	HostNetwork bool
	// Ready is whether Services send to it: the pod's condition, or true where
	// it has no status yet.
	Ready bool
	// Ports are those that named ports of policies and Services resolve to,
	// those of init containers last.
	Ports []NamedPort
	// PortsUnknown is true for pods that do not exist yet: they may have ports
	// of any name.
	PortsUnknown bool

	policies []int32 // positions in Cluster.policies that select it
	cluster  []int32 // positions in Cluster.clusterPolicies that do, or may
	known    bool    // of a node: the snapshot has it, not only pods there
}

// NamedPort is one port of a container that has a name.
type NamedPort struct {
	Name     string
	Protocol corev1.Protocol
	Number   int32
	// Init marks ports of ordinary init containers, which have ended before the
	// pod is ready: they resolve no named port.
	Init bool
	// Sidecar marks ports of restartable init containers.
	Sidecar bool
}

// Address returns the endpoint's address of the family; the zero Addr where
// it has none.
func (e *Endpoint) Address(f Family) netip.Addr {
	for _, a := range e.Addresses {
		if familyOf(a) == f {
			return a
		}
	}
	return netip.Addr{}
}

// numbers returns the ports that a name stands for on the endpoint.
func (e *Endpoint) numbers(name string, protocol corev1.Protocol) []int32 {
	var numbers []int32
	for _, p := range e.Ports {
		if p.Name == name && p.Protocol == protocol && !p.Init {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

// same reports whether both are one pod: its traffic to itself is never
// blocked.
func (e *Endpoint) same(other *Endpoint) bool {
	return e.Kind == PodEndpoint && other.Kind == PodEndpoint && e.Name != "" && e.Namespace == other.Namespace && e.Name == other.Name
}

// onNode reports whether traffic of the endpoint comes from the node itself.
func (e *Endpoint) onNode(node string) Truth {
	if e.Kind != NodeEndpoint && !e.HostNetwork {
		return No
	}
	own := e.Node
	if e.Kind == NodeEndpoint {
		own = e.Name
	}
	if own == "" || node == "" {
		return Maybe
	}
	return truth(own == node)
}

// Family is an IP address family.
type Family int

// The address families. AnyFamily is for flows between endpoints whose
// addresses are not known.
const (
	AnyFamily Family = 0
	IPv4      Family = 4
	IPv6      Family = 6
)

func familyOf(a netip.Addr) Family {
	switch {
	case !a.IsValid():
		return AnyFamily
	case a.Unmap().Is4():
		return IPv4
	default:
		return IPv6
	}
}

// String names the endpoint for people.
func (e *Endpoint) String() string {
	switch {
	case e.Kind == ExternalEndpoint && e.Last.IsValid():
		return addressRange{e.Addresses[0], e.Last}.String()
	case e.Kind == ExternalEndpoint && len(e.Addresses) > 0:
		return e.Addresses[0].String()
	case e.Kind == ExternalEndpoint:
		return "an address"
	case e.Kind == NodeEndpoint:
		return "node/" + e.Name
	case e.Name == "" && e.Workload != "":
		return e.Namespace + "/" + e.Workload
	case e.Name == "":
		return "a pod in " + e.Namespace + " labelled " + labels.FormatLabels(e.Labels)
	default:
		return "pod/" + e.Namespace + "/" + e.Name
	}
}
