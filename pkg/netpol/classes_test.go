package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// TestClasses checks what is told apart and what is not.
func TestClasses(t *testing.T) {
	host := func(name, ports string) string {
		return strings.Replace(pod(name, "192.168.0.1", ports), "{nodeName: n1,", "{nodeName: n1, hostNetwork: true,", 1)
	}
	tests := []struct {
		name      string
		manifests string
		profile   netpol.Profile
		want      string
	}{
		{"nothing is told apart without policies", abc(), netpol.ProfileCommon, "pod/x/a pod/x/b pod/x/c|node/n1|0.0.0.0/0|::/0"},
		{"by what a policy selects", abc() + policy("p", `{podSelector: {matchLabels: {pod: b}}}`), netpol.ProfileCommon, "pod/x/a pod/x/c|pod/x/b|node/n1|0.0.0.0/0|::/0"},
		{
			"by what a peer describes",
			abc() + policy("p", `{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: pod, operator: In, values: [b, c]}]}}]}]}`),
			netpol.ProfileCommon, "pod/x/a|pod/x/b pod/x/c|node/n1|0.0.0.0/0|::/0",
		},
		{
			"by ports that rules name",
			abc() + policy("p", `{podSelector: {}, ingress: [{ports: [{port: http}]}]}`),
			netpol.ProfileCommon, "pod/x/a pod/x/c|pod/x/b|node/n1|0.0.0.0/0|::/0",
		},
		{"not by names that no rule uses", abc() + policy("p", `{podSelector: {}, ingress: [{ports: [{port: ghost}]}]}`), netpol.ProfileCommon, "pod/x/a pod/x/b pod/x/c|node/n1|0.0.0.0/0|::/0"},
		{"not by rules of policies that select nothing", abc() + policy("p", `{podSelector: {matchLabels: {pod: ghost}}, ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}`), netpol.ProfileCommon, "pod/x/a pod/x/b pod/x/c|node/n1|0.0.0.0/0|::/0"},
		{"not by rules of a direction that does not count", abc() + policy("p", `{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}`), netpol.ProfileCommon, "pod/x/a pod/x/b pod/x/c|node/n1|0.0.0.0/0|::/0"},
		{
			"by ranges, of which pods have one", // the range of the others is in two parts
			abc() + policy("p", `{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}`),
			netpol.ProfileCommon, "pod/x/a|pod/x/b pod/x/c|node/n1|0.0.0.0-10.0.0.0 10.0.0.2-255.255.255.255|::/0",
		},
		{
			"pods of the host's network by names, where that may count",
			abc() + host("h", "{name: http, containerPort: 80}") + host("i", "{name: http, containerPort: 81}") + policy("p", `{podSelector: {}, egress: [{ports: [{port: http}]}]}`),
			netpol.ProfileSpec, "pod/x/a pod/x/c|pod/x/b|pod/x/h|pod/x/i|node/n1|0.0.0.0/0|::/0",
		},
		{
			"pods of the host's network by nothing else",
			abc() + host("h", "{name: http, containerPort: 80}") + host("i", "") + policy("p", `{podSelector: {}, egress: [{ports: [{port: http}]}]}`),
			netpol.ProfileCommon, "pod/x/a pod/x/c|pod/x/b|pod/x/h pod/x/i|node/n1|0.0.0.0/0|::/0",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := netpol.NewCluster(snapshotOf(t, tt.manifests), tt.profile).Matrix(netpol.MatrixOptions{})
			var classes []string
			for i, class := range m.Classes() {
				if class.ID != i {
					t.Errorf("class %d has the ID %d", i, class.ID)
				}
				classes = append(classes, strings.Trim(fmt.Sprint(class.Members), "[]"))
			}
			if got := strings.Join(classes, "|"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestEdges checks that edges are the groups of rows, one by one, in an order
// that does not change.
func TestEdges(t *testing.T) {
	m := clusterOf(t, abc()+policy("p", `{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}], ports: [{port: http}]}]}`)).Matrix(netpol.MatrixOptions{})
	var edges []string
	for e := range m.Edges() {
		edges = append(edges, fmt.Sprint(e.From, " ", e.To, " ", e.Ports))
	}
	all := "[{*/TCP Allowed} {*/UDP Allowed} {*/SCTP Allowed}]"
	// 0 is a, 1 is b, 2 is c, 3 is n1; the others are outside.
	want := []string{
		"0 0 " + all, "0 2 " + all, "0 3 " + all, "0 4 " + all, "0 1 [{80/TCP Allowed}]",
		"1 0 " + all, "1 2 " + all, "1 3 " + all, "1 4 " + all,
		"2 0 " + all, "2 2 " + all, "2 3 " + all, "2 4 " + all,
	}
	if got := edges[:min(len(edges), len(want))]; !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var exceptions []string
	for row := range m.Rows() {
		for e := range m.Exceptions(row) {
			exceptions = append(exceptions, fmt.Sprint(e.From, " ", e.To, " ", e.Ports))
		}
	}
	if want := []string{"pod/x/b pod/x/b " + all, "node/n1 pod/x/b " + all}; !slices.Equal(exceptions, want) {
		t.Errorf("exceptions: got %q, want %q", exceptions, want)
	}
}

// TestPortsOfOthers checks that the matrix does not answer for what it does
// not have.
func TestPortsOfOthers(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", `{podSelector: {matchLabels: {pod: b}}}`))
	m := c.Matrix(netpol.MatrixOptions{})
	a, b, other := c.Pod("x", "a"), c.Pod("x", "b"), c.Hypothetical("x", nil)
	id, ok := m.ClassOf(a)
	if _, unknown := m.ClassOf(other); !ok || unknown {
		t.Errorf("the class of a: %v, of one that is not there: %v", ok, unknown)
	}
	for _, tt := range []struct {
		from, to *netpol.Endpoint
		want     bool
	}{{a, b, true}, {a, other, false}, {other, a, false}, {b, a, false}} {
		if _, ok := m.Ports(m.Row(id), tt.from, tt.to); ok != tt.want {
			t.Errorf("%s -> %s: %v, want %v", tt.from, tt.to, ok, tt.want)
		}
	}
}
