package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestNearMissesOfSubjects(t *testing.T) {
	app, bob, team := rbac.ServiceAccount("dev", "app"), rbac.User("bob"), rbac.Group("team")
	for _, tt := range []struct {
		name    string
		me      rbac.Subject
		subject rbacv1.Subject
		want    string // "" when it is no near miss
	}{
		{"account of another namespace", app, testkit.SA("prod", "app"), "subject: the binding names the ServiceAccount app of namespace prod, not of dev"},
		{"another account", app, testkit.SA("dev", "other"), ""},
		{"misspelt account", app, testkit.SA("dev", "App"), "subject: the binding names the ServiceAccount App, which does not exist"},
		{"user with the account's name", app, testkit.User("app"), "subject: the binding names the User app / the service account's user name is system:serviceaccount:dev:app"},
		{"user NS:NAME", app, testkit.User("dev:app"), "subject: the binding names the User dev:app / the service account's user name is system:serviceaccount:dev:app"},
		{"user misspelt", app, testkit.User("system:serviceaccounts:dev:app"), "subject: the binding names the User system:serviceaccounts:dev:app / the service account's user name is system:serviceaccount:dev:app"},
		{"another user", app, testkit.User("alice"), ""},
		{"group of the account's name", app, testkit.Group("system:serviceaccount:dev:app"), "subject: the binding names a Group system:serviceaccount:dev:app, and this is a ServiceAccount"},
		{"group misspelt", app, testkit.Group("system:serviceaccount:dev"), "subject: the binding names the Group system:serviceaccount:dev / the service account is in system:serviceaccounts:dev"},
		{"group of another namespace", app, testkit.Group("system:serviceaccounts:prod"), ""},
		{"people's group", app, testkit.Group("team"), ""},
		{"kind in lower case", app, rbacv1.Subject{Kind: "serviceaccount", Namespace: "dev", Name: "app"}, "subject: the binding's subject has kind serviceaccount, which is none / write ServiceAccount"},
		{"user in another case", bob, testkit.User("Bob"), "subject: the binding names the User Bob / user names are case-sensitive"},
		{"user with a prefix", bob, testkit.User("oidc:bob"), "subject: the binding names the User oidc:bob, not bob / the prefix or domain is part of the name"},
		{"user with a domain", bob, testkit.User("bob@example.org"), "subject: the binding names the User bob@example.org, not bob / the prefix or domain is part of the name"},
		{"user that ends alike", bob, testkit.User("jimbob"), ""},
		{"group of the name", bob, testkit.Group("bob"), "subject: the binding names a Group bob, and this is a User"},
		{"account of the name", bob, testkit.SA("dev", "bob"), "subject: the binding names a ServiceAccount bob, and this is a User"},
		{"group with unknown members", bob, testkit.Group("team"), "subject: granted to group team / bob is not known to be in it"},
		{"people's group, for nobody", rbac.User("system:anonymous"), testkit.Group("team"), ""},
		{"people's group, for a kubelet", rbac.User("system:node:a"), testkit.Group("team"), ""},
		{"group that Kubernetes fills", bob, testkit.Group("system:serviceaccounts"), ""},
		{"everyone, for a group", team, testkit.Group("system:authenticated"), "subject: the binding names the Group system:authenticated / every member of this group is in that one too: as a user it is allowed"},
		{"group in another case", team, testkit.Group("Team"), "subject: the binding names the Group Team / group names are case-sensitive"},
		{"group with a prefix", team, testkit.Group("oidc:team"), "subject: the binding names the Group oidc:team, not team"},
		{"user of the group's name", team, testkit.User("team"), "subject: the binding names a User team, and this is a Group"},
		{"another group", team, testkit.Group("sre"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil,
				testkit.ServiceAccount("dev", "app"), testkit.ServiceAccount("prod", "app"), testkit.ServiceAccount("dev", "other"),
				testkit.Role("dev", "r", testkit.Rule("get", "", "pods"), testkit.Rule("list", "", "pods")),
				testkit.RoleBinding("dev", "b", "Role/r", tt.subject),
				testkit.Role("other", "r", testkit.Rule("get", "", "pods")),
				testkit.RoleBinding("other", "b", "Role/r", tt.subject), // not in scope: never a near miss
			)
			e := x.Why(rbac.Identity{Subject: tt.me}, rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, false)
			want := []string{}
			if tt.want != "" {
				want = append(want, tt.want)
			}
			if diff := cmp.Diff(want, said(e.NearMisses)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSubjectWithoutNamespace(t *testing.T) {
	x := build(t, nil,
		testkit.ClusterRole("r", testkit.Rule("get", "", "pods")),
		testkit.ClusterRoleBinding("b", "r", rbacv1.Subject{Kind: "ServiceAccount", Name: "app"}),
	)
	e := x.Why(rbac.Identity{Subject: rbac.ServiceAccount("dev", "app")}, rbac.Request{Verb: "get", Resource: "pods"}, false)
	want := []string{"subject: the binding's subject has no namespace, which a ClusterRoleBinding needs / write namespace: dev"}
	if diff := cmp.Diff(want, said(e.NearMisses)); diff != "" {
		t.Error(diff)
	}
}

// A role that could not be read may allow everything: that is no missing role.
func TestUnreadRoles(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Add(testkit.RoleBinding("dev", "b", "Role/r", testkit.User("bob")))
	b.Gap(snapshot.Gap{Group: "rbac.authorization.k8s.io", Resource: "roles", Reason: snapshot.Forbidden})
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	e := rbac.NewIndex(s, nil).Why(rbac.Identity{Subject: rbac.User("bob")}, rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, false)
	want := []string{"role: roleRef names Role r, which could not be read / it may allow this or not"}
	if diff := cmp.Diff(want, said(e.NearMisses)); diff != "" {
		t.Error(diff)
	}
}

func TestNearMissesAreRanked(t *testing.T) {
	x := build(t, nil,
		testkit.Role("dev", "a-far", testkit.Rule("get", "apps", "deployments")),
		testkit.Role("dev", "b-two", testkit.Rule("get", "core", "secrets")),
		testkit.Role("dev", "c-one", testkit.Rule("get", "", "secrets")),
		testkit.Role("dev", "d-slip", testkit.Rule("List", "", "secrets")),
		testkit.RoleBinding("dev", "a", "Role/a-far", testkit.User("bob")),
		testkit.RoleBinding("dev", "b", "Role/b-two", testkit.User("bob")),
		testkit.RoleBinding("dev", "c", "Role/c-one", testkit.User("bob")),
		testkit.RoleBinding("dev", "d", "Role/d-slip", testkit.Group("system:authenticated")),
	)
	e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, rbac.Request{Verb: "list", Resource: "secrets", Namespace: "dev"}, false)
	var got []string
	for _, m := range e.NearMisses {
		got = append(got, m.Binding.Role.Name)
	}
	if diff := cmp.Diff([]string{"d-slip", "c-one", "b-two", "a-far"}, got); diff != "" {
		t.Error(diff)
	}
	if e.NearMisses[0].Through != "system:authenticated" {
		t.Errorf("through %q", e.NearMisses[0].Through)
	}
}

// A role without rules is bound and grants nothing.
func TestNearMissOfEmptyRole(t *testing.T) {
	x := build(t, nil, testkit.Role("dev", "none"), testkit.RoleBinding("dev", "b", "Role/none", testkit.User("bob")))
	e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, rbac.Request{Verb: "list", Resource: "secrets", Namespace: "dev"}, false)
	if len(e.NearMisses) != 1 || e.NearMisses[0].Rule != -1 || e.NearMisses[0].Misses[0].Detail != "Role none has no rules" {
		t.Errorf("near misses %+v", e.NearMisses)
	}
}

// What the subject has elsewhere comes before what others have here.
func TestOwnNearMissesComeFirst(t *testing.T) {
	x := build(t, nil,
		testkit.ClusterRole("reader", testkit.Rule("list", "", "secrets")),
		testkit.ClusterRoleBinding("a", "reader", testkit.Group("sre")),
		testkit.RoleBinding("prod", "b", "ClusterRole/reader", testkit.User("bob")),
	)
	e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, rbac.Request{Verb: "list", Resource: "secrets", Namespace: "dev"}, false)
	var got []string
	for _, m := range e.NearMisses {
		got = append(got, m.Binding.Name)
	}
	if diff := cmp.Diff([]string{"b", "a"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSimilar(t *testing.T) {
	x := build(t, nil,
		testkit.ServiceAccount("dev", "cart"), testkit.ServiceAccount("prod", "card"), testkit.ServiceAccount("prod", "crat"),
		testkit.ClusterRoleBinding("b", "r", testkit.User("bob@example.org"), testkit.Group("oidc:sre")),
	)
	for _, tt := range []struct {
		name string
		s    rbac.Subject
		want []rbac.Subject
	}{
		{"account: a slip here, the same name elsewhere", rbac.ServiceAccount("dev", "crat"), []rbac.Subject{rbac.ServiceAccount("dev", "cart"), rbac.ServiceAccount("prod", "crat")}},
		{"user", rbac.User("bob"), []rbac.Subject{rbac.User("bob@example.org")}},
		{"group", rbac.Group("sre"), []rbac.Subject{rbac.Group("oidc:sre")}},
		{"none", rbac.User("alice"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, x.Similar(tt.s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
