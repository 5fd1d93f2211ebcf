package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// netpolAssertions hold in the demonstration cluster but for the last.
const netpolAssertions = `
- {from: shop/deploy/web, to: shop/svc/cart, expect: allow}
- {from: shop/deploy/cart, to: shop/svc/checkout, port: 8080, expect: deny}
- {from: internet, to: ns/payments, expect: deny}
- {from: node/worker-1, to: shop/deploy/web, port: 8080}
- {from: shop/deploy/web, to: internet, expect: deny}
`

// netpolOpening opens the checkout to the carts.
const netpolOpening = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: opening, namespace: shop}
spec:
  podSelector: {matchLabels: {app: checkout}}
  ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 8080}]}]
`

// testNetpolCommands: every command answers from the API server as it does from
// what was saved of it, and where the API server's own endpoints do not matter
// from the files that it got.
func testNetpolCommands(t *testing.T, cp *harness.ControlPlane, files string) {
	t.Helper()
	home := t.TempDir()
	for name, text := range map[string]string{"flows.yaml": netpolAssertions, "opening.yaml": netpolOpening} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	saved := filepath.Join(home, "saved.json")
	if _, stderr, exit := (command{cluster: cp, user: harness.Admin, home: home, args: []string{"snapshot", "save", saved}}).run(t); exit != 0 {
		t.Fatalf("exit %d:\n%s", exit, stderr)
	}
	for _, tt := range []struct {
		args  string
		exit  int
		files bool
	}{
		{"matrix", 0, false},
		{"matrix -n shop -p 8080 --by pod", 0, false},
		{"reach shop/deploy/web --from --to", 0, false},
		{"reach internet --by namespace", 0, false},
		{"reach shop/svc/checkout --to -p 8080", 0, true},
		{"diff --with opening.yaml --fail-on opened", 3, true},
		{"diff --without shop/netpol/default-deny", 0, false},
		{"diff --base saved.json --fail-on any", 0, false},
		{"check flows.yaml", 3, true},
		{"lint", 0, false},
		{"lint -n shop --fail-on low", 3, false},
		{"generate -n payments", 0, false},
		{"generate shop/deploy/checkout", 0, false},
		{"shop/deploy/cart shop/deploy/checkout -p 8080 --suggest", 0, true},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"netpol-sim", "-o", "json", "--require-complete"}, strings.Fields(tt.args)...)
			got := decodeAny(t, command{cluster: cp, user: harness.Admin, home: home, args: args}, tt.exit)
			want := decodeAny(t, command{home: home, args: append(slices.Clone(args), "-f", saved)}, tt.exit)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-saved +server):\n%s", diff)
			}
			if got["incomplete"] != false {
				t.Errorf("incomplete %v", got["incomplete"])
			}
			if tt.files {
				want := decodeAny(t, command{home: home, args: append(slices.Clone(args), "-f", files)}, tt.exit)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-files +server):\n%s", diff)
				}
			}
		})
	}
}

// decodeAny returns a report without where it comes from.
func decodeAny(t *testing.T, c command, want int) map[string]any {
	t.Helper()
	stdout, stderr, exit := c.run(t)
	var report map[string]any
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || exit != want {
		t.Fatalf("exit %d, want %d, %v, stderr:\n%s", exit, want, err, stderr)
	}
	delete(report, "source")
	dropOrigins(report)
	return report
}

// networkLead may read what is in the namespace shop, and nothing else.
const networkLead = "lead@shop.example"

func networkLeadRights() []runtime.Object {
	read := func(group string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{group}, Resources: resources}
	}
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "lead"}, Rules: []rbacv1.PolicyRule{
		read("", "namespaces", "pods", "services"), read("apps", "*"), read("batch", "*"),
		read("discovery.k8s.io", "endpointslices"), read("networking.k8s.io", "*"),
	}}
	return []runtime.Object{role, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: networkLead}},
	}}
}

// testNetpolConfined: who may read one namespace gets the answers about it that
// an administrator gets, and elsewhere no wrong ones.
func testNetpolConfined(t *testing.T, cp *harness.ControlPlane) {
	t.Helper()
	flows := filepath.Join(t.TempDir(), "flows.yaml")
	if err := os.WriteFile(flows, []byte("- {from: shop/deploy/cart, to: shop/svc/checkout, port: 8080, expect: deny}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"shop/deploy/web shop/svc/cart", "shop/deploy/cart shop/svc/checkout -p 8080", "check " + flows} {
		t.Run("confined "+args, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"netpol-sim", "-o", "json", "--require-complete"}, strings.Fields(args)...)
			want := decodeAny(t, command{cluster: cp, user: harness.Admin, args: args}, 0)
			if diff := cmp.Diff(want, decodeAny(t, command{cluster: cp, user: networkLead, args: args}, 0)); diff != "" {
				t.Errorf("(-admin +lead):\n%s", diff)
			}
		})
	}
	for _, tt := range []struct {
		args string
		exit int
		says string
	}{
		{"payments/deploy/payment-api shop/deploy/cart", 1, "whether there is a deployment payment-api in namespace payments is not known"},
		{"10.244.3.12 shop/deploy/cart -p 8080", 0, "UNDEFINED"},
		{"matrix -n payments", 1, "whether there is a namespace payments is not known"},
		{"matrix", 1, "no workload of any namespace could be read"},
		{"generate -n payments", 1, "no workload of namespace payments could be read"},
		{"diff --without shop/netpol/default-deny --fail-on opened --require-complete", 4, "removed: NetworkPolicy shop/default-deny"},
		{"lint -n shop --require-complete", 4, "policies could not all be read"},
	} {
		t.Run("confined "+tt.args, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, exit := command{cluster: cp, user: networkLead, args: append([]string{"netpol-sim"}, strings.Fields(tt.args)...)}.run(t)
			if exit != tt.exit || !strings.Contains(stdout+stderr, tt.says) {
				t.Errorf("exit %d, want %d and %q:\n%s%s", exit, tt.exit, tt.says, stdout, stderr)
			}
		})
	}
}

// testNetpolApplied: the API server takes what is suggested and generated, and
// then what was said is so. It changes the cluster.
func testNetpolApplied(t *testing.T, cp *harness.ControlPlane) {
	ask := func(want int, args ...string) map[string]any {
		return decodeAny(t, command{cluster: cp, user: harness.Admin, args: append([]string{"netpol-sim", "-o", "json"}, args...)}, want)
	}
	apply := func(list any) {
		for _, object := range list.([]any) {
			if err := cp.Apply(t.Context(), &unstructured.Unstructured{Object: object.(map[string]any)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := filepath.Join(t.TempDir(), "before.json")
	if _, stderr, exit := (command{cluster: cp, user: harness.Admin, args: []string{"snapshot", "save", before}}).run(t); exit != 0 {
		t.Fatal(stderr)
	}
	generated := ask(0, "generate", "-n", "payments")["policies"].([]any)
	if len(generated) == 0 {
		t.Fatal("no policies")
	}
	apply(generated)
	if diff := ask(0, "diff", "--base", before, "--fail-on", "any"); len(diff["changes"].([]any)) > 0 {
		t.Errorf("generated policies change what passes: %v", diff["changes"])
	}
	suggestion := ask(0, "shop/deploy/cart", "shop/deploy/checkout", "-p", "8080", "--suggest")["suggestion"].(map[string]any)
	apply(suggestion["objects"])
	if answer := ask(0, "shop/deploy/cart", "shop/deploy/checkout", "-p", "8080"); answer["verdict"] != "Allowed" {
		t.Errorf("verdict %v", answer["verdict"])
	}
}
