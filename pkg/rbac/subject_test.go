package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestUser(t *testing.T) {
	const prefix = "system:serviceaccount:"
	user := func(name string) rbac.Subject { return rbac.Subject{Kind: "User", Name: name} }
	tests := []struct {
		name string
		user string
		want rbac.Subject
	}{
		{"plain", "alice@example.org", user("alice@example.org")},
		{"empty", "", user("")},
		{"service account", prefix + "dev:app", rbac.ServiceAccount("dev", "app")},
		{"service account with a dot", prefix + "dev-1:app.v1", rbac.ServiceAccount("dev-1", "app.v1")},
		{"prefix only", prefix, user(prefix)},
		{"no name", prefix + "dev", user(prefix + "dev")},
		{"empty name", prefix + "dev:", user(prefix + "dev:")},
		{"empty namespace", prefix + ":app", user(prefix + ":app")},
		{"too many parts", prefix + "dev:app:extra", user(prefix + "dev:app:extra")},
		{"upper-case namespace", prefix + "Dev:app", user(prefix + "Dev:app")},
		{"dot in the namespace", prefix + "dev.x:app", user(prefix + "dev.x:app")},
		{"underscore in the name", prefix + "dev:a_b", user(prefix + "dev:a_b")},
		{"name begins with a dash", prefix + "dev:-app", user(prefix + "dev:-app")},
		{"name ends with a dash", prefix + "dev:app-", user(prefix + "dev:app-")},
		{"two dashes are fine", prefix + "dev:a--b", rbac.ServiceAccount("dev", "a--b")},
		{"dash after a dot", prefix + "dev:a.-b", user(prefix + "dev:a.-b")},
		{"dash before a dot", prefix + "dev:a-.b", user(prefix + "dev:a-.b")},
		{"two dots", prefix + "dev:a..b", user(prefix + "dev:a..b")},
		{"group of service accounts", "system:serviceaccounts:dev", user("system:serviceaccounts:dev")},
		{"longest namespace", prefix + strings.Repeat("n", 63) + ":app", rbac.ServiceAccount(strings.Repeat("n", 63), "app")},
		{"namespace too long", prefix + strings.Repeat("n", 64) + ":app", user(prefix + strings.Repeat("n", 64) + ":app")},
		{"name too long", prefix + "dev:" + strings.Repeat("n", 254), user(prefix + "dev:" + strings.Repeat("n", 254))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := rbac.User(tt.user)
			if got != tt.want {
				t.Errorf("User(%q) = %v, want %v", tt.user, got, tt.want)
			}
			if got.UserName() != tt.user {
				t.Errorf("its user name is %q", got.UserName())
			}
		})
	}
}

func TestBuiltinGroups(t *testing.T) {
	tests := []struct {
		subject rbac.Subject
		want    []string
	}{
		{rbac.ServiceAccount("dev", "app"), words("system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated")},
		{rbac.User("alice"), words("system:authenticated")},
		{rbac.User("system:anonymous"), words("system:unauthenticated")},
		{rbac.User("system:node:n1"), words("system:nodes", "system:authenticated")},
		{rbac.User("system:node:"), words("system:authenticated")},
		{rbac.User("system:nodes"), words("system:authenticated")},
		{rbac.User("system:serviceaccount:dev:app:extra"), words("system:authenticated")},
		{rbac.Group("devs"), nil},
		{rbac.Group("system:anonymous"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.subject.String(), func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.subject.BuiltinGroups()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSubjectString(t *testing.T) {
	for want, subject := range map[string]rbac.Subject{
		"User/a/b":               rbac.User("a/b"),
		"Group/devs":             rbac.Group("devs"),
		"ServiceAccount/dev/app": rbac.ServiceAccount("dev", "app"),
	} {
		if got := subject.String(); got != want {
			t.Errorf("%#v is %q, want %q", subject, got, want)
		}
	}
	if name := rbac.Group("devs").UserName(); name != "" {
		t.Errorf("a group authenticates as %q", name)
	}
}

// TestSubjectsOfBindings: how the subjects of a binding are understood, by
// whom it lets list pods in its namespace.
func TestSubjectsOfBindings(t *testing.T) {
	tests := []struct {
		name, subject   string
		inRole, cluster []string // the answer through a RoleBinding in dev, through a ClusterRoleBinding
	}{
		{"user", `{kind: User, name: alice}`, words("User/alice"), words("User/alice")},
		{"group", `{kind: Group, name: devs}`, words("Group/devs"), words("Group/devs")},
		{"account", `{kind: ServiceAccount, namespace: ci, name: app}`, words("ServiceAccount/ci/app"), words("ServiceAccount/ci/app")},
		{"account without a namespace", `{kind: ServiceAccount, name: app}`, words("ServiceAccount/dev/app"), nil},
		{"user that is an account", `{kind: User, name: "system:serviceaccount:ci:app"}`, words("ServiceAccount/ci/app"), words("ServiceAccount/ci/app")},
		{"account that cannot exist", `{kind: ServiceAccount, namespace: ci, name: "a:b"}`, words("User/system:serviceaccount:ci:a:b"), words("User/system:serviceaccount:ci:a:b")},
		{"unknown kind", `{kind: Robot, name: alice}`, nil, nil},
		{"kind in wrong case", `{kind: user, name: alice}`, nil, nil},
		{"no kind", `{name: alice}`, nil, nil},
		{"apiGroup is not looked at", `{kind: User, apiGroup: example.org, name: alice}`, words("User/alice"), words("User/alice")},
		{"namespace of a user is not looked at", `{kind: User, namespace: x, name: alice}`, words("User/alice"), words("User/alice")},
	}
	const objects = `
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
---
kind: %KIND%
metadata: {name: b, namespace: %NS%}
roleRef: {kind: ClusterRole, name: r}
subjects: [%SUBJECT%]
`
	for _, tt := range tests {
		for kind, want := range map[string][]string{"RoleBinding": tt.inRole, "ClusterRoleBinding": tt.cluster} {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				ns := map[string]string{"RoleBinding": "dev", "ClusterRoleBinding": `""`}[kind]
				x := indexOf(t, strings.NewReplacer("%KIND%", kind, "%NS%", ns, "%SUBJECT%", tt.subject).Replace(objects))
				var got []string
				for _, access := range x.WhoCan(rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}, false) {
					if access.Subject != rbac.Group(rbac.GroupMasters) {
						got = append(got, access.Subject.String())
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}
