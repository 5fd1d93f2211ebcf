package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// applyBase is what kubectl applies first.
const applyBase = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: managed, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}
rules: [{apiGroups: [e2e.example], resources: [managed], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: labelled}
rules: [{apiGroups: [e2e.example], resources: [labelled], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewers, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: vera}]
`

// applyCases are applied one after the other.
func applyCases() []struct{ name, file string } {
	const (
		role    = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
		binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: viewers, namespace: default}\n" +
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
		rules = "rules: [{apiGroups: [e2e.example], resources: [changed], verbs: [get]}]\n"
	)
	return []struct{ name, file string }{
		{"a label that kubectl did not put there stays", role + "metadata: {name: labelled}\n" + rules},
		{"a label that kubectl put there goes", role + "metadata: {name: managed}\n" + rules},
		{"an aggregated role with rules alone", role + "metadata: {name: view}\n" + rules},
		{"a new source", role + "metadata: {name: more, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}\nrules: [{apiGroups: [e2e.example], resources: [managed], verbs: [get]}]\n"},
		{"without rules, which kubectl put there", role + "metadata: {name: more, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}\n"},
		{"subjects are replaced", binding + "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: walter}]\n"},
		{"subjects that kubectl put there go", binding},
	}
}

// TestWithPredictsApply compares what --with foretells with what is after the
// real kubectl has applied the file and the controller has done its part.
func TestWithPredictsApply(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{
		Binary: shared.controlPlane, ControllerManager: true, Users: users(), Logf: logf,
		ControllerManagerFlags: []string{"--controllers=clusterrole-aggregation-controller,serviceaccount-controller,namespace-controller"},
	})
	k := newKubectl(t, cp)
	k.mustRun(t, applyBase, "apply", "-f", "-")
	k.mustRun(t, "", "label", "clusterrole", "labelled", "rbac.authorization.k8s.io/aggregate-to-view=true")
	answers := func(with ...string) string {
		var all strings.Builder
		for _, resource := range []string{"managed", "labelled", "changed"} {
			args := append([]string{"who-can", "get", resource + ".e2e.example", "-n", "default", "-o", subjectsAndScopes}, with...)
			all.WriteString(resource + ":\n" + ask(t, cp, harness.Admin, args...))
		}
		return all.String()
	}
	eventually(t, "the aggregation of what was applied first", func() string {
		return k.mustRun(t, "", "get", "clusterrole", "view", "-o", "jsonpath={.rules}")
	}, func(rules string) bool {
		return strings.Contains(rules, "managed") && strings.Contains(rules, "labelled")
	})
	for _, tt := range applyCases() {
		file := filepath.Join(t.TempDir(), "file.yaml")
		if err := os.WriteFile(file, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		foretold := answers("--with", file)
		k.mustRun(t, "", "apply", "-f", file)
		var found string
		deadline := time.Now().Add(20 * time.Second) // the controller takes its time
		for found = answers(); found != foretold && time.Now().Before(deadline); found = answers() {
			time.Sleep(100 * time.Millisecond)
		}
		if diff := cmp.Diff(foretold, found); diff != "" {
			t.Errorf("%s (-foretold +after kubectl apply):\n%s", tt.name, diff)
		}
	}
	refusesAsApply(t, cp, k)
}

// refusesAsApply: both refuse another roleRef.
func refusesAsApply(t *testing.T, cp *harness.ControlPlane, k kubectl) {
	t.Helper()
	_, last, _ := strings.Cut(applyBase, "kind: RoleBinding")
	changed := "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding" + strings.Replace(last, "name: view}", "name: edit}", 1)
	if out, err := k.run(t, changed, "apply", "-f", "-"); err == nil || !strings.Contains(out, "immutable") {
		t.Errorf("kubectl: %v\n%s", err, out)
	}
	c := command{cluster: cp, user: harness.Admin, stdin: changed, args: []string{"who-can", "get", "pods", "-n", "default", "--with", "-"}}
	if stdout, stderr, exit := c.run(t); exit != 1 || stdout != "" || !strings.Contains(stderr, "refuses another roleRef") {
		t.Errorf("exit %d\n%s%s", exit, stdout, stderr)
	}
}

// eventually waits until a text is as wanted.
func eventually(t *testing.T, what string, text func() string, ok func(string) bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := text()
		if ok(got) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: still %s", what, got)
		}
	}
}

// kubectl is the real one, for one cluster.
type kubectl struct{ binary, home, kubeconfig string }

// newKubectl builds kubectl, which takes seconds after the first time.
func newKubectl(t *testing.T, cp *harness.ControlPlane) kubectl {
	t.Helper()
	root, err := harness.RepositoryRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := kubectl{binary: filepath.Join(t.TempDir(), "kubectl"), home: t.TempDir(), kubeconfig: cp.Kubeconfig(harness.Admin)}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", k.binary, ".")
	cmd.Dir = filepath.Join(root, "tools", "kubectl")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build kubectl: %v\n%s", err, out)
	}
	return k
}

func (k kubectl) run(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), k.binary, args...)
	cmd.Dir = k.home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.home, "KUBECONFIG=" + k.kubeconfig}
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (k kubectl) mustRun(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := k.run(t, stdin, args...)
	if err != nil {
		t.Fatalf("kubectl %q: %v\n%s", args, err, out)
	}
	return out
}
