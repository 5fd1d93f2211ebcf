package netpol

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Inspector answers what the clauses of policies match. It remembers what it
// has matched and is not safe for concurrent use.
type Inspector struct {
	*Cluster
	field    *field
	position map[*Endpoint]int
	selected map[*Policy][]*Endpoint
}

// Inspect returns an Inspector of the cluster.
func (c *Cluster) Inspect() *Inspector {
	i := &Inspector{Cluster: c, field: newField(c, c.everyone()), position: map[*Endpoint]int{}, selected: map[*Policy][]*Endpoint{}}
	for at, e := range i.field.endpoints {
		i.position[e] = at
		for _, p := range e.policies {
			i.selected[c.policies[p]] = append(i.selected[c.policies[p]], e)
		}
	}
	return i
}

// Pods returns the pods of a namespace and what stands for the templates
// without any, in order.
func (c *Cluster) Pods(namespace string) []*Endpoint { return c.namespaced[namespace] }

// Selected returns what the policy's podSelector matches, pods of the host's
// network included. The slice must not be changed.
func (i *Inspector) Selected(p *Policy) []*Endpoint { return i.selected[p] }

// Matching returns the pods and nodes that the peer may describe, pods of the
// host's network included where selectors match them.
func (i *Inspector) Matching(p Peer) []*Endpoint {
	var found []*Endpoint
	for at := range i.matching(p.peer).all() {
		if e := i.field.endpoints[at]; e.Kind != ExternalEndpoint {
			found = append(found, e)
		}
	}
	return found
}

func (i *Inspector) matching(p *peer) bitset {
	if p.block == nil {
		return i.field.bySelectors(p)[possible]
	}
	return i.field.match(p, familyOf(p.block.cidr.Addr()))[possible]
}

// NamespacesMatching returns the names of namespaces that the selector may
// match: of those that the snapshot holds, or pods are in.
func (i *Inspector) NamespacesMatching(s labels.Selector) []string {
	requirements, _ := s.Requirements()
	var names []string
	for _, name := range i.NamespaceNames() {
		if (selector{requirements}).matchesNamespace(i.namespaceOf(name)) != No {
			names = append(names, name)
		}
	}
	return names
}

// NamespaceNames returns the names of all namespaces that the snapshot holds,
// or pods or policies are in, in order.
func (c *Cluster) NamespaceNames() []string {
	seen := map[string]bool{}
	for name := range c.namespaces {
		seen[name] = true
	}
	for name := range c.namespaced {
		seen[name] = true
	}
	for _, p := range c.policies {
		seen[p.Namespace] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NamespaceLabels returns the labels of a namespace, that of its name always
// among them, and whether the snapshot holds the namespace.
func (c *Cluster) NamespaceLabels(name string) (set labels.Set, known bool) {
	ns := c.namespaceOf(name)
	return ns.labels, ns.known
}

// ServiceOfClusterIP returns the Service with the address as a cluster IP, nil
// where none has it.
func (c *Cluster) ServiceOfClusterIP(addr netip.Addr) *corev1.Service {
	return c.services[addr.Unmap()]
}

// ClusterIPs returns the cluster IPs of Services in the range, in order.
func (c *Cluster) ClusterIPs(within netip.Prefix) []netip.Addr {
	var found []netip.Addr
	for addr := range c.services {
		if within.Contains(addr) {
			found = append(found, addr)
		}
	}
	slices.SortFunc(found, netip.Addr.Compare)
	return found
}

// Isolates reports whether any policy isolates the endpoint in the direction:
// false for pods of the host's network where the profile says that none does.
func (c *Cluster) Isolates(e *Endpoint, d Direction) bool {
	if e.HostNetwork && c.profile == ProfileCommon {
		return false
	}
	w := walk{Cluster: c, Flow: Flow{From: e, To: e}}
	return w.isolated(d)
}

// PoliciesOf returns the policies whose podSelector matches the endpoint.
func (c *Cluster) PoliciesOf(e *Endpoint) []*Policy {
	var found []*Policy
	for _, number := range e.policies {
		found = append(found, c.policies[number])
	}
	return found
}

// TargetPorts returns where a port of a Service leads on an endpoint.
func TargetPorts(port corev1.ServicePort, e *Endpoint) []int32 { return targetPorts(port, e) }

// Families returns those of the endpoint's addresses, in their order.
func (e *Endpoint) Families() []Family {
	var families []Family
	for _, addr := range e.Addresses {
		if f := familyOf(addr); !slices.Contains(families, f) {
			families = append(families, f)
		}
	}
	return families
}

// Profile returns what decides where the API leaves it to the network.
func (c *Cluster) Profile() Profile { return c.profile }

// NotModelled returns a gap for every kind of policies that is there and not
// evaluated, and for cluster-wide policies that are not understood.
func (c *Cluster) NotModelled() []snapshot.Gap {
	return slices.Concat(c.notUnderstood, c.notModelled())
}

// UnreadTiers reports whether cluster-wide policies may be missing.
func (c *Cluster) UnreadTiers() bool {
	return len(c.unreadTiers[AdminTier])+len(c.unreadTiers[BaselineTier]) > 0
}

// ClusterPoliciesOf returns the cluster-wide policies that select the endpoint,
// or may.
func (c *Cluster) ClusterPoliciesOf(e *Endpoint) []*Policy {
	var found []*Policy
	for _, number := range e.cluster {
		found = append(found, c.clusterPolicies[number])
	}
	return found
}

// Accepts reports whether any rule of the direction accepts something.
func (p *Policy) Accepts(d Direction) bool {
	return slices.ContainsFunc(p.rules(d), func(r rule) bool { return r.action == Accept })
}

// Named returns the numbers that the name stands for on the endpoint.
func (e *Endpoint) Named(name string, protocol corev1.Protocol) []int32 {
	return e.numbers(name, protocol)
}
