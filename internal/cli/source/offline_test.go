package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const roles = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: a}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: b, namespace: dev}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: c}
`

// names lists the roles of a snapshot: NAMESPACE/NAME.
func names(s *snapshot.Snapshot) []string {
	var out []string
	for r := range snapshot.Each[rbacv1.Role](s) {
		out = append(out, r.Namespace+"/"+r.Name)
	}
	for r := range snapshot.Each[rbacv1.ClusterRole](s) {
		out = append(out, "/"+r.Name)
	}
	return out
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLoadWithout(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"nothing changed", nil, []string{"default/a", "dev/b", "/c"}},
		{"in the namespace", []string{"--without", "role/a"}, []string{"dev/b", "/c"}},
		{"in another", []string{"--without", "dev/role/b"}, []string{"default/a", "/c"}},
		{"by -n", []string{"-n", "dev", "--without", "roles/b", "--without", "role/a"}, []string{"/c"}},
		{"kinds and full names", []string{"--without", "Role/a", "--without", "clusterroles.rbac.authorization.k8s.io/c"}, []string{"dev/b"}},
		{"cluster-scoped in whatever namespace", []string{"--without", "dev/clusterrole/c"}, []string{"default/a", "dev/b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := mustParse(t, roles, append([]string{"-f", "-"}, tt.args...)...).Load(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(s); !slices.Equal(got, tt.want) {
				t.Errorf("roles %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLoadWithoutRefuses(t *testing.T) {
	tests := []struct {
		ref  string
		code int
		want string
	}{
		{"a", fault.ExitUsage, "does not name an object"},
		{"role/", fault.ExitUsage, "does not name an object"},
		{"/a", fault.ExitUsage, "does not name an object"},
		{"x/role/a/b", fault.ExitUsage, "does not name an object"},
		{"role/nosuch", fault.ExitError, "is not in the input"},
		{"dev/role/a", fault.ExitError, "is not in the input"},
		{"rolle/a", fault.ExitError, `unknown resource type "rolle"`},
	}
	for _, tt := range tests {
		t.Run(tt.ref, func(t *testing.T) {
			_, err := mustParse(t, roles, "-f", "-", "--without", tt.ref).Load(t.Context(), nil)
			if fault.Code(err) != tt.code || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v (code %d), want %q (code %d)", err, fault.Code(err), tt.want, tt.code)
			}
		})
	}
}

func TestLoadWith(t *testing.T) {
	with := file(t, strings.ReplaceAll(roles, "pods", "secrets")+"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: new}\n")
	s, err := mustParse(t, roles, "-f", "-", "--with", with).Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(s), []string{"default/a", "default/new", "dev/b", "/c"}; !slices.Equal(got, want) {
		t.Errorf("roles %q, want %q", got, want)
	}
	for r := range snapshot.Each[rbacv1.Role](s) {
		if r.Name == "a" && r.Rules[0].Resources[0] != "secrets" {
			t.Errorf("role a is not replaced: %v", r.Rules)
		}
	}
}

func TestLoadPair(t *testing.T) {
	src := mustParse(t, roles, "-f", "-", "--without", "role/a")
	before, after, err := src.LoadPair(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, a := len(names(before)), len(names(after)); b != 3 || a != 2 {
		t.Errorf("%d roles before, %d after; want 3, 2", b, a)
	}
}

// Standard input is read once, whatever is asked of the source.
func TestStdinIsReadOnce(t *testing.T) {
	src := mustParse(t, roles, "-f", "-")
	if _, err := src.Resolve(t.Context(), "get", "pods"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := src.Load(t.Context(), nil)
		if err != nil || len(names(s)) != 3 {
			t.Fatalf("roles %q, error %v", names(s), err)
		}
	}
}

// So it is where it is laid over the input, which types are looked up in.
func TestStdinOverlayIsReadOnce(t *testing.T) {
	src := mustParse(t, roles, "--demo", "--with", "-")
	if _, err := src.Resolve(t.Context(), "get", "pods"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := src.Load(t.Context(), nil)
		if err != nil || !slices.Contains(names(s), "dev/b") {
			t.Fatalf("roles %q, error %v", names(s), err)
		}
	}
}

func TestAssumeBootstrap(t *testing.T) {
	own := "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: view}\nrules: [{apiGroups: [x], resources: [things], verbs: [get]}]\n"
	s, err := mustParse(t, own, "-f", "-", "--assume-bootstrap").Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(s); !slices.Contains(got, "/cluster-admin") {
		t.Errorf("no default roles in %q", got)
	}
	for r := range snapshot.Each[rbacv1.ClusterRole](s) {
		if r.Name == "view" && (len(r.Rules) != 1 || r.Rules[0].Verbs[0] != "get") {
			t.Errorf("the input's own role does not win: %v", r.Rules)
		}
	}
}

// The default aggregated roles take over rules of the input, as in a
// cluster.
func TestAssumeBootstrapAggregates(t *testing.T) {
	own := "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a, labels: {rbac.authorization.k8s.io/aggregate-to-view: \"true\"}}\n" +
		"rules: [{apiGroups: [x.io], resources: [widgets], verbs: [get]}]\n"
	s, err := mustParse(t, own, "-f", "-", "--assume-bootstrap").Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := rbac.NewIndex(s, nil)
	for _, name := range []string{"view", "edit", "admin"} {
		rules := x.Role("ClusterRole", "", name).Rules
		for _, resource := range []string{"widgets", "pods"} {
			if !slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool { return slices.Contains(r.Resources, resource) }) {
				t.Errorf("%s allows nothing about %s", name, resource)
			}
		}
	}
	if len(x.Warnings()) > 0 {
		t.Errorf("warnings %q", x.Warnings())
	}
}

func TestInputErrorsHaveHelp(t *testing.T) {
	duplicate := strings.Replace(roles, "name: b, namespace: dev", "name: a, namespace: default", 1)
	_, err := mustParse(t, duplicate, "-f", "-").Load(t.Context(), nil)
	var typed *snapshot.DuplicateError
	if !errors.As(err, &typed) || !strings.Contains(strings.Join(fault.Help(err), "\n"), "--with") {
		t.Errorf("error %v, help %q", err, fault.Help(err))
	}
	_, err = mustParse(t, "", "-f", "-").Load(t.Context(), nil)
	if err == nil || len(fault.Help(err)) == 0 {
		t.Errorf("empty input: error %v, help %q", err, fault.Help(err))
	}
}
