package snapshot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
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

CHANGE       SCOPE     VERBS         TYPE                                    VIA
sa/shop/cart
+ gained !   shop      read,create   secrets beside those named cart-cache
  └─ via RoleBinding/cart-cache → Role/cart-cache
user/m␛[1m\u202e
+ gained     cluster   read          namespaces
  └─ via ClusterRoleBinding/evil␛[2J → ClusterRole/namespace-lister
group/system:serviceaccounts:shop
+ gained     cluster   read          namespaces
  └─ via ClusterRoleBinding/evil␛[2J → ClusterRole/namespace-lister

CRB = ClusterRoleBinding, RB = RoleBinding, CR = ClusterRole; API groups are without .k8s.io, and
rbac = rbac.authorization.k8s.io

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
	wantIn(t, r.out, "0 subjects gain, 1 subject loses", "sa/ci/deployer\n- lost   cluster   *       *.*     ClusterRoleBinding/ci-deployer → ClusterRole/cluster-admin\n", "- lost   cluster   *       URL *")
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
		wantIn(t, r.errOut, "do not differ: no permission, no object that is compared", "configuration was left out of one of the states: it is not compared")
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
	wantIn(t, r.out, "1 subject gains", "sa/shop/web\n+ gained   cluster   get,list   pods   ClusterRoleBinding/all → ClusterRole/reader")
	r = run(t, append([]string{"diff", "live", saved}, after...)...)
	wantIn(t, r.out, "1 subject loses", "- lost   cluster   get,list   pods")
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

// A cluster is not read for every kind: none is new because files hold it.
func TestDiffOfKindsThatAreNeverRead(t *testing.T) {
	_, flags := serve(t, cluster()...)
	const more = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\n---\napiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\n---\n" +
		"apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\n"
	for _, args := range [][]string{{"diff", "live", "--with"}, {"diff", "live"}} {
		r := run(t, append(append(args, write(t, "more.yaml", more)), flags...)...)
		wantIn(t, r.out, "Service ")
		wantIn(t, r.errOut, "not compared, since they are not read from clusters: PersistentVolume, Thing")
		if strings.Contains(r.out, "PersistentVolume") || strings.Contains(r.out, "Thing") {
			t.Errorf("compared:\n%s", r.out)
		}
	}
	wantIn(t, run(t, "diff", write(t, "a.yaml", rules(getSecrets)), write(t, "more.yaml", more)).out, "PersistentVolume", "Thing")
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
	wantIn(t, r.errOut, "-: ClusterRole edit is bound and not in the input (--assume-bootstrap adds the default roles)")
	if r := runWith(t, after, 0, "diff", before, "-", "--require-complete"); fault.Code(r.err) != fault.ExitIncomplete {
		t.Errorf("error %v, want exit code 4", r.err)
	}
	r = runWith(t, after, 0, "diff", before, "-", "--assume-bootstrap", "-n", "prod")
	wantIn(t, r.out, "1 subject gains", "sa/prod/web", "read,write               secrets  ", "create                   pods/eviction  ")
}

// rules is a role and a binding of it to the user u in the namespace d.
func rules(list string) string {
	return `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: d}
rules:
` + list + `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: d}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]
`
}

const (
	getSecrets = `- {apiGroups: [""], resources: [secrets], verbs: [get]}`
	unparsable = "\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nroleRef: {kind: Role\nx: [}\n"
)

// What one side lacks may be in what could not be read of it.
func TestDiffWithGapsProvesNothing(t *testing.T) {
	binding := strings.Index(rules(getSecrets), "\n---")
	broken := write(t, "broken.yaml", rules(getSecrets)[:binding]+unparsable)
	whole := write(t, "whole.yaml", rules(getSecrets))
	for _, tt := range []struct {
		name, from, to, aside, row, note string
	}{
		{"gained", broken, whole, "at least 0 subjects gain (1 may), 0 subjects lose", "+ gained? !   d       get     secrets", `"gained?" may be no gain: what ` + broken},
		{"lost", whole, broken, "at least 0 subjects gain, 0 subjects lose (1 may)", "- lost?   d       get     secrets", `"lost?" may be no loss: what ` + broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, "diff", tt.from, tt.to, "--require-complete")
			if fault.Code(r.err) != fault.ExitIncomplete {
				t.Errorf("error %v, want exit code 4", r.err)
			}
			wantIn(t, r.out, tt.aside, tt.row)
			wantIn(t, r.errOut, tt.note, "broken.yaml has 1 gap: what seems to be missing there may exist, unread")
			var report v1alpha1.SnapshotDiffReport
			if err := json.Unmarshal([]byte(run(t, "diff", tt.from, tt.to, "-o", "json").out), &report); err != nil {
				t.Fatal(err)
			}
			changes := slices.Concat(report.Subjects[0].Gained, report.Subjects[0].Lost)
			if !report.Incomplete || len(changes) != 1 || !changes[0].Unproven {
				t.Errorf("incomplete %v, changes %+v", report.Incomplete, changes)
			}
		})
	}
}

func TestDiffOfTheSameWithGaps(t *testing.T) {
	broken := write(t, "broken.yaml", rules(getSecrets)+unparsable)
	r := run(t, "diff", broken, broken, "--require-complete")
	wantIn(t, r.errOut, "what could be read of "+broken+" and "+broken+" does not differ")
	if strings.Contains(r.errOut, "do not differ") || strings.Count(r.errOut, "has 1 gap") != 1 {
		t.Errorf("stderr:\n%s", r.errOut)
	}
	if fault.Code(r.err) != fault.ExitIncomplete {
		t.Errorf("error %v, want exit code 4", r.err)
	}
}

// RoleBindings that were forbidden when a snapshot was saved can explain what
// is gained since; those of the cluster cannot be among them.
func TestDiffWithSavedGaps(t *testing.T) {
	server, flags := serve(t, append(cluster(), testkit.ClusterRoleBinding("all", "reader", testkit.User("u")))...)
	server.Inject("/apis/rbac.authorization.k8s.io/v1/rolebindings", forbidden())
	server.Inject("/apis/rbac.authorization.k8s.io/v1/namespaces/*", forbidden())
	server.Inject("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", forbidden())
	saved := filepath.Join(t.TempDir(), "s.json")
	if r := run(t, append([]string{"save", saved}, flags...)...); r.err != nil {
		t.Fatal(r.err)
	}
	_, flags = serve(t, append(cluster(), testkit.ClusterRoleBinding("all", "reader", testkit.User("u")))...)
	r := run(t, append([]string{"diff", saved, "live"}, flags...)...)
	wantIn(t, r.out, "at least 0 subjects gain (2 may), 0 subjects lose", "user/u\n+ gained?   cluster", "sa/shop/web\n+ gained?   shop")
}

func TestDiffNamesWhatStays(t *testing.T) {
	everything := write(t, "all.yaml", rules(`- {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}`))
	some := write(t, "some.yaml", rules(`- {apiGroups: [""], resources: ["*"], verbs: [get]}
- {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [a, b, c], verbs: [get]}`))
	r := run(t, "diff", everything, some)
	wantIn(t, r.out, "- lost   d       *       *.*    RoleBinding/b → Role/r\n", `└─ still has get * (core), get a.apps, get b.apps and 2 more`)
	r = run(t, "diff", some, everything, "-o", "wide")
	wantIn(t, r.out, "+ gained !   d       *       *.*    RoleBinding/b → Role/r\n", `└─ had get * (core), get a.apps, get b.apps, get c.apps, read deployments.apps before`)
}

// On a narrow terminal rows of different objects must not look the same, and
// what is gained stands before what is lost.
func TestDiffOnANarrowTerminal(t *testing.T) {
	verbs := "verbs: [get, list, create, update, delete]"
	before := write(t, "a.yaml", rules(`- {apiGroups: [""], resources: [secrets], resourceNames: [payment-cards-key], `+verbs+`}`))
	after := write(t, "b.yaml", rules(`- {apiGroups: [""], resources: [secrets], resourceNames: [payment-cards-backup], `+verbs+`}
- {apiGroups: [""], resources: [secrets], resourceNames: [payment-cards-token], `+verbs+`}`))
	out := runWith(t, "", 80, "diff", before, after).out
	for _, name := range []string{"payment-cards-key", "payment-cards-backup", "payment-cards-token"} {
		wantIn(t, out, "type secrets named "+name+"\n")
	}
	wantIn(t, out, "   get,list,create,update,delete\n", "via RoleBinding/b → Role/r")
	if gained, lost := strings.LastIndex(out, "+ gained"), strings.Index(out, "- lost"); gained < 0 || lost < gained {
		t.Errorf("gains and losses are mixed:\n%s", out)
	}
}

func TestDiffOfGroupMembers(t *testing.T) {
	auth := func(user string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapUsers: |\n    - {userarn: a, username: " + user + ", groups: [ops]}\n"
	}
	r := run(t, "diff", write(t, "a.yaml", auth("alice")), write(t, "b.yaml", auth("bob")))
	wantIn(t, r.out, "alice    left     group/ops", "bob      joined   group/ops")
}

func forbidden() apiserver.Fault { return apiserver.Forbidden("bob") }
