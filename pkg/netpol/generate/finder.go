package generate

import (
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// finder finds the ends of flows in another cluster.
type finder struct {
	cluster *netpol.Cluster
	known   map[string]*netpol.Endpoint
}

func newFinder(c *netpol.Cluster) *finder {
	f := &finder{}
	f.move(c)
	return f
}

// move goes on with another cluster.
func (f *finder) move(c *netpol.Cluster) {
	f.cluster, f.known = c, map[string]*netpol.Endpoint{}
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

// flow is the first of the ports of the flow in the cluster.
func (f *finder) flow(one *Flow) netpol.Flow {
	return netpol.Flow{From: f.end(one.From), To: f.end(one.To), Protocol: one.Protocol, Port: one.Port, Last: one.Last, Family: one.Family}
}

// verdict is about all ports of the flow.
func (f *finder) verdict(one *Flow) netpol.Verdict {
	flow := f.flow(one)
	if one.Last <= one.Port {
		return f.cluster.Verdict(flow)
	}
	// What is left of the range without those open, and then without those that
	// may be.
	rest := []netpol.PortRange{one.Ports()}
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
