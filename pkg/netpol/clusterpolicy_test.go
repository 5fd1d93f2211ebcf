package netpol_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// documents returns those of a file of testdata/clusterpolicies, which an API
// server is asked about, too: see test/controlplane.
func documents(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/clusterpolicies/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n---\n")
}

func TestRefusedClusterPolicies(t *testing.T) {
	for _, text := range documents(t, "refused.yaml") {
		var document struct {
			Metadata struct{ Annotations map[string]string }
		}
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		c := clusterOf(t, text)
		var problems []string
		for _, r := range c.Rejected() {
			for _, p := range r.Problems {
				problems = append(problems, p.Path+": "+p.Detail)
			}
		}
		want := document.Metadata.Annotations["problem"]
		if len(problems) != 1 || want == "" || !strings.HasPrefix(problems[0], want) {
			t.Errorf("want %q, got %q of\n%s", want, problems, text)
		}
		if len(c.ClusterPolicies()) > 0 {
			t.Errorf("it counts:\n%s", text)
		}
	}
}

func TestAcceptedClusterPolicies(t *testing.T) {
	for _, text := range documents(t, "accepted.yaml") {
		if c := clusterOf(t, text); len(c.Rejected()) > 0 || len(c.ClusterPolicies()) != 1 {
			t.Errorf("%+v of\n%s", c.Rejected(), text)
		}
	}
}

// cnp writes a ClusterNetworkPolicy for all pods; the rest of its spec is YAML
// in one line.
func cnp(name, metadata, spec string) string {
	return fmt.Sprintf("---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: %s%s}\nspec: {priority: 1, subject: {namespaces: {}}, %s}\n", name, metadata, spec)
}

// TestStoredClusterPolicies checks policies that an API server has: what this
// program does not understand of them may be enforced all the same.
func TestStoredClusterPolicies(t *testing.T) {
	const stored = ", uid: 6f1a"
	for _, tt := range []struct{ name, text, from, to, port, says string }{
		{"a peer without fields fails closed", cnp("p", stored, "tier: Admin, ingress: [{action: Pass, from: [{}]}]"), "203.0.113.7", "x/b", "80", "Denied"},
		{"an accepting one matches nothing", cnp("p", stored, "tier: Admin, ingress: [{action: Accept, from: [{}]}, {action: Deny, from: [{namespaces: {}}]}]"), "x/a", "x/b", "80", "Denied"},
		{"what should be refused is left open", cnp("p", stored, "tier: Admin, ingress: [{action: Drop, from: [{namespaces: {}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"of the Baseline tier, too", cnp("p", stored, "tier: Baseline, ingress: [{action: Drop, from: [{namespaces: {}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"a subject that is not known", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}]}]"), "x/a", "x/b", "80", "Denied"},
		{"a field that is not known", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, unless: Sunday, from: [{namespaces: {}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"it decides nothing where the rest does not match", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, unless: Sunday, from: [{namespaces: {matchLabels: {a: b}}}]}]"), "x/a", "x/b", "80", "Allowed"},
		{"a protocol that is not known", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{quic: {}}]}]"), "x/a", "x/b", "80/UDP", "Undefined"},
		{"an attribute that is not known", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {flags: SYN}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"a form of ports that is not known", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {odd: true}}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"an empty name of a port", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: \"\"}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"an invalid selector", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {matchExpressions: [{key: a, operator: Like}]}}]}]"), "x/a", "x/b", "80", "Undefined"},
		{"which matches pods at most", cnp("p", stored, "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {matchExpressions: [{key: a, operator: Like}]}}]}]"), "203.0.113.7", "x/b", "80", "Allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clusterOf(t, abc()+tt.text)
			f := flowOf(t, c, tt.from, tt.to, tt.port)
			if got := c.Verdict(f); string(got) != tt.says || len(c.Rejected()) > 0 {
				t.Errorf("%s, rejected %+v\n%s", got, c.Rejected(), textOf(c.Explain(f)))
			}
		})
	}
}

// TestOtherVersions checks that objects of a version that is not known are
// never counted for nothing.
func TestOtherVersions(t *testing.T) {
	c := clusterOf(t, abc()+strings.Replace(cnp("p", "", "tier: Admin"), "v1alpha2", "v1", 1))
	f := flowOf(t, c, "x/a", "x/b", "80")
	if e := c.Explain(f); e.Verdict != netpol.Undefined || !strings.Contains(textOf(e), "not all ClusterNetworkPolicies could be read: they decide about pod/x/a too") {
		t.Errorf("the version is not known, but\n%s", textOf(e))
	}
	want := snapshot.Gap{Group: "policy.networking.k8s.io", Resource: "clusternetworkpolicies", Reason: snapshot.NotModelled, Detail: "ClusterNetworkPolicy p is of version v1: only v1alpha2 is known"}
	if diff := cmp.Diff([]snapshot.Gap{want}, c.GapsFor(netpol.Question{})); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// TestUnreadClusterPolicies checks what those that could not be read leave
// open.
func TestUnreadClusterPolicies(t *testing.T) {
	unread := func(t *testing.T, resource string, reason snapshot.Reason) *netpol.Cluster {
		t.Helper()
		b := snapshot.NewBuilder()
		whole := snapshotOf(t, abc()+policy("closed", "{podSelector: {matchLabels: {pod: b}}}")+policy("open", "{podSelector: {matchLabels: {pod: c}}, ingress: [{}]}")+
			cnp("deny", "", "tier: Admin, ingress: [{action: Deny, from: [{pods: {podSelector: {matchLabels: {pod: c}}}}]}]"))
		for object := range whole.All() {
			b.Add(object)
		}
		b.Gap(snapshot.Gap{Group: "policy.networking.k8s.io", Resource: resource, Reason: reason})
		s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
		if err != nil {
			t.Fatal(err)
		}
		return netpol.NewCluster(s, netpol.ProfileCommon)
	}
	for _, tt := range []struct {
		resource string
		reason   snapshot.Reason
		from, to string
		want     netpol.Verdict
	}{
		{"adminnetworkpolicies", snapshot.Forbidden, "x/a", "x/b", netpol.Undefined},
		{"adminnetworkpolicies", snapshot.Forbidden, "x/c", "x/a", netpol.Undefined},
		{"clusternetworkpolicies", snapshot.TimedOut, "x/a", "x/c", netpol.Undefined},
		{"clusternetworkpolicies", snapshot.NotServed, "x/a", "x/c", netpol.Allowed},
		{"baselineadminnetworkpolicies", snapshot.Forbidden, "203.0.113.7", "x/a", netpol.Undefined},
		{"baselineadminnetworkpolicies", snapshot.Forbidden, "203.0.113.7", "x/b", netpol.Denied},
		{"baselineadminnetworkpolicies", snapshot.Forbidden, "203.0.113.7", "x/c", netpol.Allowed},
		{"baselineadminnetworkpolicies", snapshot.Forbidden, "x/c", "x/b", netpol.Denied},
		{"clusternetworkpolicies", snapshot.Forbidden, "203.0.113.7", "203.0.113.8", netpol.Allowed},
		{"clusternetworkpolicies", snapshot.Forbidden, "x/a", "x/a", netpol.Allowed},
	} {
		c := unread(t, tt.resource, tt.reason)
		f := flowOf(t, c, tt.from, tt.to, "80")
		if got := c.Explain(f); got.Verdict != tt.want {
			t.Errorf("without %s (%s), want %s\n%s", tt.resource, tt.reason, tt.want, textOf(got))
		}
	}
}

// TestToItselfThroughService checks that cluster-wide policies count where a
// pod reaches itself through a Service, whatever becomes of others.
func TestToItselfThroughService(t *testing.T) {
	for _, tt := range []struct {
		name, policies string
		want           netpol.Verdict
	}{
		{"none", "", netpol.Allowed},
		{"denied", cnp("p", "", "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}]}]"), netpol.Denied},
		{"accepted both ways", policy("closed", "{podSelector: {}, policyTypes: [Ingress, Egress]}") + cnp("p", "", "tier: Admin, ingress: [{action: Accept, from: [{namespaces: {}}]}], egress: [{action: Accept, to: [{namespaces: {}}]}]"), netpol.Allowed},
		{"a NetworkPolicy", policy("closed", "{podSelector: {}}"), netpol.Undefined},
		{"a NetworkPolicy, else the baseline", policy("closed", "{podSelector: {}}") + cnp("p", "", "tier: Baseline, ingress: [{action: Deny, from: [{namespaces: {}}]}]"), netpol.Denied},
	} {
		c := clusterOf(t, abc()+tt.policies)
		f := flowOf(t, c, "x/b", "x/b", "80")
		f.ThroughService = true
		if e := c.Explain(f); e.Verdict != tt.want {
			t.Errorf("%s: want %s\n%s", tt.name, tt.want, textOf(e))
		}
		f.ThroughService = false
		if c.Verdict(f) != netpol.Allowed {
			t.Errorf("%s: a pod does not reach itself", tt.name)
		}
	}
}

// FuzzClusterPolicy reads any spec: it is refused, or counts and can be
// explained.
func FuzzClusterPolicy(f *testing.F) {
	for _, file := range []string{"refused.yaml", "accepted.yaml"} {
		for _, text := range documents(f, file) {
			_, spec, _ := strings.Cut(text, "\nspec: ")
			f.Add(spec)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"} {
			var spec any
			if err := yaml.Unmarshal([]byte(text), &spec); err != nil {
				return
			}
			version := map[bool]string{true: "v1alpha2", false: "v1alpha1"}[kind == "ClusterNetworkPolicy"]
			b := snapshot.NewBuilder()
			b.Add(&unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "policy.networking.k8s.io/" + version, "kind": kind, "metadata": map[string]any{"name": "default"}, "spec": spec,
			}})
			s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
			if err != nil {
				t.Fatal(err)
			}
			c := netpol.NewCluster(s, netpol.ProfileSpec)
			from, to := c.Hypothetical("x", map[string]string{"a": "b"}), c.Hypothetical("y", nil)
			flow := netpol.Flow{From: from, To: to, Protocol: "TCP", Port: 80}
			if e := c.Explain(flow); e.Verdict != c.Verdict(flow) || len(c.Rejected())+len(c.ClusterPolicies()) != 1 {
				t.Fatalf("%+v\n%s", c.Rejected(), textOf(e))
			}
			c.Matrix(netpol.MatrixOptions{})
		}
	})
}
