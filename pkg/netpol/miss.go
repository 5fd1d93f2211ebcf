package netpol

import (
	"fmt"
	"strings"
)

// missPeer tells how the endpoint differs from what the peer describes.
func (w *walk) missPeer(p *peer, e *Endpoint, at string) Miss {
	switch {
	case p.block != nil:
		return Miss{at + ".ipBlock", w.missBlock(p.block, e)}
	case p.networks != nil:
		return Miss{at + ".networks", w.missNetworks(p.networks, e)}
	case p.nodes != nil:
		return Miss{at + ".nodes", w.missNode(p.nodes, e)}
	case e.Kind != PodEndpoint:
		return Miss{at, fmt.Sprintf("%s is no pod: selectors match pods only", e)}
	case p.namespaces == nil && e.Namespace != p.own:
		return Miss{p.path(at, "podSelector"), fmt.Sprintf("namespace %s ≠ %s: without a namespaceSelector it is about the policy's own", e.Namespace, p.own)}
	case p.namespaces != nil && p.namespaces.matchesNamespace(w.namespaceOf(e.Namespace)) == No:
		return Miss{p.path(at, "namespaceSelector"), fmt.Sprintf("namespace %s: %s", e.Namespace, p.namespaces.missing(w.namespaceOf(e.Namespace).labels))}
	case p.podNetwork && e.HostNetwork:
		return Miss{at, fmt.Sprintf("%s uses the network of its node: such pods are not included", e)}
	case !p.pods.matches(e.Labels):
		return Miss{p.path(at, "podSelector"), p.pods.missing(e.Labels)}
	default:
		return Miss{at, fmt.Sprintf("%s uses the network of its node: most networks do not match it by selectors", e)}
	}
}

// path is that of one of the peer's selectors.
func (p *peer) path(at, selector string) string {
	switch {
	case !p.podNetwork:
		return at + "." + selector
	case p.whole:
		return at + ".namespaces"
	default:
		return at + ".pods." + selector
	}
}

// missNetworks tells of one range why the endpoint is not in it, of several
// that it is in none.
func (w *walk) missNetworks(blocks []*block, e *Endpoint) string {
	if len(blocks) == 1 {
		return w.missBlock(blocks[0], e)
	}
	return fmt.Sprintf("%s is in none of the %d ranges", e, len(blocks))
}

func (w *walk) missNode(s *selector, e *Endpoint) string {
	if node := w.nodes[e.Node]; node != nil && (e.Kind == NodeEndpoint || e.HostNetwork) {
		return fmt.Sprintf("node %s: %s", node.Name, s.missing(node.Labels))
	}
	return fmt.Sprintf("%s has no address of a node", e)
}

func (w *walk) missBlock(b *block, e *Endpoint) string {
	address := e.Address(w.Family)
	if w.Family == AnyFamily && len(e.Addresses) > 0 {
		address = e.Addresses[0]
	}
	switch {
	case len(e.Addresses) == 0:
		return fmt.Sprintf("the connection is of IPv%d, %s is not", w.Family, b.cidr)
	case !address.IsValid():
		return fmt.Sprintf("%s has no IPv%d address", e, w.Family)
	case b.exceptOf(address).IsValid():
		return fmt.Sprintf("%s is in its exception %s", address, b.exceptOf(address))
	default:
		return fmt.Sprintf("%s is not in %s", address, b.cidr)
	}
}

// missPort tells how the flow's port differs from the clause's.
func (w *walk) missPort(c portClause) string {
	if c.name == "" {
		return fmt.Sprintf("port %s ≠ %s", PortRange{c.protocol, c.from, c.to}, w.Flow.Ports())
	}
	what := "port " + PortName{c.name, c.protocol}.String()
	if w.Protocol == ProtocolICMP && c.protocol == "" {
		return what + " is a name: ICMP has no ports"
	}
	if c.protocol == "" {
		c.protocol = w.Protocol
	}
	if w.To.Kind != PodEndpoint {
		return fmt.Sprintf("%s is a name: %s has no named ports", what, w.To)
	}
	if w.To.HostNetwork && w.profile == ProfileCommon {
		return fmt.Sprintf("%s is a name: %s uses the network of its node, where most networks know no names", what, w.To)
	}
	numbers := w.To.numbers(c.name, c.protocol)
	if len(numbers) == 0 {
		return fmt.Sprintf("%s: %s", what, w.To.missingName(c))
	}
	texts := make([]string, 0, len(numbers))
	for _, n := range numbers {
		texts = append(texts, fmt.Sprint(n))
	}
	return fmt.Sprintf("%s is %s there, not %s", what, strings.Join(texts, " and "), w.Flow.Ports())
}

// missingName tells why a name stands for no port of the endpoint.
func (e *Endpoint) missingName(c portClause) string {
	for _, p := range e.Ports {
		switch {
		case p.Name != c.name:
		case p.Protocol != c.protocol:
			return fmt.Sprintf("there it is a port of %s", p.Protocol)
		case p.Init:
			return "only an init container has it, which has ended when the pod runs"
		}
	}
	return fmt.Sprintf("no container of %s has a port of that name", e)
}

// Ports returns the ports of the flow.
func (f Flow) Ports() PortRange { return PortRange{f.Protocol, f.Port, max(f.Port, f.Last)} }
