package generate

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// MaxFlows is how many flows are taken from what is open today.
const MaxFlows = 200_000

// Today is what is open without the generated policies.
type Today struct {
	Flows []Flow
	// Free are the workloads that no policy isolates for egress: what they send
	// to the outside is not known, and not among Flows.
	Free []*draft.Unit
	// Undefined is how many more flows may be open: they are not among Flows.
	Undefined int
}

// Present returns what is allowed today from the workloads (where egress is one
// of the directions) and to them (where ingress is), on the ports that
// destinations declare: those of containers and those to which Services lead.
// Outside of the cluster it is what a rule of today allows, and everything for
// ports that a Service shows to the outside. Of pods that policies do not tell
// apart, one of each workload stands for all. Nodes are sources where that is
// asked for. It fails where there are more than MaxFlows.
func Present(c *netpol.Cluster, d *draft.Drafter, subjects []*draft.Unit, directions []netpol.Direction, nodes bool) (*Today, error) {
	p := &present{
		cluster: c, drafter: d, matrix: c.Matrix(netpol.MatrixOptions{}), subjects: map[*draft.Unit]bool{},
		declared: map[string][]netpol.PortRange{}, exposed: map[string][]netpol.PortRange{},
		isolates: map[string]bool{}, nodes: nodes, directions: directions,
	}
	for _, u := range subjects {
		p.subjects[u] = true
	}
	p.services()
	classes := p.matrix.Classes()
	for edge := range p.matrix.Edges() {
		for _, from := range p.examples(classes[edge.From]) {
			for _, to := range p.examples(classes[edge.To]) {
				if from == to && from.Name != "" {
					to = p.sibling(classes[edge.To], from)
				}
				if to != nil {
					p.pair(from, to, edge.Ports)
				}
			}
		}
		if len(p.today.Flows) > MaxFlows {
			return nil, fmt.Errorf("more than %d flows are open today: name fewer workloads, or a namespace", MaxFlows)
		}
	}
	outside := c.At(netip.IPv4Unspecified())
	for _, u := range subjects {
		if slices.ContainsFunc(u.Pods, func(pod *netpol.Endpoint) bool { return !pod.HostNetwork && !p.isolated(pod, outside, netpol.Egress) }) {
			p.today.Free = append(p.today.Free, u)
		}
	}
	return &p.today, nil
}

// present is the state of one Present.
type present struct {
	cluster  *netpol.Cluster
	drafter  *draft.Drafter
	matrix   *netpol.Matrix
	subjects map[*draft.Unit]bool
	declared map[string][]netpol.PortRange // by destination
	exposed  map[string][]netpol.PortRange // of those, to the outside
	isolates map[string]bool
	nodes    bool // are sources

	directions []netpol.Direction
	today      Today
}

// services finds the ports of endpoints to which Services lead.
func (p *present) services() {
	for s := range snapshot.Each[corev1.Service](p.cluster.Snapshot()) {
		backends, _ := p.cluster.Backends(s)
		for _, b := range backends {
			name := b.Endpoint.String()
			if b.Port.From != b.Port.To { // a headless Service that lists none
				continue
			}
			p.declared[name] = appendNew(p.declared[name], b.Port)
			if s.Spec.Type == corev1.ServiceTypeLoadBalancer || s.Spec.Type == corev1.ServiceTypeNodePort || len(s.Spec.ExternalIPs) > 0 {
				p.exposed[name] = appendNew(p.exposed[name], b.Port)
			}
			if b.Endpoint.Kind == netpol.ExternalEndpoint {
				p.outside(b)
			}
		}
	}
}

// outside takes what the subjects reach of a Service's endpoint that is no pod
// or node: the matrix has it in a range.
func (p *present) outside(b netpol.Backend) {
	for _, class := range p.matrix.Classes() {
		for _, from := range p.examples(class) {
			f := netpol.Flow{From: from, To: b.Endpoint, Protocol: b.Port.Protocol, Port: b.Port.From, Family: b.Family}
			if p.concerns(from, b.Endpoint) && len(families(from, b.Endpoint, b.Family)) > 0 && p.cluster.Verdict(f) == netpol.Allowed {
				p.today.Flows = append(p.today.Flows, Flow{From: from, To: b.Endpoint, Protocol: f.Protocol, Port: f.Port, Family: b.Family})
			}
		}
	}
}

func appendNew(ports []netpol.PortRange, port netpol.PortRange) []netpol.PortRange {
	if slices.Contains(ports, port) {
		return ports
	}
	return append(ports, port)
}

// examples are one member of each workload, and all others.
func (p *present) examples(class netpol.Class) []*netpol.Endpoint {
	var found []*netpol.Endpoint
	seen := map[*draft.Unit]bool{}
	for _, e := range class.Members {
		u := p.drafter.Unit(e)
		if u == nil || !seen[u] {
			seen[u] = true
			found = append(found, e)
		}
	}
	return found
}

// sibling is another pod of the workload, nil where there is none.
func (p *present) sibling(class netpol.Class, e *netpol.Endpoint) *netpol.Endpoint {
	for _, other := range class.Members {
		if other != e && other.Kind == netpol.PodEndpoint && p.drafter.Unit(other) == p.drafter.Unit(e) {
			return other
		}
	}
	return nil
}

func (p *present) isSubject(e *netpol.Endpoint) bool {
	u := p.drafter.Unit(e)
	return u != nil && p.subjects[u] && !e.HostNetwork
}

// concerns reports whether a policy decides about flows between the two.
func (p *present) concerns(from, to *netpol.Endpoint) bool {
	return p.isSubject(from) && slices.Contains(p.directions, netpol.Egress) || p.isSubject(to) && slices.Contains(p.directions, netpol.Ingress)
}

// pair takes what is open between two endpoints.
func (p *present) pair(from, to *netpol.Endpoint, open []netpol.OpenPorts) {
	if !p.concerns(from, to) || from.HostNetwork || from.Kind == netpol.NodeEndpoint && !p.nodes {
		return // nodes stand for pods of their network
	}
	var wanted []netpol.PortRange
	switch {
	case to.Kind == netpol.ExternalEndpoint && !p.isolated(from, to, netpol.Egress):
		return
	case to.Kind == netpol.ExternalEndpoint:
	case from.Kind == netpol.ExternalEndpoint && !p.isolated(from, to, netpol.Ingress):
		if wanted = p.exposed[to.String()]; len(wanted) == 0 {
			return
		}
	default:
		if wanted = p.portsOf(to); len(wanted) == 0 {
			return
		}
	}
	sources := []*netpol.Endpoint{from}
	if from.Kind == netpol.NodeEndpoint { // each address by itself: which it uses is not known
		sources = nil
		for _, addr := range from.Addresses {
			sources = append(sources, p.cluster.At(addr))
		}
	}
	for _, o := range open {
		ports := []netpol.PortRange{o.Ports}
		if to.Kind != netpol.ExternalEndpoint {
			ports = slices.DeleteFunc(slices.Clone(wanted), func(r netpol.PortRange) bool {
				return len(r.Without(o.Ports)) > 0
			})
		}
		if o.Verdict == netpol.Undefined {
			p.today.Undefined += len(ports)
		}
		if o.Verdict != netpol.Allowed {
			continue
		}
		for _, r := range ports {
			for _, source := range sources {
				if family, ok := p.family(source, to); ok {
					p.today.Flows = append(p.today.Flows, Flow{From: source, To: to, Protocol: r.Protocol, Port: r.From, Last: r.To, Family: family})
				}
			}
		}
	}
}

// portsOf are the ports that a destination declares.
func (p *present) portsOf(e *netpol.Endpoint) []netpol.PortRange {
	ports := slices.Clone(p.declared[e.String()])
	for _, port := range e.Ports {
		if !port.Init {
			ports = appendNew(ports, netpol.PortRange{Protocol: port.Protocol, From: port.Number, To: port.Number})
		}
	}
	return ports
}

// family is the first of the destination's that the source has too; false where
// there is none.
func (p *present) family(from, to *netpol.Endpoint) (netpol.Family, bool) {
	has := func(e *netpol.Endpoint, f netpol.Family) bool { return len(e.Addresses) == 0 || e.Address(f).IsValid() }
	known := to.Addresses
	if len(known) == 0 {
		known = from.Addresses
	}
	for _, addr := range known {
		if f := familyOf(addr); has(from, f) && has(to, f) {
			return f, true
		}
	}
	return netpol.AnyFamily, len(known) == 0
}

func familyOf(addr netip.Addr) netpol.Family {
	if addr.Is4() {
		return netpol.IPv4
	}
	return netpol.IPv6
}

// isolated reports whether a policy isolates the end of the direction, or rules
// of cluster-wide ones decide about what is between the two.
func (p *present) isolated(from, to *netpol.Endpoint, d netpol.Direction) bool {
	subject := to
	if d == netpol.Egress {
		subject = from
	}
	if p.cluster.Isolates(subject, d) || len(p.cluster.ClusterPolicies()) == 0 {
		return p.cluster.Isolates(subject, d)
	}
	key := string(d) + from.String() + " " + to.String()
	known, ok := p.isolates[key]
	if ok {
		return known
	}
	p.isolates[key] = true
	for _, port := range []int32{1, 65535} { // what is for both is hardly for a single port
		f := netpol.Flow{From: from, To: to, Protocol: corev1.ProtocolTCP, Port: port}
		for _, step := range p.cluster.Explain(f).Steps {
			if step.Direction == d && step.Decided() == "" {
				p.isolates[key] = false
			}
		}
	}
	return p.isolates[key]
}
