package netpol_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func TestResolveAddresses(t *testing.T) {
	nodes := "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.0.0.7}, {type: ExternalIP, address: 8.8.8.8}]}\n"
	blocks := policy("p", `{ingress: [{from: [{ipBlock: {cidr: 10.0.0.128/25, except: [10.0.0.255/32]}}, {ipBlock: {cidr: "2001:db8::/32"}}]}]}`)
	c := clusterOf(t, abc()+nodes+blocks)
	for ask, want := range map[string][]string{
		"10.0.0.1":        {"pod/x/a"},
		"::ffff:10.0.0.1": {"pod/x/a"},
		"10.0.0.9":        {"10.0.0.9"},
		"8.8.8.8":         {"node/n1"},
		"10.0.0.2/31":     {"pod/x/b", "pod/x/c"}, // all of it
		"10.0.0.0/29":     {"pod/x/a", "pod/x/b", "pod/x/c", "node/n1", "10.0.0.0/29"},
		"10.0.0.64/26":    {"10.0.0.64/26"},
		"10.0.0.200":      {"10.0.0.200"},
		"10.0.0.192/26":   {"10.0.0.192-10.0.0.254", "10.0.0.255"},
		"11.0.0.0/8":      {"11.0.0.0/8"},
		"2001:db8::/31":   {"2001:db8::/32", "2001:db9::/32"},
		"0.0.0.0/0":       {"node/n1", "pod/x/a", "pod/x/b", "pod/x/c", "node/n1", "0.0.0.0-10.0.0.127", "10.0.0.128-10.0.0.254", "10.0.0.255", "10.0.1.0-255.255.255.255"},
		"::/0":            {"::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32", "2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	} {
		found, err := c.Resolve(reference(t, ask))
		if diff := cmp.Diff(want, named(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", ask, err, diff)
		}
	}
}

// TestInternet checks single addresses: those that nobody reaches from
// elsewhere, and those of the cluster, are no part of the internet.
func TestInternet(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{ingress: [{from: [{ipBlock: {cidr: 8.0.0.0/8}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]}"))
	found, err := c.Resolve(reference(t, "internet"))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{
		"1.1.1.1": 1, "8.8.8.8": 1, "100.63.255.255": 1, "100.128.0.0": 1, "172.15.255.255": 1, "172.32.0.0": 1, "192.167.1.1": 1, "223.255.255.255": 1,
		"0.0.0.1": 0, "10.0.0.1": 0, "10.9.9.9": 0, "100.64.0.1": 0, "127.0.0.1": 0, "169.254.169.254": 0, "172.16.0.1": 0, "172.31.255.255": 0,
		"192.0.0.1": 0, "192.0.2.1": 0, "192.168.1.1": 0, "198.18.0.1": 0, "198.51.100.1": 0, "203.0.113.9": 0, "224.0.0.1": 0, "255.255.255.255": 0,
		"2606:4700::1": 1, "2001:200::1": 1, "3ffe::1": 1, "2001:db8::1": 0, "2001::1": 0, "3fff::1": 0, "::1": 0, "fd00::1": 0, "fe80::1": 0, "ff02::1": 0,
	} {
		addr, holds := netip.MustParseAddr(address), 0
		for _, e := range found {
			if holdsAddress(e, addr) {
				holds++
			}
		}
		if holds != want {
			t.Errorf("%s is in %d of the ranges %v, want %d", address, holds, named(found), want)
		}
	}
}

func holdsAddress(e *netpol.Endpoint, addr netip.Addr) bool {
	first, last := e.Addresses[0], e.Last
	if !last.IsValid() {
		last = first
	}
	return first.BitLen() == addr.BitLen() && first.Compare(addr) <= 0 && addr.Compare(last) <= 0
}

// TestRangesAreNotToldApart asks for every address of a small range by itself:
// its verdicts must be those of the one end that stands for it.
func TestRangesAreNotToldApart(t *testing.T) {
	pieces := 0
	for seed := range uint64(200) {
		d := newDice(seed)
		c := d.blocksAround(t)
		whole := pick(d, "10.0.0.0/24", "10.0.0.128/25", "fd00::/120", "fd00::80/121")
		endpoints, err := c.Resolve(reference(t, whole))
		if err != nil {
			t.Fatal(err)
		}
		pieces += len(endpoints)
		prefix := netip.MustParsePrefix(whole)
		for addr := prefix.Addr(); prefix.Contains(addr); addr = addr.Next() {
			one := c.At(addr)
			ends := slices.DeleteFunc(slices.Clone(endpoints), func(e *netpol.Endpoint) bool {
				return e.Kind != one.Kind || e.Name != one.Name || !holdsAddress(e, addr)
			})
			if len(ends) != 1 {
				t.Fatalf("seed %d: %s is in %v of %v", seed, addr, named(ends), named(endpoints))
			}
			for _, other := range []string{"x/a", "x/b"} {
				want, got := verdicts(t, c, one, other), verdicts(t, c, ends[0], other)
				if want != got {
					t.Fatalf("seed %d: %s is %s, but %s is %s", seed, addr, want, ends[0], got)
				}
			}
		}
	}
	if pieces < 1000 {
		t.Errorf("only %d pieces", pieces)
	}
}

// verdicts are those from an address to a pod and back.
func verdicts(t *testing.T, c *netpol.Cluster, e *netpol.Endpoint, pod string) string {
	t.Helper()
	f := netpol.Flow{From: e, To: endpoint(t, c, pod), Protocol: "TCP", Port: 80, Family: netpol.IPv4}
	if !e.Address(netpol.IPv4).IsValid() {
		f.Family = netpol.IPv6
	}
	in := c.Verdict(f)
	f.From, f.To = f.To, f.From
	return fmt.Sprintf("%s in, %s out", in, c.Verdict(f))
}

// blocksAround makes a cluster whose pods are in the ranges of its policies.
func (d dice) blocksAround(t *testing.T) *netpol.Cluster {
	t.Helper()
	cidr := func(from int) netip.Prefix {
		addr, bits := netip.AddrFrom4([4]byte{10, 0, 0, byte(d.IntN(256))}), from+d.IntN(33-from)
		if d.oneIn(3) {
			six := netip.MustParseAddr("fd00::").As16()
			six[15] = byte(d.IntN(256))
			addr, bits = netip.AddrFrom16(six), bits+96
		}
		return netip.PrefixFrom(addr, bits).Masked()
	}
	peer := func() string {
		block := cidr(22)
		text := fmt.Sprintf("{ipBlock: {cidr: %q", block)
		for range 2 {
			if except := cidr(25); block.Contains(except.Addr()) && except.Bits() > block.Bits() {
				text += fmt.Sprintf(", except: [%q]", except)
				break
			}
		}
		return text + "}}"
	}
	manifests := pod("a", "10.0.0.5", "") + pod("b", "fd00::c8", "") + pod("c", "10.0.0.200", "")
	for i := range 1 + d.IntN(3) {
		manifests += policy(fmt.Sprint("p", i), fmt.Sprintf("{podSelector: {matchLabels: {pod: %s}}, policyTypes: [Ingress, Egress], ingress: [{from: [%s, %s]}], egress: [{to: [%s]}, {to: [%s]}]}",
			pick(d, "a", "b"), peer(), peer(), peer(), peer()))
	}
	return clusterOf(t, manifests)
}

// TestRangesAtBothEnds compares the answer about two ranges with those about
// every pair of their addresses.
func TestRangesAtBothEnds(t *testing.T) {
	for seed := range uint64(150) {
		d := newDice(seed)
		c := d.blocksAround(t)
		around := func() netip.Prefix {
			first := netip.AddrFrom4([4]byte{10, 0, 0, pick(d, byte(5), 200, byte(d.IntN(256)))})
			return netip.PrefixFrom(first, 28+d.IntN(3)).Masked()
		}
		from, to := around(), around()
		a := ask(t, c, from.String(), to.String(), netpol.AnyFamily, "80")
		for x := from.Addr(); from.Contains(x); x = x.Next() {
			for y := to.Addr(); to.Contains(y); y = y.Next() {
				if c.At(x).Kind == netpol.PodEndpoint && c.At(x).Name == c.At(y).Name {
					continue // left out of many
				}
				single := ask(t, c, x.String(), y.String(), netpol.AnyFamily, "80")
				if got := pairVerdict(c, a, x, y); got != string(single.Verdict) {
					t.Fatalf("seed %d: %s to %s is %s, but %s in\n%s", seed, x, y, single.Verdict, got, answerText(a))
				}
			}
		}
	}
}

// pairVerdict is that of the flow that is about the two addresses.
func pairVerdict(c *netpol.Cluster, a *netpol.Answer, from, to netip.Addr) string {
	var found []string
	about := func(e *netpol.Endpoint, addr netip.Addr) bool {
		return holdsAddress(e, addr) && e.Kind == c.At(addr).Kind
	}
	for _, f := range a.Flows {
		if about(f.Flow.From, from) && about(f.Flow.To, to) {
			found = append(found, string(f.Ports[0].Verdict))
		}
	}
	return strings.Join(found, " and ")
}
