package netpol

import (
	"errors"
	"fmt"
	"net/netip"

	netutils "k8s.io/utils/net"
)

// block is an ipBlock: a range without some parts of it.
type block struct {
	cidr   netip.Prefix
	except []netip.Prefix
}

// contains reports whether the address is in the block. An address that is
// not known may be.
func (b *block) contains(a netip.Addr) Truth {
	if !a.IsValid() {
		return Maybe
	}
	a = a.Unmap()
	if !b.cidr.Contains(a) {
		return No
	}
	return truth(b.exceptOf(a) == netip.Prefix{})
}

// containsAny is contains for an address of the family that is not known.
func (b *block) containsAny(f Family) Truth {
	switch {
	case f == AnyFamily:
		return Maybe
	case f != familyOf(b.cidr.Addr()):
		return No
	case b.cidr.Bits() == 0 && len(b.except) == 0:
		return Yes
	default:
		return Maybe
	}
}

// exceptOf returns the exception that holds the address, if any.
func (b *block) exceptOf(a netip.Addr) netip.Prefix {
	for _, e := range b.except {
		if e.Contains(a.Unmap()) {
			return e
		}
	}
	return netip.Prefix{}
}

// parseCIDR reads a range as stored objects may have it: API servers long
// took leading zeros (as decimals), bits beyond the prefix and IPv4 addresses
// mapped into IPv6. A remark tells of those; new objects with them are
// refused.
// Source: IsValidCIDRForLegacyField in apimachinery/pkg/util/validation, with
// the same parser.
func parseCIDR(s string) (p netip.Prefix, remark string, err error) {
	_, parsed, err := netutils.ParseCIDRSloppy(s)
	if err != nil {
		return p, "", errors.New("it is no valid range of addresses")
	}
	p, err = netip.ParsePrefix(parsed.String())
	if err != nil {
		return p, "", errors.New("it is no valid range of addresses")
	}
	if strict, err := netip.ParsePrefix(s); err != nil || strict != p {
		remark = fmt.Sprintf("%s means %s: new objects must write it so", s, p)
	}
	return p, remark, nil
}
