package netpol

import (
	"net/netip"
	"slices"
	"strings"
)

// addressRange is a range of addresses of one family, both ends included.
type addressRange struct{ first, last netip.Addr }

func rangeOf(p netip.Prefix) addressRange {
	p = p.Masked()
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return addressRange{p.Addr(), last}
}

// ranges are all addresses that a reference to addresses names.
func (r Reference) ranges() []addressRange {
	if r.Internet {
		return []addressRange{rangeOf(netip.MustParsePrefix("0.0.0.0/0")), rangeOf(netip.MustParsePrefix("2000::/3"))}
	}
	return []addressRange{rangeOf(r.Range)}
}

// special are the ranges that are no part of the internet.
// Source: the IANA registries of special-purpose addresses, IPv4 and IPv6.
func special() []addressRange {
	var ranges []addressRange
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "2001:db8::/32",
	} {
		ranges = append(ranges, rangeOf(netip.MustParsePrefix(s)))
	}
	return ranges
}

// addresses returns External endpoints for all addresses of the reference
// that no pod or node has, cut so that policies do not tell the addresses of
// one apart; and the pods and nodes that have the others.
func (c *Cluster) addresses(r Reference) []*Endpoint {
	var without []addressRange
	if r.Internet {
		without = special()
	}
	var found []*Endpoint
	for addr, e := range c.byAddress {
		if !slices.ContainsFunc(r.ranges(), func(a addressRange) bool { return a.contains(addr) }) {
			continue
		}
		without = append(without, addressRange{addr, addr})
		if !r.Internet && !slices.Contains(found, e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *Endpoint) int { return strings.Compare(a.String(), b.String()) })
	for _, whole := range r.ranges() {
		for _, piece := range whole.cut(append(c.blockRanges(), without...)) {
			if !slices.ContainsFunc(without, func(a addressRange) bool { return a.contains(piece.first) }) {
				found = append(found, &Endpoint{Kind: ExternalEndpoint, Addresses: []netip.Addr{piece.first}, Last: piece.last})
			}
		}
	}
	return found
}

// blockRanges are those of all ipBlocks and their exceptions.
func (c *Cluster) blockRanges() []addressRange {
	seen := map[netip.Prefix]bool{}
	var ranges []addressRange
	add := func(p netip.Prefix) {
		if !seen[p] {
			seen[p] = true
			ranges = append(ranges, rangeOf(p))
		}
	}
	for _, p := range c.policies {
		for _, r := range slices.Concat(p.ingress, p.egress) {
			for _, peer := range r.peers {
				if peer.block == nil {
					continue
				}
				add(peer.block.cidr)
				for _, except := range peer.block.except {
					add(except)
				}
			}
		}
	}
	return ranges
}

func (a addressRange) contains(addr netip.Addr) bool {
	return a.first.BitLen() == addr.BitLen() && a.first.Compare(addr) <= 0 && addr.Compare(a.last) <= 0
}

// cut returns the range in pieces that begin and end where one of the others
// does.
func (a addressRange) cut(others []addressRange) []addressRange {
	starts := []netip.Addr{a.first}
	for _, other := range others {
		if a.contains(other.first) {
			starts = append(starts, other.first)
		}
		if next := other.last.Next(); next.IsValid() && a.contains(next) {
			starts = append(starts, next)
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	pieces := make([]addressRange, 0, len(starts))
	for i, start := range starts {
		last := a.last
		if i+1 < len(starts) {
			last = starts[i+1].Prev()
		}
		pieces = append(pieces, addressRange{start, last})
	}
	return pieces
}

// String returns an address, a range in CIDR notation where it is one, or
// FIRST-LAST.
func (a addressRange) String() string {
	if a.first == a.last {
		return a.first.String()
	}
	for bits := range a.first.BitLen() {
		if p := netip.PrefixFrom(a.first, bits); p.Masked() == p && rangeOf(p) == a {
			return p.String()
		}
	}
	return a.first.String() + "-" + a.last.String()
}
