package bootstrap_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/bootstrap"
)

// decode reads every document strictly, so that nothing but RBAC objects can
// be in the file.
func decode(t *testing.T) (roles map[string]*rbacv1.ClusterRole, kinds map[string]int) {
	t.Helper()
	roles, kinds = map[string]*rbacv1.ClusterRole{}, map[string]int{}
	for doc := range bytes.SplitSeq(bootstrap.YAML(), []byte("\n---\n")) {
		var head struct{ Kind string }
		if err := yaml.Unmarshal(doc, &head); err != nil {
			t.Fatal(err)
		}
		kinds[head.Kind]++
		role := &rbacv1.ClusterRole{}
		var into any
		switch head.Kind {
		case "ClusterRole":
			into = role
		case "ClusterRoleBinding":
			into = &rbacv1.ClusterRoleBinding{}
		case "Role":
			into = &rbacv1.Role{}
		case "RoleBinding":
			into = &rbacv1.RoleBinding{}
		default:
			t.Fatalf("document of kind %q", head.Kind)
		}
		if err := yaml.UnmarshalStrict(doc, into); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if into == role {
			roles[role.Name] = role
		}
	}
	return roles, kinds
}

func TestYAMLHasTheDefaultRoles(t *testing.T) {
	t.Parallel()
	roles, kinds := decode(t)
	for _, kind := range []string{"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s", kind)
		}
	}
	for _, name := range []string{"cluster-admin", "admin", "edit", "view", "system:node", "system:discovery", "system:controller:job-controller"} {
		role := roles[name]
		if role == nil {
			t.Errorf("no cluster role %s", name)
			continue
		}
		if len(role.Rules) == 0 {
			t.Errorf("cluster role %s has no rules", name)
		}
	}
	if grants(roles["view"], "secrets") {
		t.Error("view grants secrets")
	}
	if !grants(roles["admin"], "secrets") {
		t.Error("admin does not grant secrets: its aggregation is not filled")
	}
}

func grants(role *rbacv1.ClusterRole, resource string) bool {
	for _, rule := range role.Rules {
		if slices.Contains(rule.Resources, resource) {
			return true
		}
	}
	return false
}

func TestYAMLNamesItsOrigin(t *testing.T) {
	t.Parallel()
	first, _, _ := strings.Cut(string(bootstrap.YAML()), "\n")
	if !strings.Contains(first, "kube-apiserver v1.") {
		t.Errorf("the first line %q does not name the version", first)
	}
}

func TestYAMLMayBeChanged(t *testing.T) {
	t.Parallel()
	bootstrap.YAML()[0] = 'X'
	if got := bootstrap.YAML()[0]; got != '#' {
		t.Errorf("a caller's change is seen by the next: the text begins with %q", got)
	}
}
