package netpol_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// snapshotOf reads manifests as the loader of files does, so that what users
// leave out is left out here.
func snapshotOf(t testing.TB, manifests string) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "x"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	mustBeWhole(t, s)
	return s
}

// mustBeWhole stops a test whose own manifests are not what they seem.
func mustBeWhole(t testing.TB, s *snapshot.Snapshot) {
	t.Helper()
	if len(s.Gaps()) > 0 || len(s.Warnings()) > 0 {
		t.Fatalf("the manifests of the test: gaps %v, warnings %q", s.Gaps(), s.Warnings())
	}
}

func clusterOf(t testing.TB, manifests string) *netpol.Cluster {
	t.Helper()
	return netpol.NewCluster(snapshotOf(t, manifests), netpol.ProfileCommon)
}

// policy writes a NetworkPolicy of namespace x; the spec is YAML in one line.
func policy(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: x}\nspec: %s\n", name, spec)
}

// pod writes a running Pod of namespace x, labelled pod=NAME, on node n1.
func pod(name, ip string, ports string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x, labels: {pod: %[1]s}}\n"+
		"spec: {nodeName: n1, containers: [{name: c, image: i, ports: [%s]}]}\nstatus: {phase: Running, podIPs: [{ip: %q}]}\n", name, ports, ip)
}

// abc are three pods of namespace x, of which b has named ports.
func abc() string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n" + pod("a", "10.0.0.1", "") +
		pod("b", "10.0.0.2", "{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}") + pod("c", "10.0.0.3", "")
}

// endpoint finds NAMESPACE/POD, node/NAME, an address, or NAMESPACE/[LABELS]
// for a pod that does not exist.
func endpoint(t testing.TB, c *netpol.Cluster, name string) *netpol.Endpoint {
	t.Helper()
	if addr, err := netip.ParseAddr(name); err == nil {
		return c.At(addr)
	}
	namespace, rest, _ := strings.Cut(name, "/")
	var e *netpol.Endpoint
	switch {
	case namespace == "node":
		e = c.Node(rest)
	case strings.HasPrefix(rest, "["):
		set, err := labels.ConvertSelectorToLabelsMap(strings.Trim(rest, "[]"))
		if err != nil {
			t.Fatal(err)
		}
		e = c.Hypothetical(namespace, set)
	default:
		e = c.Pod(namespace, rest)
	}
	if e == nil {
		t.Fatalf("there is no %s", name)
	}
	return e
}

// flowOf reads "x/a", "x/b" and "80", "53/UDP" or "ICMP"; the family is that
// of an end that is an address, else IPv4.
func flowOf(t testing.TB, c *netpol.Cluster, from, to, port string) netpol.Flow {
	t.Helper()
	f := netpol.Flow{From: endpoint(t, c, from), To: endpoint(t, c, to), Family: netpol.IPv4, Protocol: corev1.ProtocolTCP}
	for _, e := range []*netpol.Endpoint{f.From, f.To} {
		if e.Kind == netpol.ExternalEndpoint && !e.Address(netpol.IPv4).IsValid() {
			f.Family = netpol.IPv6
		}
	}
	number, protocol, ok := strings.Cut(port, "/")
	if ok {
		f.Protocol = corev1.Protocol(protocol)
	}
	if number == string(netpol.ProtocolICMP) {
		f.Protocol = netpol.ProtocolICMP
		return f
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	f.Port = int32(n)
	return f
}

// textOf writes an explanation as indented lines.
func textOf(e netpol.Explanation) string {
	var b strings.Builder
	line := func(depth int, format string, args ...any) {
		b.WriteString(strings.TrimRight(strings.Repeat("  ", depth)+fmt.Sprintf(format, args...), " ") + "\n")
	}
	line(0, "%s -> %s %s: %s %s", e.Flow.From, e.Flow.To, netpol.PortRange{Protocol: e.Flow.Protocol, From: e.Flow.Port, To: e.Flow.Port}, e.Verdict, e.Reason)
	for _, step := range e.Steps {
		line(1, "%s of %s: %s %s", step.Direction, step.Subject, step.Verdict, step.Reason)
		for _, tier := range step.Tiers {
			line(2, "tier %s: %s %s", tier.Tier, tier.Outcome, tier.Reason)
		}
		for _, p := range step.Policies {
			if p.Policy.Tier == netpol.NetworkPolicyTier {
				line(2, "policy %s/%s: %s", p.Policy.Namespace, p.Policy.Name, p.Verdict)
			} else {
				line(2, "%s %s: %s", p.Policy.Kind, p.Policy.Name, p.Outcome)
			}
			for _, r := range p.Rules {
				said := strings.Fields(strings.Join([]string{string(r.Verdict), r.Name, r.Action, r.Match, r.Peer, r.Port, r.Reason}, " "))
				line(3, "%s: %s", r.Path, strings.Join(said, " "))
				for _, m := range r.Misses {
					line(4, "%s: %s", m.Path, m.Detail)
				}
			}
		}
	}
	for _, d := range e.Doubts {
		line(1, "doubt (%s): %s", d.Cause, d.Detail)
	}
	return b.String()
}
