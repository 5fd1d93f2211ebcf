package netpol

import (
	"slices"
	"strings"
)

// matchPeer reports whether the endpoint is what the peer describes.
func (w *walk) matchPeer(p *peer, e *Endpoint) Truth {
	switch {
	case p.block != nil:
		return w.matchBlock(p.block, e)
	case p.podNetwork && p.nodes == nil && p.networks == nil && p.domains == nil && (e.Kind != PodEndpoint || e.HostNetwork):
		return No
	case p.unknown != "":
		w.doubt(BySpec, "%s: what that matches is left to the network", p.unknown)
		return Maybe
	case p.networks != nil:
		return w.matchNetworks(p.networks, e)
	case p.nodes != nil:
		return w.matchNode(p.nodes, e)
	case p.domains != nil:
		w.doubt(ByInput, "whether %s has one of the names %s is not known", e, strings.Join(p.domains, ", "))
		return Maybe
	case e.Kind != PodEndpoint:
		return No
	}
	result := No
	switch {
	case !p.pods.matches(e.Labels):
	case p.namespaces == nil:
		result = truth(e.Namespace == p.own)
	default:
		result = p.namespaces.matchesNamespace(w.namespaceOf(e.Namespace))
		if result == Maybe {
			w.doubt(ByInput, "namespace %s is not in the input: its labels are not known", e.Namespace)
		}
	}
	return w.asPod(e, result, "selectors match it")
}

// asPod turns a match by what only pods have into that of an endpoint that may
// use the network of its node: most networks see the node there.
func (w *walk) asPod(e *Endpoint, match Truth, what string) Truth {
	switch {
	case !e.HostNetwork || match == No:
		return match
	case w.profile == ProfileCommon:
		return No
	}
	w.doubt(BySpec, "%s uses the network of its node: whether %s is left to the network", e, what)
	return Maybe
}

// matchBlock compares the endpoint's addresses of the flow's family: a pod that
// has only one of the other family is in no block. Nodes may have several.
func (w *walk) matchBlock(b *block, e *Endpoint) Truth {
	if len(e.Addresses) == 0 {
		if result := b.containsAny(w.Family); result != Maybe {
			return result
		}
		w.doubt(ByInput, "%s has no address yet: whether it is in %s is not known", e, b.cidr)
		return Maybe
	}
	in, out := No, No
	for _, a := range e.Addresses {
		if w.Family == AnyFamily || familyOf(a) == w.Family {
			in, out = max(in, b.contains(a)), max(out, b.contains(a).not())
		}
	}
	if in == Yes && out == Yes {
		w.doubt(ByInput, "%s has several addresses: whether the one in use is in %s is not known", e, b.cidr)
		return Maybe
	}
	return in
}

// matchNetworks is matchBlock for what any of several ranges holds.
func (w *walk) matchNetworks(blocks []*block, e *Endpoint) Truth {
	result := No
	for _, b := range blocks {
		result = max(result, w.matchBlock(b, e))
	}
	return result
}

// matchNode reports whether the endpoint's addresses are those of a node that
// is selected: a pod of its network has them, too.
func (w *walk) matchNode(s *selector, e *Endpoint) Truth {
	switch {
	case e.Kind != NodeEndpoint && !e.HostNetwork:
		return No
	case len(s.requirements) == 0:
		return Yes
	}
	node := w.nodes[e.Node]
	if node == nil || !node.known {
		w.doubt(ByInput, "the labels of the node of %s are not known", e)
		return Maybe
	}
	return truth(s.matches(node.Labels))
}

// matchPort reports whether the clause is for the flow's protocol and port.
// Names are those of the destination's containers, whatever the direction.
func (w *walk) matchPort(c portClause) Truth {
	switch {
	case c.unknown != "":
		w.doubt(BySpec, "%s: what that matches is left to the network", c.unknown)
		return Maybe
	case c.protocol != w.Protocol && c.protocol != "", w.Protocol == ProtocolICMP:
		return No
	case c.name == "":
		return truth(c.from <= w.Port && w.Port <= c.to)
	case w.To.PortsUnknown:
		w.doubt(ByInput, "the names of the ports of %s are not known", w.To)
		return Maybe
	default:
		named := truth(slices.Contains(w.To.numbers(c.name, w.Protocol), w.Port))
		return w.asPod(w.To, named, "names of its ports count")
	}
}
