package netpol

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestPortRangeString(t *testing.T) {
	for _, c := range []struct {
		r    PortRange
		want string
	}{
		{PortRange{corev1.ProtocolTCP, 80, 80}, "80/TCP"},
		{PortRange{corev1.ProtocolTCP, 1, 1}, "1/TCP"},
		{PortRange{corev1.ProtocolUDP, 1000, 1099}, "1000-1099/UDP"},
		{PortRange{corev1.ProtocolSCTP, 1, maxPort}, "*/SCTP"},
		{PortRange{corev1.ProtocolTCP, 1, maxPort - 1}, "1-65534/TCP"},
		{PortRange{corev1.ProtocolTCP, 2, maxPort}, "2-65535/TCP"},
		{PortRange{Protocol: ProtocolICMP}, "ICMP"},
	} {
		if got := c.r.String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.r, got, c.want)
		}
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		name string
		add  [][2]int32
		want string
	}{
		{"none", nil, "*"},
		{"one port", [][2]int32{{80, 80}}, "1-79 80 81-65535"},
		{"twice", [][2]int32{{80, 80}, {80, 80}}, "1-79 80 81-65535"},
		{"first", [][2]int32{{1, 1}}, "1 2-65535"},
		{"last", [][2]int32{{maxPort, maxPort}}, "1-65534 65535"},
		{"all", [][2]int32{{1, maxPort}}, "*"},
		{"neighbours", [][2]int32{{80, 80}, {81, 81}}, "1-79 80 81 82-65535"},
		{"overlap", [][2]int32{{80, 90}, {85, 95}}, "1-79 80-84 85-90 91-95 96-65535"},
		{"inside", [][2]int32{{80, 90}, {85, 85}}, "1-79 80-84 85 86-90 91-65535"},
		{"out of order", [][2]int32{{443, 443}, {80, 80}}, "1-79 80 81-442 443 444-65535"},
		// Container ports of files are not validated.
		{"no ports", [][2]int32{{0, 0}, {-5, -5}, {70000, 70000}, {math.MaxInt32, math.MaxInt32}}, "*"},
	} {
		at := cuts{}
		for _, r := range c.add {
			at.add(corev1.ProtocolTCP, r[0], r[1])
		}
		var got []string
		for _, r := range at.within(PortRange{corev1.ProtocolTCP, 1, maxPort}) {
			got = append(got, strings.TrimSuffix(r.String(), "/TCP"))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
		if udp := at.within(PortRange{corev1.ProtocolUDP, 1, maxPort}); len(udp) != 1 || udp[0].String() != "*/UDP" {
			t.Errorf("%s: cuts of TCP are in those of UDP: %v", c.name, udp)
		}
	}
}

// TestCutsTellNoPortsApart checks for random ranges that the pieces hold every
// port once, and that a range holds all of a piece or nothing of it.
func TestCutsTellNoPortsApart(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		at := cuts{}
		var added []PortRange
		for range rnd.IntN(8) {
			from := 1 + rnd.Int32N(maxPort)
			to := min(maxPort, from+rnd.Int32N(1<<rnd.IntN(16)))
			at.add(corev1.ProtocolTCP, from, to)
			added = append(added, PortRange{corev1.ProtocolTCP, from, to})
		}
		next := int32(1)
		for _, piece := range at.within(PortRange{corev1.ProtocolTCP, 1, maxPort}) {
			if piece.From != next || piece.To < piece.From {
				t.Fatalf("%v: the piece %s follows port %d", added, piece, next-1)
			}
			next = piece.To + 1
			for _, r := range added {
				inside := r.From <= piece.From && piece.To <= r.To
				outside := piece.To < r.From || r.To < piece.From
				if !inside && !outside {
					t.Fatalf("%v: %s is partly in %s", added, piece, r)
				}
			}
		}
		if next != maxPort+1 {
			t.Fatalf("%v: the last piece ends at %d", added, next-1)
		}
	}
}

func TestPortClauseDefaults(t *testing.T) {
	udp, end := corev1.ProtocolUDP, int32(90)
	number, name := intstr.FromInt32(80), intstr.FromString("http")
	for _, c := range []struct {
		in   networkingv1.NetworkPolicyPort
		want portClause
	}{
		{networkingv1.NetworkPolicyPort{}, portClause{corev1.ProtocolTCP, "", 1, maxPort, ""}},
		{networkingv1.NetworkPolicyPort{Protocol: &udp}, portClause{corev1.ProtocolUDP, "", 1, maxPort, ""}},
		{networkingv1.NetworkPolicyPort{Port: &number}, portClause{corev1.ProtocolTCP, "", 80, 80, ""}},
		{networkingv1.NetworkPolicyPort{Port: &number, EndPort: &end}, portClause{corev1.ProtocolTCP, "", 80, 90, ""}},
		{networkingv1.NetworkPolicyPort{Protocol: &udp, Port: &name}, portClause{corev1.ProtocolUDP, "http", 0, 0, ""}},
	} {
		if got := newPortClause(c.in); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestProtocolsAreThoseOfTheAPI(t *testing.T) {
	if got := fmt.Sprint(Protocols()); got != "[TCP UDP SCTP]" {
		t.Errorf("protocols: %s", got)
	}
	if slices.Contains(Protocols(), ProtocolICMP) {
		t.Error("ICMP has no ports")
	}
}
