package generate

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

func (g *Generator) peer() networkingv1.NetworkPolicyPeer {
	var p networkingv1.NetworkPolicyPeer
	kind := pick(g.dice, "podSelector", "namespaceSelector", "podSelector and namespaceSelector", "ipBlock", "ipBlock")
	g.mix.Hit(kind)
	if kind == "ipBlock" {
		p.IPBlock = g.block()
		return p
	}
	if strings.Contains(kind, "podSelector") {
		p.PodSelector = g.selector(25, "podSelector empty", podKeys()...)
	}
	if strings.Contains(kind, "namespaceSelector") {
		p.NamespaceSelector = g.selector(20, "namespaceSelector empty", append(NamespaceKeys(), corev1.LabelMetadataName)...)
	}
	return p
}

// block returns one around an address that is worth asking about, without
// some parts around others.
func (g *Generator) block() *networkingv1.IPBlock {
	center := pick(g.dice, g.pool...)
	whole := g.around(center, 0)
	b := &networkingv1.IPBlock{CIDR: g.write(whole)}
	if center.Is4() {
		g.mix.Hit("block of IPv4")
	} else {
		g.mix.Hit("block of IPv6")
	}
	g.pool = append(g.pool, whole.Addr())
	if before := whole.Addr().Prev(); before.IsValid() {
		g.pool = append(g.pool, before)
	}
	switch whole.Bits() {
	case 0:
		g.mix.Hit("block of everything")
	case center.BitLen():
		g.mix.Hit("block of one address")
		return b
	}
	for range g.dice.IntN(3) {
		inside := center
		for range 5 {
			if other := pick(g.dice, g.pool...); whole.Contains(other) {
				inside = other
				break
			}
		}
		except := g.around(inside, whole.Bits()+1)
		b.Except = append(b.Except, g.write(except))
		g.pool = append(g.pool, except.Addr())
		g.mix.Hit("except")
	}
	return b
}

// around returns a range that holds the address, of at least so many bits.
func (g *Generator) around(a netip.Addr, bits int) netip.Prefix {
	sizes := []int{0, 8, 16, 22, 24, 28, 30, 31, 32, 32}
	if a.Is6() {
		sizes = []int{0, 16, 48, 64, 112, 120, 126, 127, 128, 128}
	}
	return netip.PrefixFrom(a, max(bits, pick(g.dice, sizes...))).Masked()
}

// write spells a range as API servers do, or as they took it once.
func (g *Generator) write(p netip.Prefix) string {
	n := g.dice.IntN(100)
	switch {
	case n < 4 && p.Bits() < p.Addr().BitLen():
		g.mix.Hit("block with host bits")
		last := p.Addr().AsSlice()
		last[len(last)-1] |= 1
		addr, _ := netip.AddrFromSlice(last)
		return netip.PrefixFrom(addr, p.Bits()).String()
	case n < 8 && p.Addr().Is4():
		g.mix.Hit("block with leading zeros")
		o := p.Addr().As4()
		return fmt.Sprintf("%03d.%03d.%03d.%03d/%d", o[0], o[1], o[2], o[3], p.Bits())
	case n < 10 && p.Addr().Is4():
		g.mix.Hit("block of mapped IPv4")
		return fmt.Sprintf("::ffff:%s/%d", p.Addr(), p.Bits()+96)
	default:
		return p.String()
	}
}
