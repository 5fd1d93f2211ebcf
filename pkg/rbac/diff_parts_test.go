package rbac_test

import (
	"slices"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// What stays is found once for all who hold the same rules: thousands may
// move from one role to another.
func TestComparePartsOnceForTheSameRules(t *testing.T) {
	roles := []snapshot.Object{
		testkit.ClusterRole("everything", testkit.Rule("*", "*", "*")),
		testkit.ClusterRole("some", testkit.Rule("get,list", "", "pods,services")),
		testkit.ClusterRole("other", testkit.Rule("get,list", "", "pods,services")),
	}
	bind := func(user, role string) snapshot.Object {
		return testkit.ClusterRoleBinding(user, role, testkit.User(user))
	}
	from := slices.Concat(roles, []snapshot.Object{bind("u1", "everything"), bind("u2", "everything"), bind("u3", "everything")})
	to := slices.Concat(roles, []snapshot.Object{bind("u1", "some"), bind("u2", "some"), bind("u3", "other")})
	d := rbac.Compare(build(t, nil, from...), build(t, nil, to...))
	var shared [][]rbac.PlacedPermission
	for _, s := range d.Subjects {
		if len(s.Lost) != 1 || len(s.Lost[0].Shared) != 4 {
			t.Fatalf("%+v", s)
		}
		shared = append(shared, s.Lost[0].Shared)
	}
	if &shared[0][0] != &shared[1][0] {
		t.Error("the parts of u1 and u2 were computed twice")
	}
	if &shared[0][0] == &shared[2][0] || !slices.Equal(shared[0], shared[2]) {
		t.Errorf("u3 holds the same by another role: %+v", shared[2])
	}
}
