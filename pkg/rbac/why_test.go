package rbac_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// One subject's answer must be its entry in the answer about everyone, grant
// by grant.
func TestWhyAgreesWithWhoCan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	yes, no := 0, 0
	for range 300 {
		x := rbac.NewIndex(randomCluster(t, rnd), rbac.Membership{"g": {"u1", "system:serviceaccount:n2:a"}})
		for range 10 {
			r, anywhere := randomRequest(rnd), rnd.IntN(4) == 0
			want := map[rbac.Subject][]rbac.Scope{}
			for _, access := range x.WhoCan(r, anywhere) {
				want[access.Subject] = access.Scopes
			}
			for _, s := range x.Subjects() {
				e := x.Why(rbac.Identity{Subject: s}, r, anywhere)
				if diff := cmp.Diff(want[s], e.Scopes, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *rbac.Binding) bool { return a == b })); diff != "" {
					t.Fatalf("%s, %+v, anywhere %v (-WhoCan +Why):\n%s", s, r, anywhere, diff)
				}
				if e.Allowed() {
					yes++
				} else {
					no++
				}
				checkMisses(t, e)
			}
		}
	}
	if yes < 1000 || no < 1000 {
		t.Errorf("%d allowed and %d denied: the mix is too poor to mean anything", yes, no)
	}
}

// checkMisses: a yes has no near misses, and every near miss misses something,
// the nearest related ones first.
func checkMisses(t *testing.T, e rbac.Explanation) {
	t.Helper()
	if e.Allowed() && (len(e.NearMisses) > 0 || len(e.WouldDo) > 0) {
		t.Fatalf("allowed, and %d near misses", len(e.NearMisses))
	}
	for i, m := range e.NearMisses {
		if m.Distance() == 0 {
			t.Fatalf("%s/%s rule %d misses nothing, and the answer is no", m.Binding.Kind, m.Binding.Name, m.Rule)
		}
		if i == 0 {
			continue
		}
		before := e.NearMisses[i-1]
		if !before.Related() && m.Related() || before.Related() == m.Related() && before.Distance() > m.Distance() {
			t.Fatalf("near miss %d comes after a farther one", i)
		}
	}
}

func TestWhyOfUnknownSubjects(t *testing.T) {
	x := build(t, nil,
		testkit.ClusterRole("read", testkit.Rule("get", "", "pods")),
		testkit.RoleBinding("dev", "accounts", "ClusterRole/read", testkit.Group("system:serviceaccounts:dev")),
		testkit.RoleBinding("dev", "team", "ClusterRole/read", testkit.Group("oidc:dev")),
	)
	get := rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}
	for _, tt := range []struct {
		name    string
		id      rbac.Identity
		through string // "-" for a no
	}{
		{"account of the namespace", rbac.Identity{Subject: rbac.ServiceAccount("dev", "new")}, "system:serviceaccounts:dev"},
		{"account of another", rbac.Identity{Subject: rbac.ServiceAccount("prod", "new")}, "-"},
		{"user", rbac.Identity{Subject: rbac.User("bob")}, "-"},
		{"user with a group", rbac.Identity{Subject: rbac.User("bob"), Groups: []string{"oidc:dev"}}, "oidc:dev"},
		{"user that is root", rbac.Identity{Subject: rbac.User("bob"), Groups: []string{"system:masters"}}, "system:masters"},
		{"root itself", rbac.Identity{Subject: rbac.Group("system:masters")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := x.Why(tt.id, get, false)
			got := "-"
			if e.Allowed() {
				got = e.Scopes[0].Via[0].Through
			}
			if got != tt.through {
				t.Errorf("through %q, want %q", got, tt.through)
			}
		})
	}
}

func TestRolesThatWouldDo(t *testing.T) {
	x := build(t, nil,
		testkit.ClusterRole("all", testkit.Rule("*", "*", "*")),
		testkit.ClusterRole("view", testkit.Rule("get,list", "", "pods,services")),
		testkit.Role("dev", "one", testkit.Rule("get", "", "pods")),
		testkit.Role("prod", "elsewhere", testkit.Rule("get", "", "pods")),
		testkit.ClusterRole("other", testkit.Rule("get", "", "secrets")),
	)
	for _, tt := range []struct {
		name string
		r    rbac.Request
		want []string
	}{
		{"in a namespace, smallest first", rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, []string{"one", "view", "all"}},
		{"cluster-wide", rbac.Request{Verb: "get", Resource: "pods"}, []string{"view", "all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, role := range x.Why(rbac.Identity{Subject: rbac.User("bob")}, tt.r, false).WouldDo {
				got = append(got, role.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLacksSecond(t *testing.T) {
	x := build(t, nil,
		testkit.Role("dev", "open", testkit.Rule("get", "", "pods/exec")),
		testkit.RoleBinding("dev", "open", "Role/open", testkit.User("bob"), testkit.User("eve")),
		testkit.Role("dev", "create", testkit.Rule("create", "", "pods/exec")),
		testkit.RoleBinding("dev", "create", "Role/create", testkit.Group("g")),
	)
	exec := rbac.Request{Verb: "get", Resource: "pods", Subresource: "exec", Namespace: "dev"}
	for _, tt := range []struct {
		name string
		id   rbac.Identity
		want int
	}{
		{"get alone", rbac.Identity{Subject: rbac.User("bob")}, 1},
		{"create through a given group", rbac.Identity{Subject: rbac.User("bob"), Groups: []string{"g"}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := x.Why(tt.id, exec, false)
			if got := x.LacksSecond(e, rbac.SecondChecks(exec, "v1.36.0"), false); len(got) != tt.want {
				t.Errorf("lacks %v, want %d", got, tt.want)
			}
		})
	}
}
