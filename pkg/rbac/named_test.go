package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// A request for a namespace is in it: RoleBindings there give rights to that
// one.
func TestNamedOnlyOfNamespaces(t *testing.T) {
	x := build(t, nil,
		testkit.ClusterRole("nsadmin", testkit.Rule("get,delete,list", "", "namespaces")),
		testkit.ClusterRole("named", testkit.Rule("delete", "", "namespaces", "a", "b")),
		testkit.RoleBinding("a", "x", "ClusterRole/nsadmin", testkit.User("al")),
		testkit.RoleBinding("c", "x", "ClusterRole/nsadmin", testkit.User("al")),
		testkit.RoleBinding("b", "y", "ClusterRole/named", testkit.User("bo")),
		testkit.RoleBinding("c", "y", "ClusterRole/named", testkit.User("cy")),
		testkit.ClusterRoleBinding("z", "nsadmin", testkit.User("zoe")),
		testkit.RoleBinding("a", "z", "ClusterRole/nsadmin", testkit.User("zoe")),
	)
	text := func(verb string) []string {
		var out []string
		for _, n := range x.NamedOnly(rbac.Request{Verb: verb, Resource: "namespaces"}, false) {
			out = append(out, n.Subject.Name+":"+strings.Join(n.Names, ","))
		}
		return out
	}
	if diff := cmp.Diff([]string{"al:a,c", "bo:b"}, text("delete")); diff != "" {
		t.Error(diff)
	}
	if got := text("list"); len(got) > 0 {
		t.Errorf("list: %q", got)
	}
}
