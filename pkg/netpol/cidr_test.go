package netpol

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseCIDR(t *testing.T) {
	for _, c := range []struct{ in, want, remark string }{
		{"10.0.0.0/8", "10.0.0.0/8", ""},
		{"0.0.0.0/0", "0.0.0.0/0", ""},
		{"10.0.0.2/32", "10.0.0.2/32", ""},
		{"fd00::/64", "fd00::/64", ""},
		{"::/0", "::/0", ""},
		{"::1/128", "::1/128", ""},
		{"172.17.5.9/16", "172.17.0.0/16", "172.17.5.9/16 means 172.17.0.0/16"},
		{"fd00::5/64", "fd00::/64", "fd00::5/64 means fd00::/64"},
		{"010.000.001.000/24", "10.0.1.0/24", "means 10.0.1.0/24"},
		{"10.0.0.0/08", "10.0.0.0/8", "means 10.0.0.0/8"},
		{"::ffff:10.0.0.0/104", "10.0.0.0/8", "means 10.0.0.0/8"},
		{"::ffff:010.0.0.0/104", "10.0.0.0/8", "means 10.0.0.0/8"},
		{"::ffff:10.1.2.3/128", "10.1.2.3/32", "means 10.1.2.3/32"},
		{"::ffff:10.0.0.0/64", "::/64", "means ::/64"},
		// Another spelling of the same is stored without complaint.
		{"FD00:0:0::/64", "fd00::/64", ""},
	} {
		p, remark, err := parseCIDR(c.in)
		if err != nil || p != netip.MustParsePrefix(c.want) {
			t.Errorf("%s: %v, %v, want %s", c.in, p, err, c.want)
		}
		if !strings.Contains(remark, c.remark) || (remark == "") != (c.remark == "") {
			t.Errorf("%s: the remark is %q, want %q", c.in, remark, c.remark)
		}
	}
}

func TestParseCIDRRefuses(t *testing.T) {
	for _, in := range []string{
		"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0.0/8", "256.0.0.0/8", "10.0.0.0/8/8", "a.b.c.d/8",
		"fd00::", "fd00::/129", "fd00:::/64", "fd00::%eth0/64", "::ffff:10.0.0.256/120", " 10.0.0.0/8", "10.0.0.0/8 ", "0x0a.0.0.0/8", "example.org/8",
	} {
		if p, _, err := parseCIDR(in); err == nil {
			t.Errorf("%q: it is taken as %s", in, p)
		}
	}
}

func TestBlockContains(t *testing.T) {
	b := func(cidr string, except ...string) *block {
		b := &block{cidr: netip.MustParsePrefix(cidr)}
		for _, e := range except {
			b.except = append(b.except, netip.MustParsePrefix(e))
		}
		return b
	}
	v4 := b("10.0.0.0/24", "10.0.0.0/28", "10.0.0.255/32")
	v6 := b("fd00::/64", "fd00::10/124")
	for _, c := range []struct {
		block   *block
		address string // "" for one that is not known
		want    Truth
	}{
		{v4, "10.0.0.0", No},
		{v4, "10.0.0.15", No},
		{v4, "10.0.0.16", Yes},
		{v4, "10.0.0.254", Yes},
		{v4, "10.0.0.255", No},
		{v4, "10.0.1.0", No},
		{v4, "9.255.255.255", No},
		{v4, "::ffff:10.0.0.16", Yes},
		{v4, "::ffff:10.0.0.1", No},
		{v4, "fd00::1", No},
		{v4, "", Maybe},
		{v6, "fd00::1", Yes},
		{v6, "fd00::1f", No},
		{v6, "fd00:0:0:1::", No},
		{v6, "10.0.0.16", No},
		{b("0.0.0.0/0"), "fd00::1", No},
		{b("0.0.0.0/0"), "255.255.255.255", Yes},
		{b("::/0"), "10.0.0.1", No},
		{b("::/0"), "::ffff:10.0.0.1", No},
		{b("::/0"), "::", Yes},
	} {
		var address netip.Addr
		if c.address != "" {
			address = netip.MustParseAddr(c.address)
		}
		if got := c.block.contains(address); got != c.want {
			t.Errorf("%s without %v holds %q: %d, want %d", c.block.cidr, c.block.except, c.address, got, c.want)
		}
	}
	if got := v4.exceptOf(netip.MustParseAddr("::ffff:10.0.0.255")).String(); got != "10.0.0.255/32" {
		t.Errorf("the exception is %s", got)
	}
}

// FuzzParseCIDR checks that what is read is a range in its plain form, and
// that reading it again changes nothing.
func FuzzParseCIDR(f *testing.F) {
	for _, seed := range []string{"10.0.0.0/8", "010.1.2.3/08", "fd00::1/64", "::ffff:10.0.0.0/104", "::ffff:1.2.3.4/90", "1.2.3.4", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, remark, err := parseCIDR(s)
		if err != nil {
			return
		}
		if !p.IsValid() || p != p.Masked() || p.Addr().Is4In6() {
			t.Fatalf("%q: %s", s, p)
		}
		again, none, err := parseCIDR(p.String())
		if err != nil || again != p || none != "" {
			t.Fatalf("%q: %s, then %s, %q, %v", s, p, again, none, err)
		}
		if strict, err := netip.ParsePrefix(s); err == nil && strict == p && remark != "" {
			t.Fatalf("%q is as new objects write it, but: %s", s, remark)
		}
	})
}
