package generate

import (
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// finder finds the ends of flows in another cluster.
type finder struct {
	cluster *netpol.Cluster
	known   map[string]*netpol.Endpoint
	cuts    map[string][]*netpol.Endpoint // of ranges of addresses
}

func newFinder(c *netpol.Cluster) *finder {
	f := &finder{}
	f.move(c)
	return f
}

// move goes on with another cluster.
func (f *finder) move(c *netpol.Cluster) {
	f.cluster, f.known, f.cuts = c, map[string]*netpol.Endpoint{}, map[string][]*netpol.Endpoint{}
	for _, e := range c.Endpoints() {
		f.known[e.String()] = e
	}
}

// end returns the endpoint as the cluster has it.
func (f *finder) end(e *netpol.Endpoint) *netpol.Endpoint {
	switch known := f.known[e.String()]; {
	case known != nil && len(e.Addresses) == 1 && len(known.Addresses) > 1: // one of them is meant
		return f.cluster.At(e.Addresses[0])
	case known != nil:
		return known
	case e.Kind == netpol.PodEndpoint:
		return f.cluster.Hypothetical(e.Namespace, e.Labels)
	default:
		return e
	}
}

// flows are those that the flow consists of in the cluster: of a range of
// addresses one for each piece that the cluster's policies may tell apart.
func (f *finder) flows(one *Flow) []netpol.Flow {
	var flows []netpol.Flow
	for _, from := range f.pieces(f.end(one.From)) {
		for _, to := range f.pieces(f.end(one.To)) {
			flows = append(flows, netpol.Flow{From: from, To: to, Protocol: one.Protocol, Port: one.Port, Last: one.Last, Family: one.Family})
		}
	}
	return flows
}

func (f *finder) pieces(e *netpol.Endpoint) []*netpol.Endpoint {
	if e.Kind != netpol.ExternalEndpoint || !e.Last.IsValid() {
		return []*netpol.Endpoint{e}
	}
	name := e.String()
	if f.cuts[name] == nil {
		f.cuts[name] = f.cluster.Pieces(e)
	}
	return f.cuts[name]
}

// verdict is about all addresses and ports of the flow.
func (f *finder) verdict(one *Flow) netpol.Verdict {
	_, verdict := f.worst(one)
	return verdict
}

// worst is what of the flow is denied, else what is undefined, else anything.
func (f *finder) worst(one *Flow) (found netpol.Flow, verdict netpol.Verdict) {
	for i, flow := range f.flows(one) {
		switch v := f.piece(flow); {
		case v == netpol.Denied:
			return flow, v
		case i == 0 || verdict == netpol.Allowed:
			found, verdict = flow, v
		}
	}
	return found, verdict
}

// piece is about all ports of what policies do not tell apart by address.
func (f *finder) piece(flow netpol.Flow) netpol.Verdict {
	if flow.Last <= flow.Port {
		return f.cluster.Verdict(flow)
	}
	// What is left of the range without those open, and then without those that
	// may be.
	rest := []netpol.PortRange{{Protocol: flow.Protocol, From: flow.Port, To: flow.Last}}
	for _, verdict := range []netpol.Verdict{netpol.Allowed, netpol.Undefined} {
		for _, open := range f.cluster.Ports(flow) {
			if open.Verdict != verdict {
				continue
			}
			var left []netpol.PortRange
			for _, r := range rest {
				left = append(left, r.Without(open.Ports)...)
			}
			rest = left
		}
		if len(rest) == 0 {
			return verdict
		}
	}
	return netpol.Denied
}
