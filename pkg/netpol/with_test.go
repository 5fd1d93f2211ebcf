package netpol_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestWith(t *testing.T) {
	before := netpol.NewCluster(snapshotOf(t, abc()+policy("deny", "{podSelector: {matchLabels: {pod: b}}}")), netpol.ProfileSpec)
	allow := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "allow"},
		Spec:       networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{}, Ingress: []networkingv1.NetworkPolicyIngressRule{{}}},
	}
	deny := snapshot.Ref{Kind: schema.GroupKind{Group: "networking.k8s.io", Kind: "NetworkPolicy"}, Namespace: "x", Name: "deny"}
	opened, err := before.With([]snapshot.Object{allow})
	if err != nil {
		t.Fatal(err)
	}
	freed, err := before.With(nil, deny)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		cluster  *netpol.Cluster
		want     netpol.Verdict
		policies int
	}{{"as it is", before, netpol.Denied, 1}, {"with a policy", opened, netpol.Allowed, 2}, {"without one", freed, netpol.Allowed, 0}} {
		if got := tt.cluster.Verdict(flowOf(t, tt.cluster, "x/a", "x/b", "80")); got != tt.want || len(tt.cluster.Policies()) != tt.policies {
			t.Errorf("%s: %s by %d policies, want %s", tt.name, got, len(tt.cluster.Policies()), tt.want)
		}
		if tt.cluster.Profile() != netpol.ProfileSpec {
			t.Errorf("%s: profile %s", tt.name, tt.cluster.Profile())
		}
	}
	if _, err := before.With(nil, snapshot.Ref{Kind: deny.Kind, Namespace: "x", Name: "none"}); err == nil {
		t.Error("a policy that is not there is removed")
	}
}

func TestEndpoints(t *testing.T) {
	c := clusterOf(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: x}, spec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}}}}\n---\n"+abc())
	var names []string
	for _, e := range c.Endpoints() {
		names = append(names, e.String())
	}
	if diff := cmp.Diff([]string{"x/Deployment/w", "pod/x/a", "pod/x/b", "pod/x/c", "node/n1"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.Endpoints()[0] = nil
	if c.Endpoints()[0] == nil {
		t.Error("the slice is the cluster's own")
	}
}

// TestBlocks compares blocks of addresses with what the reference names.
func TestBlocks(t *testing.T) {
	for _, tt := range []struct {
		typed   string
		want    []string // CIDRs
		in, out []string
	}{
		{"203.0.113.7", []string{"203.0.113.7/32"}, []string{"203.0.113.7"}, []string{"203.0.113.8"}},
		{"203.0.113.9/28", []string{"203.0.113.0/28"}, []string{"203.0.113.0", "203.0.113.15"}, []string{"203.0.113.16"}},
		{"internet", []string{"0.0.0.0/0", "2000::/3"}, []string{"1.1.1.1", "9.255.255.255", "11.0.0.0", "2606::1"}, []string{"10.0.0.1", "192.168.1.1", "224.0.0.1", "fd00::1", "2001:db8::1"}},
		{"x/a", nil, nil, nil},
	} {
		ref, err := netpol.ParseReference(tt.typed, "x")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range ref.Blocks() {
			got = append(got, b.CIDR)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.typed, diff)
		}
		holds := func(s string) bool {
			addr := netip.MustParseAddr(s)
			for _, b := range ref.Blocks() {
				inside := netip.MustParsePrefix(b.CIDR).Contains(addr)
				for _, except := range b.Except {
					inside = inside && !netip.MustParsePrefix(except).Contains(addr)
				}
				if inside {
					return true
				}
			}
			return false
		}
		for _, s := range tt.in {
			if !holds(s) {
				t.Errorf("%s does not hold %s", tt.typed, s)
			}
		}
		for _, s := range tt.out {
			if holds(s) {
				t.Errorf("%s holds %s", tt.typed, s)
			}
		}
	}
}

// TestInternetIsAPolicy sees that API servers accept the exceptions.
func TestInternetIsAPolicy(t *testing.T) {
	ref, err := netpol.ParseReference("internet", "x")
	if err != nil {
		t.Fatal(err)
	}
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "p"}}
	for _, block := range ref.Blocks() {
		np.Spec.Ingress = append(np.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: []networkingv1.NetworkPolicyPeer{{IPBlock: &block}}})
	}
	c, err := clusterOf(t, abc()).With([]snapshot.Object{np})
	if err != nil || len(c.Rejected()) > 0 {
		t.Fatal(err, c.Rejected())
	}
	for ip, want := range map[string]netpol.Verdict{"8.8.8.8": netpol.Allowed, "10.9.9.9": netpol.Denied} {
		if got := c.Verdict(flowOf(t, c, ip, "x/a", "80")); got != want {
			t.Errorf("from %s: %s", ip, got)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for _, tt := range []struct{ first, last, want string }{
		{"10.0.0.1", "", "10.0.0.1/32"},
		{"fd00::1", "", "fd00::1/128"},
		{"10.0.0.0", "10.0.0.255", "10.0.0.0/24"},
		{"10.0.0.1", "10.0.0.4", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/32"},
		{"0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
		{"255.255.255.254", "255.255.255.255", "255.255.255.254/31"},
		{"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"},
		{"1.0.0.0", "9.255.255.255", "1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 8.0.0.0/7"},
	} {
		e := &netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: []netip.Addr{netip.MustParseAddr(tt.first)}}
		if tt.last != "" {
			e.Last = netip.MustParseAddr(tt.last)
		}
		var got []string
		for _, p := range e.Prefixes() {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s to %s: %s, want %s", tt.first, tt.last, got, tt.want)
		}
	}
}

func TestPortsWithout(t *testing.T) {
	tcp := func(from, to int32) netpol.PortRange {
		return netpol.PortRange{Protocol: corev1.ProtocolTCP, From: from, To: to}
	}
	for _, tt := range []struct {
		without netpol.PortRange
		want    []netpol.PortRange
	}{
		{tcp(1, 9), []netpol.PortRange{tcp(10, 20)}},
		{tcp(21, 30), []netpol.PortRange{tcp(10, 20)}},
		{tcp(1, 10), []netpol.PortRange{tcp(11, 20)}},
		{tcp(20, 30), []netpol.PortRange{tcp(10, 19)}},
		{tcp(12, 15), []netpol.PortRange{tcp(10, 11), tcp(16, 20)}},
		{tcp(10, 20), nil},
		{netpol.PortRange{Protocol: corev1.ProtocolUDP, From: 10, To: 20}, []netpol.PortRange{tcp(10, 20)}},
	} {
		if diff := cmp.Diff(tt.want, tcp(10, 20).Without(tt.without)); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", tt.without, diff)
		}
	}
}
