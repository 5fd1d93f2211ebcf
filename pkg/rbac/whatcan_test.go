package rbac_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// build makes an index of the objects.
func build(t *testing.T, known rbac.Membership, objects ...snapshot.Object) *rbac.Index {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(objects...)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return rbac.NewIndex(s, known)
}

// describe makes grants comparable: scope, binding, rule and group.
func describe(grants []rbac.Grant) []string {
	out := []string{}
	for _, g := range grants {
		out = append(out, viaText(g.Namespace, g.Via))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func viaText(namespace string, via rbac.Via) string {
	if via.Builtin() {
		return fmt.Sprintf("%q builtin %s", namespace, via.Through)
	}
	return fmt.Sprintf("%q %s/%s rule %d through %q", namespace, via.Binding.Kind, via.Binding.Name, via.Rule, via.Through)
}

// What a subject may do and who may do it are two readings of one table.
func TestWhatCanAgreesWithWhoCan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	allowed, denied := 0, 0
	for range 400 {
		x := rbac.NewIndex(randomCluster(t, rnd), rbac.Membership{"g": {"u1", "system:serviceaccount:n2:a"}})
		permissions := map[rbac.Subject]*rbac.Permissions{}
		for _, s := range x.Subjects() {
			permissions[s] = x.WhatCan(rbac.Identity{Subject: s})
		}
		for range 30 {
			r := randomRequest(rnd)
			if r.Path != "" {
				r.Namespace = "n1" // is not looked at
			}
			want := map[rbac.Subject][]string{}
			for _, access := range x.WhoCan(r, false) {
				for _, scope := range access.Scopes {
					for _, via := range scope.Via {
						want[access.Subject] = append(want[access.Subject], viaText(scope.Namespace, via))
					}
				}
				slices.Sort(want[access.Subject])
			}
			for s, p := range permissions {
				got := describe(p.Allows(r))
				if diff := cmp.Diff(append([]string{}, want[s]...), got); diff != "" {
					t.Fatalf("%s, %+v (-who-can +what-can):\n%s", s, r, diff)
				}
				if len(got) > 0 {
					allowed++
				} else {
					denied++
				}
			}
		}
	}
	t.Logf("%d allowed, %d denied", allowed, denied)
	if allowed < denied/10 {
		t.Errorf("the sample is one-sided: %d allowed, %d denied", allowed, denied)
	}
}

func TestWhatCanOfUnknownAndGivenGroups(t *testing.T) {
	x := build(
		t, rbac.Membership{"ops": {"bob"}},
		testkit.ClusterRole("viewer", testkit.Rule("get", "", "pods")),
		testkit.ClusterRoleBinding("everyone", "viewer", testkit.Group("system:authenticated")),
		testkit.RoleBinding("shop", "ops", "ClusterRole/viewer", testkit.Group("ops")),
		testkit.RoleBinding("shop", "lost", "Role/missing", testkit.User("bob"), testkit.Group("ops")),
	)
	tests := []struct {
		name     string
		id       rbac.Identity
		want     []string
		dangling int
	}{
		{"a user that nothing names", rbac.Identity{Subject: rbac.User("nobody")}, []string{`"" ClusterRoleBinding/everyone rule 0 through "system:authenticated"`}, 0},
		{"anonymous is not authenticated", rbac.Identity{Subject: rbac.User("system:anonymous")}, []string{}, 0},
		{"a group alone", rbac.Identity{Subject: rbac.Group("ops")}, []string{`"shop" RoleBinding/ops rule 0 through ""`}, 1},
		{"a given group", rbac.Identity{Subject: rbac.User("nobody"), Groups: []string{"ops"}}, []string{
			`"" ClusterRoleBinding/everyone rule 0 through "system:authenticated"`, `"shop" RoleBinding/ops rule 0 through "ops"`,
		}, 1},
		{"a known member", rbac.Identity{Subject: rbac.User("bob")}, []string{
			`"" ClusterRoleBinding/everyone rule 0 through "system:authenticated"`, `"shop" RoleBinding/ops rule 0 through "ops"`,
		}, 1},
		{"masters", rbac.Identity{Subject: rbac.Group("system:masters")}, []string{`"" builtin `}, 0},
		{"a member of masters", rbac.Identity{Subject: rbac.User("root"), Groups: []string{"system:masters"}}, []string{
			`"" ClusterRoleBinding/everyone rule 0 through "system:authenticated"`, `"" builtin system:masters`,
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := x.WhatCan(tt.id)
			if diff := cmp.Diff(tt.want, describe(p.Grants)); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
			if len(p.Dangling) != tt.dangling {
				t.Errorf("%d dangling bindings, want %d", len(p.Dangling), tt.dangling)
			}
		})
	}
}

func TestURLs(t *testing.T) {
	x := build(
		t, nil,
		testkit.ClusterRole("a", testkit.URLRule("get,head", "/metrics,/healthz,/x?y=1")),
		testkit.ClusterRole("b", testkit.URLRule("get,Get", "/metrics,/debug/*")),
		testkit.ClusterRole("c", testkit.URLRule("get", "/secret")),
		testkit.ClusterRoleBinding("1", "a", testkit.Group("g")),
		testkit.ClusterRoleBinding("2", "b", testkit.User("u")),
		testkit.RoleBinding("shop", "3", "ClusterRole/c", testkit.User("u")),
	)
	want := []rbac.URLAccess{
		{URL: "/debug/*", Verbs: []string{"get"}},
		{URL: "/healthz", Verbs: []string{"get", "head"}, Through: []string{"g"}},
		{URL: "/metrics", Verbs: []string{"get", "head"}},
	}
	got := x.WhatCan(rbac.Identity{Subject: rbac.User("u"), Groups: []string{"g"}}).URLs()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
