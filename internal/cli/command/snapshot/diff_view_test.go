package snapshot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// bound is a role of the cluster that a user has in the namespace, "" for the
// whole cluster.
func bound(name, namespace, rules string) string {
	kind, meta := "ClusterRoleBinding", "{name: "+name+"}"
	if namespace != "" {
		kind, meta = "RoleBinding", "{name: "+name+", namespace: "+namespace+"}"
	}
	const group = "rbac.authorization.k8s.io"
	return fmt.Sprintf("---\napiVersion: %[1]s/v1\nkind: ClusterRole\nmetadata: {name: %[2]s}\nrules:\n%[3]s\n---\napiVersion: %[1]s/v1\nkind: %[4]s\nmetadata: %[5]s\n"+
		"roleRef: {apiGroup: %[1]s, kind: ClusterRole, name: %[2]s}\nsubjects: [{apiGroup: %[1]s, kind: User, name: %[2]s}]\n", group, name, rules, kind, meta)
}

func rule(group, resources, verbs string) string {
	return fmt.Sprintf("- {apiGroups: [%q], resources: [%s], verbs: [%s]}", group, resources, verbs)
}

const nothing = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"

// inOrder fails unless the parts stand in the text one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%q is not where it should be in\n%s", part, text)
		}
		rest = after
	}
}

// What leads furthest is first and marked, what counts everywhere before what
// counts in a namespace, whatever the subjects are called.
func TestDiffShowsDangerFirst(t *testing.T) {
	after := bound("a", "", rule("", `pods, configmaps`, "get")) +
		bound("b", "shop", rule("", `secrets, "pods/exec"`, "create, get")) +
		bound("c", "", rule("", "configmaps", "list")+"\n"+rule("rbac.authorization.k8s.io", "clusterroles", "escalate")) +
		bound("d", "", rule("*", `"*"`, `"*"`)) +
		bound("e", "shop", rule("example.org", `"*"`, `"*"`))
	r := run(t, "diff", write(t, "a.yaml", nothing), write(t, "b.yaml", after))
	inOrder(
		t, r.out,
		"user/d\n+ gained !   cluster   *            *.*",
		"user/c\n+ gained !   cluster   escalate     clusterroles.rbac.authorization.k8s.io",
		"+ gained     cluster   list         configmaps",
		"user/b\n+ gained !   shop      get,create   secrets", "+ gained !   shop      get,create   pods/exec",
		"user/e\n+ gained !   shop      *            *.example.org",
		"user/a\n+ gained     cluster   get          configmaps", "+ gained     cluster   get          pods",
	)
	lost := run(t, "diff", write(t, "b.yaml", after), write(t, "a.yaml", nothing)).out
	inOrder(t, lost, "user/d\n- lost   cluster   *", "user/c\n- lost   cluster   escalate", "user/a\n")
	if strings.Contains(lost, "!") {
		t.Errorf("what is lost is marked:\n%s", lost)
	}
}

// People get so many rows, the worst of them; -o wide and JSON have all.
func TestDiffOfVeryMuch(t *testing.T) {
	var types []string
	for i := range 100 {
		types = append(types, fmt.Sprintf("things%d", i))
	}
	after := bound("a", "", rule("", strings.Join(types, ","), "get")) + bound("z", "shop", rule("", "secrets", "get"))
	from, to := write(t, "a.yaml", nothing), write(t, "b.yaml", after)
	out := run(t, "diff", from, to).out
	inOrder(t, out, "2 subjects gain", "user/z\n+ gained !   shop      get     secrets", "user/a\n", "\nand 61 more rows of what is gained (-o wide shows all)\n")
	if n := strings.Count(out, "+ gained"); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
	wide := run(t, "diff", from, to, "-o", "wide").out
	if n := strings.Count(wide, "+ gained"); n != 101 || strings.Contains(wide, "more rows") {
		t.Errorf("%d rows with -o wide, want 101", n)
	}
	wantIn(t, run(t, "diff", to, from).out, "and 61 more rows of what is lost (-o wide shows all)")
	var report v1alpha1.SnapshotDiffReport
	if err := json.Unmarshal([]byte(run(t, "diff", from, to, "-o", "json").out), &report); err != nil || len(report.Subjects[0].Gained) != 100 {
		t.Errorf("JSON has not all: %v", err)
	}
	danger := rule("", "secrets", "get") + "\n"
	for i := range 60 {
		danger += rule("", fmt.Sprintf("secrets, 'x%d'", i), "get") + "\n"
	}
	many := nothing
	for i := range 50 {
		many += bound(fmt.Sprintf("u%02d", i), "", danger)
	}
	wantIn(t, run(t, "diff", from, write(t, "many.yaml", many)).out, "more rows of what is gained, 10 of them marked ! (-o wide")
}

// At 80 columns neither verbs nor types nor names of bindings are cut.
func TestDiffIsReadableAt80Columns(t *testing.T) {
	name := "controller-of-the-platform-that-installs-operators"
	after := bound(name, "", rule("rbac.authorization.k8s.io", "clusterroles, clusterrolebindings", "bind, escalate, get, list, watch, create, patch")+"\n"+
		rule("apiextensions.k8s.io", "customresourcedefinitions", "get"))
	out := runWith(t, "", 80, "diff", write(t, "a.yaml", nothing), write(t, "b.yaml", after)).out
	table := out[strings.Index(out, "CHANGE"):strings.Index(out, "KIND ")]
	if strings.Contains(table, "…") {
		t.Errorf("something is cut:\n%s", table)
	}
	wantIn(t, table, "read,create,patch,bind,escalate", "clusterroles.rbac", "clusterrolebindings.rbac", "customresourcedefinitions.apiextensions", "rbac = rbac.authorization.k8s.io")
	inOrder(t, strings.Join(strings.Fields(table), " "), "via CRB/"+name+" → CR of that name")
	for line := range strings.Lines(table) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d cells: %s", n, line)
		}
	}
}

// -n limits nothing, so it is refused where nothing else minds it.
func TestDiffOfANamespace(t *testing.T) {
	saved := t.TempDir() + "/s.json"
	if r := run(t, "save", saved, "--demo"); r.err != nil {
		t.Fatal(r.err)
	}
	manifests := write(t, "a.yaml", rules(getSecrets))
	for _, tt := range []struct {
		args    []string
		refused bool
	}{
		{[]string{"demo", "demo"}, true},
		{[]string{saved, "demo"}, true},
		{[]string{saved, manifests}, false},
		{[]string{manifests, "demo"}, false},
		{[]string{"demo", "--with", manifests}, false},
		{[]string{"demo", "--without", "serviceaccount/web"}, false},
	} {
		r := run(t, append(append([]string{"diff"}, tt.args...), "-n", "shop")...)
		if refused := fault.Code(r.err) == fault.ExitUsage; refused != tt.refused || !refused && r.err != nil {
			t.Errorf("%q: error %v, want it refused: %v", tt.args, r.err, tt.refused)
		}
		if tt.refused && !strings.Contains(r.err.Error(), "--namespace does not limit a comparison") {
			t.Errorf("%q: error %v", tt.args, r.err)
		}
	}
}
