package snapshot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const change = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: cart-cache, namespace: shop}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get, list, watch, create]}
- {apiGroups: [""], resources: ["pods/*", nodes], verbs: [get]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: new, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "evil\e[2J"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: namespace-lister}
subjects: [{kind: Group, name: "system:serviceaccounts:shop"}, {kind: User, name: "m\e[1m\u202e"}]
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDiffOfAChange(t *testing.T) {
	r := runWith(t, "", 100, "diff", "demo", "--with", write(t, "change.yaml", change))
	if r.err != nil {
		t.Fatal(r.err)
	}
	want := `Permissions from demo to demo with changes   3 subjects gain, 0 subjects lose

CHANGE     SCOPE     PERMISSION                                          VIA
user/m␛[1m\u202e
+ gained   cluster   read namespaces                                     CRB/evil␛[2J → CR/nam…ister
group/system:serviceaccounts:shop
+ gained   cluster   read namespaces                                     CRB/evil␛[2J → CR/nam…ister
sa/shop/cart
+ gained   shop      read,create secrets beside those named cart-cache   RB/car…cache → Role/c…cache

MEMBER        CHANGE   OF
sa/shop/new   new      system:serviceaccounts, system:serviceaccounts:shop

KIND                 API GROUP                   ADDED   REMOVED   CHANGED
ServiceAccount       <none>                          1         0         0
ClusterRoleBinding   rbac.authorization.k8s.io       1         0         0
Role                 rbac.authorization.k8s.io       0         0         1
`
	if diff := cmp.Diff(want, r.out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiffOfRemoval(t *testing.T) {
	r := run(t, "diff", "demo", "--without", "clusterrolebinding/ci-deployer")
	wantIn(t, r.out, "0 subjects gain, 1 subject loses", "sa/ci/deployer\n- lost   cluster   * *.*", "- lost   cluster   * URL *")
}

func TestDiffOfTheSame(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "s.json.gz")
	if r := run(t, "save", saved, "--demo", "--include-config"); r.err != nil {
		t.Fatal(r.err)
	}
	for _, b := range []string{"demo", saved} {
		r := run(t, "diff", saved, b)
		if r.err != nil || !strings.Contains(r.errOut, "do not differ: no permission, no object") {
			t.Errorf("%s: error %v\nstdout:\n%s\nstderr:\n%s", b, r.err, r.out, r.errOut)
		}
		var report v1alpha1.SnapshotDiffReport
		if err := json.Unmarshal([]byte(run(t, "diff", saved, b, "-o", "json").out), &report); err != nil || !report.Identical {
			t.Errorf("%s: identical %v, error %v", b, report.Identical, err)
		}
	}
}

// What one side lacks is no change: a cluster does not differ from its own
// snapshot, with or without configuration, whichever is first.
func TestDiffOfRedacted(t *testing.T) {
	dir := t.TempDir()
	saved, whole := filepath.Join(dir, "s.json.gz"), filepath.Join(dir, "whole.json.gz")
	if r := run(t, "save", saved, "--demo"); r.err != nil {
		t.Fatal(r.err)
	}
	if r := run(t, "save", whole, "--demo", "--include-config"); r.err != nil {
		t.Fatal(r.err)
	}
	for _, sides := range [][]string{{saved, "demo"}, {"demo", saved}, {saved, whole}} {
		r := run(t, append([]string{"diff"}, sides...)...)
		wantIn(t, r.errOut, "do not differ: no permission, no object", "configuration was left out of one of the states: it is not compared")
	}
	const policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: new, namespace: shop}\nspec: {podSelector: {}}\n"
	r := run(t, "diff", saved, "demo", "--with", write(t, "policy.yaml", policy))
	wantIn(t, r.out, "NetworkPolicy")
	if strings.Contains(r.out, "ConfigMap") {
		t.Errorf("configuration is compared:\n%s", r.out)
	}
}

func TestDiffWithLive(t *testing.T) {
	_, before := serve(t, cluster()...)
	saved := filepath.Join(t.TempDir(), "s.json")
	if r := run(t, append([]string{"save", saved, "--include-config"}, before...)...); r.err != nil {
		t.Fatal(r.err)
	}
	if r := run(t, append([]string{"diff", saved, "live"}, before...)...); !strings.Contains(r.errOut, "do not differ") {
		t.Errorf("the cluster differs from its own snapshot: %v\n%s%s", r.err, r.out, r.errOut)
	}
	_, after := serve(t, append(cluster(), testkit.ClusterRoleBinding("all", "reader", testkit.SA("shop", "web")))...)
	r := run(t, append([]string{"diff", saved, "live"}, after...)...)
	wantIn(t, r.out, "1 subject gains", "sa/shop/web\n+ gained   cluster   get,list pods   ClusterRoleBinding/all → ClusterRole/reader")
	r = run(t, append([]string{"diff", "live", saved}, after...)...)
	wantIn(t, r.out, "1 subject loses", "- lost   cluster   get,list pods")
}

func TestDiffLeavesOutWhatWasNotRead(t *testing.T) {
	server, flags := serve(t, cluster()...)
	saved := filepath.Join(t.TempDir(), "s.json")
	if r := run(t, append([]string{"save", saved}, flags...)...); r.err != nil {
		t.Fatal(r.err)
	}
	server.Inject("/api/v1/pods", forbidden())
	server.Inject("/api/v1/namespaces/*", forbidden())
	server.Inject("/apis/rbac.authorization.k8s.io/v1/*", forbidden())
	r := run(t, append([]string{"diff", saved, "live", "-o", "json"}, flags...)...)
	var report v1alpha1.SnapshotDiffReport
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatalf("%v: %v", err, r.err)
	}
	for _, o := range report.Objects {
		if o.Kind == "Pod" || o.APIGroup == "rbac.authorization.k8s.io" {
			t.Errorf("%s could not be read, so none is removed: %+v", o.Kind, o)
		}
	}
	if !report.Incomplete || report.To.Gaps == 0 {
		t.Errorf("incomplete %v, gaps %d", report.Incomplete, report.To.Gaps)
	}
}

func TestDiffOfManifests(t *testing.T) {
	before := write(t, "a.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n")
	after := `
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: web}]
`
	r := runWith(t, after, 0, "diff", before, "-")
	wantIn(t, r.out, "0 subjects gain")
	wantIn(t, r.errOut, "binds roles that are not in it, which grant nothing here: ClusterRole/edit (--assume-bootstrap adds the default roles)")
	r = runWith(t, after, 0, "diff", before, "-", "--assume-bootstrap", "-n", "prod")
	wantIn(t, r.out, "1 subject gains", "sa/prod/web", "read,write secrets", "create pods/eviction")
}

func TestDiffOfGroupMembers(t *testing.T) {
	auth := func(user string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapUsers: |\n    - {userarn: a, username: " + user + ", groups: [ops]}\n"
	}
	r := run(t, "diff", write(t, "a.yaml", auth("alice")), write(t, "b.yaml", auth("bob")))
	wantIn(t, r.out, "alice    left     group/ops", "bob      joined   group/ops")
}

func forbidden() apiserver.Fault { return apiserver.Forbidden("bob") }
