package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestParseReference(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		want        rbac.Reference
	}{
		{"account of the namespace", "sa/app", rbac.Reference{Subject: rbac.ServiceAccount("dev", "app")}},
		{"account of another", "sa/prod/app", rbac.Reference{Subject: rbac.ServiceAccount("prod", "app")}},
		{"account, long word", "ServiceAccount/prod/app", rbac.Reference{Subject: rbac.ServiceAccount("prod", "app")}},
		{"account, namespace first", "prod/sa/app", rbac.Reference{Subject: rbac.ServiceAccount("prod", "app")}},
		{"account by user name", "system:serviceaccount:prod:app", rbac.Reference{Subject: rbac.ServiceAccount("prod", "app")}},
		{"user that is an account", "user/system:serviceaccount:prod:app", rbac.Reference{Subject: rbac.ServiceAccount("prod", "app")}},
		{"user", "user/bob@example.org", rbac.Reference{Subject: rbac.User("bob@example.org")}},
		{"user with slashes", "user/https://idp.example/bob", rbac.Reference{Subject: rbac.User("https://idp.example/bob")}},
		{"user named as a type", "user/sa/app", rbac.Reference{Subject: rbac.User("sa/app")}},
		{"group with slashes", "group/team/a", rbac.Reference{Subject: rbac.Group("team/a")}},
		{"pod", "pod/web-1", rbac.Reference{Pod: rbac.PodName{Namespace: "dev", Name: "web-1"}}},
		{"pod of another namespace", "pod/prod/web-1", rbac.Reference{Pod: rbac.PodName{Namespace: "prod", Name: "web-1"}}},
		{"pod, namespace first", "prod/pod/web-1", rbac.Reference{Pod: rbac.PodName{Namespace: "prod", Name: "web-1"}}},
		{"namespace named as a type", "sa/pod/web-1", rbac.Reference{Subject: rbac.ServiceAccount("pod", "web-1")}},
		{"me", "me", rbac.Reference{Me: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rbac.ParseReference(tt.typed, "dev")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseReference(%q) (-want +got):\n%s", tt.typed, diff)
			}
		})
	}
}

func TestParseReferenceRefuses(t *testing.T) {
	for _, tt := range []struct{ name, typed, want string }{
		{"bare word", "bob", `"bob" does not say whether it is a service account, a user, a group or a pod: write sa/bob, user/bob, group/bob or pod/bob`},
		{"empty", "", `"" does not say whether it is a service account, a user, a group or a pod: write sa/, user/, group/ or pod/`},
		{"no name", "user/", `no name follows the slash in "user/"`},
		{"unknown type", "node/n1", `"node/n1" is not a subject: write sa/[NAMESPACE/]NAME, user/NAME, group/NAME or pod/[NAMESPACE/]NAME`},
		{"deployment", "prod/deploy/x", `"prod/deploy/x" is not a subject: write sa/[NAMESPACE/]NAME, user/NAME, group/NAME or pod/[NAMESPACE/]NAME`},
		{"too many parts", "sa/a/b/c", `"sa/a/b/c" is not TYPE/NAME or TYPE/NAMESPACE/NAME`},
		{"no namespace", "sa//b", `"sa//b" is not TYPE/NAME or TYPE/NAMESPACE/NAME`},
		{"half a user name", "system:serviceaccount:prod", `"system:serviceaccount:prod" is not system:serviceaccount:NAMESPACE:NAME`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rbac.ParseReference(tt.typed, "dev")
			if err == nil {
				t.Fatalf("ParseReference(%q) = %v, want an error", tt.typed, got)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroupsOf(t *testing.T) {
	known := rbac.Membership{"sre": {"bob"}, "ops": {"bob", "eve"}, "bots": {"system:serviceaccount:dev:app"}}
	x := build(t, known)
	for _, tt := range []struct {
		name string
		id   rbac.Identity
		want []rbac.InGroup
	}{
		{"user", rbac.Identity{Subject: rbac.User("bob"), Groups: []string{"x", "sre"}}, []rbac.InGroup{
			{Name: "system:authenticated", Source: rbac.GroupBuiltin},
			{Name: "ops", Source: rbac.GroupKnown},
			{Name: "sre", Source: rbac.GroupKnown},
			{Name: "x", Source: rbac.GroupGiven},
		}},
		{"account", rbac.Identity{Subject: rbac.ServiceAccount("dev", "app")}, []rbac.InGroup{
			{Name: "system:serviceaccounts", Source: rbac.GroupBuiltin},
			{Name: "system:serviceaccounts:dev", Source: rbac.GroupBuiltin},
			{Name: "system:authenticated", Source: rbac.GroupBuiltin},
			{Name: "bots", Source: rbac.GroupKnown},
		}},
		{"anonymous", rbac.Identity{Subject: rbac.User(rbac.UserAnonymous)}, []rbac.InGroup{{Name: "system:unauthenticated", Source: rbac.GroupBuiltin}}},
		{"group", rbac.Identity{Subject: rbac.Group("sre")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, x.GroupsOf(tt.id)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
