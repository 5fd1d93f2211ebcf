package netpol

import (
	"net/netip"
	"slices"
)

// isAddress reports whether the reference names addresses, not objects.
func (r Reference) isAddress() bool { return r.Internet || r.Range.IsValid() }

// family returns that of the addresses, AnyFamily where they are of both.
func (r Reference) family() Family { return familyOf(r.Range.Addr()) }

// ranges are all addresses that a reference to addresses names.
func (r Reference) ranges() []addressRange {
	if r.Internet {
		return []addressRange{rangeOf(netip.MustParsePrefix("0.0.0.0/0")), rangeOf(netip.MustParsePrefix("2000::/3"))}
	}
	return []addressRange{rangeOf(r.Range)}
}

// special are the ranges that are no part of the internet.
// Source: the IANA registries of special-purpose addresses, IPv4 and IPv6,
// and that of IPv4 multicast.
func special() []addressRange {
	var ranges []addressRange
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"2001::/23", "2001:db8::/32", "3fff::/20",
	} {
		ranges = append(ranges, rangeOf(netip.MustParsePrefix(s)))
	}
	return ranges
}

// externals returns the pods and nodes that have an address of the reference,
// each with that address alone, and External endpoints for the ranges of the
// others: cut where any of the ranges begins or ends. The internet is without
// pods and nodes.
func (c *Cluster) externals(r Reference, ranges []addressRange) []*Endpoint {
	var found []*Endpoint
	var without []addressRange
	if r.Internet {
		without = special()
	} else {
		for _, addr := range c.known(rangeOf(r.Range)) {
			found = append(found, c.At(addr))
		}
	}
	cuts := slices.Concat(ranges, without)
	for _, whole := range r.ranges() {
		for _, piece := range whole.cut(cuts) {
			if c.hasAll(piece) || slices.ContainsFunc(without, func(a addressRange) bool { return a.contains(piece.first) }) {
				continue
			}
			found = append(found, &Endpoint{Kind: ExternalEndpoint, Addresses: []netip.Addr{piece.first}, Last: piece.last})
		}
	}
	return found
}

// hasAll reports whether pods and nodes have every address of the range.
func (c *Cluster) hasAll(a addressRange) bool {
	for addr := a.first; c.byAddress[addr] != nil; addr = addr.Next() {
		if addr == a.last {
			return true
		}
	}
	return false
}

// blockRanges are those of all networks, ipBlocks and their exceptions.
func (c *Cluster) blockRanges() []addressRange {
	var rules []rule
	for _, p := range c.allPolicies() {
		rules = append(append(rules, p.ingress...), p.egress...)
	}
	return rangesOf(rules)
}

// Pieces cuts an External endpoint that stands for a range where the networks
// and ipBlocks of the cluster's policies begin and end: no policy tells the
// addresses of a piece apart, so that one of them answers for all. Every other
// endpoint is returned as it is.
func (c *Cluster) Pieces(e *Endpoint) []*Endpoint {
	if e.Kind != ExternalEndpoint || !e.Last.IsValid() {
		return []*Endpoint{e}
	}
	var found []*Endpoint
	for _, piece := range (addressRange{e.Addresses[0], e.Last}).cut(c.blockRanges()) {
		found = append(found, &Endpoint{Kind: ExternalEndpoint, Addresses: []netip.Addr{piece.first}, Last: piece.last})
	}
	return found
}

// rangesFor are those of the rules of a direction for any of the endpoints: no
// others tell addresses at the other end apart.
func (c *Cluster) rangesFor(endpoints []*Endpoint, d Direction) []addressRange {
	seen := map[*Policy]bool{}
	var rules []rule
	for _, e := range endpoints {
		for p := range c.policiesOf(e) {
			if !seen[p] {
				seen[p] = true
				rules = append(rules, p.rules(d)...)
			}
		}
	}
	return rangesOf(rules)
}

func rangesOf(rules []rule) []addressRange {
	seen := map[netip.Prefix]bool{}
	var ranges []addressRange
	add := func(p netip.Prefix) {
		if !seen[p] {
			seen[p] = true
			ranges = append(ranges, rangeOf(p))
		}
	}
	for _, r := range rules {
		for _, peer := range r.peers {
			for _, network := range peer.networks {
				add(network.cidr)
			}
			if peer.block == nil {
				continue
			}
			add(peer.block.cidr)
			for _, except := range peer.block.except {
				add(except)
			}
		}
	}
	return ranges
}
