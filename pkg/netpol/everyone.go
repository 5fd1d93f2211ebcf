package netpol

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// everyone returns all endpoints of the cluster in order, and External ones
// for all addresses outside.
func (c *Cluster) everyone() []*Endpoint {
	all := append(slices.Clone(c.endpoints), outside(c)...)
	slices.SortStableFunc(all, compareEndpoints)
	return all
}

// compareEndpoints keeps namespaces together: what a policy selects is near
// each other then.
func compareEndpoints(a, b *Endpoint) int {
	rank := func(e *Endpoint) int {
		return slices.Index([]EndpointKind{PodEndpoint, NodeEndpoint, ExternalEndpoint}, e.Kind)
	}
	return cmp.Or(rank(a)-rank(b), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name), strings.Compare(a.Workload, b.Workload))
}

// outside returns External endpoints for all addresses, in ranges within which
// no ipBlock of the clusters tells them apart. Ranges of which pods and nodes
// have every address are left out.
func outside(clusters ...*Cluster) []*Endpoint {
	var blocks []addressRange
	for _, c := range clusters {
		blocks = append(blocks, c.blockRanges()...)
	}
	var found []*Endpoint
	for _, whole := range []string{"0.0.0.0/0", "::/0"} {
		for _, piece := range rangeOf(netip.MustParsePrefix(whole)).cut(blocks) {
			if slices.ContainsFunc(clusters, func(c *Cluster) bool { return c.hasAll(piece) }) {
				continue
			}
			e := &Endpoint{Kind: ExternalEndpoint, Addresses: []netip.Addr{piece.first}}
			if piece.last != piece.first {
				e.Last = piece.last
			}
			found = append(found, e)
		}
	}
	return found
}
