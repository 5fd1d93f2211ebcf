package netpol

import (
	"net/netip"
	"slices"
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
