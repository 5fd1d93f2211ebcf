package netpol

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
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
// Source: ParseCIDRSloppy in k8s.io/utils/net and IsValidCIDRForLegacyField in
// apimachinery/pkg/util/validation.
func parseCIDR(s string) (p netip.Prefix, remark string, err error) {
	canonical := s
	address, bits, ok := strings.Cut(s, "/")
	if !ok {
		return p, "", errors.New("it has no prefix length")
	}
	if strings.Contains(address, ".") {
		if address, err = withoutZeros(address); err != nil {
			return p, "", err
		}
		canonical = address + "/" + bits
	}
	p, err = netip.ParsePrefix(canonical)
	if err != nil {
		return p, "", errors.New("it is no valid range of addresses")
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, "", errors.New("it is no valid range of addresses")
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	masked := p.Masked()
	if masked.String() != s {
		remark = fmt.Sprintf("%s means %s: new objects must write it so", s, masked)
	}
	return masked, remark, nil
}

// withoutZeros drops leading zeros of the decimal parts of an address, as the
// API server's parser reads them.
func withoutZeros(address string) (string, error) {
	head := ""
	if i := strings.LastIndex(address, ":"); i >= 0 { // ::ffff:10.0.0.1
		head, address = address[:i+1], address[i+1:]
	}
	parts := strings.Split(address, ".")
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return "", errors.New("it is no valid range of addresses")
		}
		parts[i] = strconv.FormatUint(n, 10)
	}
	return head + strings.Join(parts, "."), nil
}
