package netpol_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func namesOf(parties []netpol.Party) string {
	var names []string
	for _, p := range parties {
		names = append(names, fmt.Sprintf("%s×%d", p.Name, len(p.Members)))
	}
	return strings.Join(names, "; ")
}

func TestParties(t *testing.T) {
	const manifests = `
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: x, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true, uid: u}]}
spec: {nodeName: n1}
status: {podIP: 10.0.0.1, hostIP: 192.168.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true, uid: u}]}
spec: {nodeName: n2}
status: {podIP: 10.0.0.2, hostIP: 192.168.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: a}
status: {podIP: 10.0.0.3}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: none, namespace: x}
spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec:
  podSelector: {}
  ingress:
  - from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.8/29]}}, {ipBlock: {cidr: 198.51.100.0/24}}]
    ports: [{port: 80}]
  - from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 203.0.113.128/25]}}]
    ports: [{port: 443}]
`
	for by, want := range map[netpol.By]string{
		netpol.ByNamespace: "namespace/a×1; namespace/x×3; nodes×2; internet×5; 10.0.0.0/8×1; 198.51.100.0/24, 203.0.113.0/29, 203.0.113.16-203.0.113.127×3; 203.0.113.8/29×1; 203.0.113.128/25×1",
		netpol.ByWorkload:  "a/pod/alone×1; x/deployment/none×1; x/statefulset/db×2; nodes×2; internet×5; 10.0.0.0/8×1; 198.51.100.0/24, 203.0.113.0/29, 203.0.113.16-203.0.113.127×3; 203.0.113.8/29×1; 203.0.113.128/25×1",
		netpol.ByPod: "a/pod/alone×1; x/deployment/none×1; x/pod/a×1; x/pod/b×1; node/n1×1; node/n2×1; 0.0.0.0-9.255.255.255×1; 10.0.0.0/8×1; 11.0.0.0-198.51.99.255×1; " +
			"198.51.100.0/24×1; 198.51.101.0-203.0.112.255×1; 203.0.113.0/29×1; 203.0.113.8/29×1; 203.0.113.16-203.0.113.127×1; 203.0.113.128/25×1; 203.0.114.0-255.255.255.255×1; ::/0×1",
	} {
		got := namesOf(clusterOf(t, manifests).Matrix(netpol.MatrixOptions{}).Parties(by))
		if diff := cmp.Diff(strings.Split(want, "; "), strings.Split(got, "; ")); diff != "" {
			t.Errorf("by %s: %s\n(-want +got):\n%s", by, got, diff)
		}
	}
}

// TestPartiesWithoutFlows: in a cluster of IPv4 nobody reaches an address of
// IPv6.
func TestPartiesWithoutFlows(t *testing.T) {
	c := clusterOf(t, `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x}
status: {podIP: 10.0.0.1}
`)
	if got := namesOf(c.Matrix(netpol.MatrixOptions{}).Parties(netpol.ByPod)); got != "x/pod/a×1; 0.0.0.0/0×1" {
		t.Error(got)
	}
}

func TestIsPublic(t *testing.T) {
	for _, tt := range []struct {
		first, last string
		want        bool
	}{
		{"8.8.8.8", "", true},
		{"0.0.0.0", "255.255.255.255", true},
		{"10.0.0.0", "10.255.255.255", false},
		{"9.255.255.255", "10.255.255.255", true},
		{"10.0.0.0", "11.0.0.0", true},
		{"192.168.1.1", "", false},
		{"203.0.113.0", "203.0.113.255", false},
		{"224.0.0.0", "255.255.255.255", false},
		{"2606:4700::1", "", true},
		{"fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
	} {
		e := &netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: []netip.Addr{netip.MustParseAddr(tt.first)}}
		if tt.last != "" {
			e.Last = netip.MustParseAddr(tt.last)
		}
		if got := e.IsPublic(); got != tt.want {
			t.Errorf("%s: %t, want %t", e, got, tt.want)
		}
	}
	if (&netpol.Endpoint{Kind: netpol.PodEndpoint, Addresses: []netip.Addr{netip.MustParseAddr("8.8.8.8")}}).IsPublic() {
		t.Error("a pod is public")
	}
}

func TestCIDRs(t *testing.T) {
	for _, tt := range []struct{ first, last, want string }{
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.0", "10.0.0.255", "10.0.0.0/24"},
		{"0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
		{"203.0.113.1", "203.0.113.8", "203.0.113.1 203.0.113.2/31 203.0.113.4/30 203.0.113.8"},
		{"255.255.255.254", "255.255.255.255", "255.255.255.254/31"},
		{"fd00::", "fd00::2", "fd00::/127 fd00::2"},
	} {
		e := &netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: []netip.Addr{netip.MustParseAddr(tt.first)}}
		if tt.last != "" {
			e.Last = netip.MustParseAddr(tt.last)
		}
		if got := strings.Join(e.CIDRs(), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", e, got, tt.want)
		}
	}
}

// TestReferencesNameTheirEndpoints: what a matrix calls its members can be
// asked about.
func TestReferencesNameTheirEndpoints(t *testing.T) {
	d := newDice(4)
	c := d.withTemplates(t, d.world(), netpol.ProfileCommon)
	for _, class := range c.Matrix(netpol.MatrixOptions{}).Classes() {
		for _, e := range class.Members {
			for _, name := range e.CIDRs() {
				if e.Kind != netpol.ExternalEndpoint {
					name = e.Reference()
				}
				r, err := netpol.ParseReference(name, "")
				if err != nil {
					t.Fatal(err)
				}
				if addr, err := netip.ParseAddr(name); err == nil && c.At(addr).Kind != netpol.ExternalEndpoint {
					continue // the piece of a range that a node alone has
				}
				found, err := c.Resolve(r)
				if err != nil || len(found) == 0 || e.Kind != netpol.ExternalEndpoint && (len(found) > 1 || found[0] != e) ||
					e.Kind == netpol.ExternalEndpoint && found[len(found)-1].String() != name { // after pods that have addresses there
					t.Errorf("%s: %v, %v", name, found, err)
				}
			}
		}
	}
}
