package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func index(t *testing.T, gaps []snapshot.Gap, objects ...snapshot.Object) *rbac.Index {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(objects...)
	b.Gap(gaps...)
	snap, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	x, _ := access.Index(snap, nil)
	return x
}

func TestDanglingNotes(t *testing.T) {
	unread := []snapshot.Gap{{Group: "rbac.authorization.k8s.io", Resource: "roles", Namespace: "dev", Reason: snapshot.Forbidden}}
	bindings := []snapshot.Object{
		testkit.ClusterRoleBinding("a", "gone", testkit.User("bob")),
		testkit.RoleBinding("dev", "b", "Role/gone", testkit.User("bob")),
		testkit.RoleBinding("prod", "c", "Role/gone", testkit.User("bob")),
		testkit.RoleBinding("prod", "d", "ClusterRole/gone", testkit.User("bob")),
		testkit.RoleBinding("prod", "e", "Role/lost", testkit.User("bob")),
	}
	x := index(t, unread, bindings...)
	want := []string{
		"bindings to roles that do not exist grant nothing: prod/RoleBinding/c names Role/gone; " +
			"prod/RoleBinding/d names ClusterRole/gone; prod/RoleBinding/e names Role/lost; and 1 more",
		"bindings whose roles could not be read may allow more: dev/RoleBinding/b names Role/gone",
	}
	if diff := cmp.Diff(want, access.DanglingNotes(x, x.Dangling(""))); diff != "" {
		t.Error(diff)
	}
	if notes := access.DanglingNotes(x, nil); len(notes) > 0 {
		t.Errorf("no binding: %q", notes)
	}
}

func TestNoBinding(t *testing.T) {
	gap := snapshot.Gap{Group: "rbac.authorization.k8s.io", Resource: "rolebindings", Except: []string{"dev"}, Reason: snapshot.Forbidden}
	limited := index(t, []snapshot.Gap{gap})
	if got := access.NoBinding(limited, "dev"); !strings.Contains(got, "that could be read") {
		t.Errorf("bindings that were not read: %q", got)
	}
	if got := access.NoBinding(index(t, nil), "dev"); got != "no binding" {
		t.Errorf("all were read: %q", got)
	}
}
