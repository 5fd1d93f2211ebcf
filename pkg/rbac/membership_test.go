package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// crowd has two service accounts, a user, a node and the anonymous user, who
// are named without being granted anything, and a role for tests to bind.
const crowd = `
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: ClusterRole
metadata: {name: nothing}
rules: []
---
kind: ServiceAccount
metadata: {name: app, namespace: dev}
---
kind: ServiceAccount
metadata: {name: ci, namespace: prod}
---
kind: ClusterRoleBinding
metadata: {name: names}
roleRef: {kind: ClusterRole, name: nothing}
subjects: [{kind: User, name: alice}, {kind: User, name: "system:node:n1"}, {kind: User, name: "system:anonymous"}, {kind: Group, name: devs}]
---
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: r}
subjects: [{kind: Group, name: "%GROUP%"}]
`

func TestGroupsThatKubernetesFills(t *testing.T) {
	tests := []struct {
		group   string
		members []string
	}{
		{"system:authenticated", words("User/alice", "User/system:node:n1", "ServiceAccount/dev/app", "ServiceAccount/prod/ci")},
		{"system:unauthenticated", words("User/system:anonymous")},
		{"system:serviceaccounts", words("ServiceAccount/dev/app", "ServiceAccount/prod/ci")},
		{"system:serviceaccounts:dev", words("ServiceAccount/dev/app")},
		{"system:serviceaccounts:gone", nil},
		{"system:serviceaccounts:", nil},
		{"system:nodes", words("User/system:node:n1")},
		{"devs", nil},
		{"alice", nil}, // a group of a user's name
	}
	for _, tt := range tests {
		t.Run(tt.group, func(t *testing.T) {
			x := indexOf(t, replace(crowd, "%GROUP%", tt.group))
			var got []string
			for _, access := range x.WhoCan(getIn("pods", ""), false) {
				for _, scope := range access.Scopes {
					if scope.Via[0].Through == tt.group {
						got = append(got, access.Subject.String())
					}
				}
			}
			if diff := cmp.Diff(tt.members, got); diff != "" {
				t.Errorf("allowed through the group (-want +got):\n%s", diff)
			}
			var members []string
			for _, member := range x.Members(tt.group) {
				members = append(members, member.String())
			}
			if diff := cmp.Diff(tt.members, members); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKnownMembers(t *testing.T) {
	s := snapshotOf(t, snapshot.Info{Source: snapshot.FromFiles}, replace(crowd, "%GROUP%", "devs"))
	x := rbac.NewIndex(s, rbac.Membership{
		"devs":   words("alice", "carol", "system:serviceaccount:dev:app", "alice"),
		"others": words("dave"),
	})
	const link = "ClusterRoleBinding/b ClusterRole/r 0"
	want := words(
		"User/alice in *: "+link+" through devs",
		"User/carol in *: "+link+" through devs",
		"Group/devs in *: "+link,
		"ServiceAccount/dev/app in *: "+link+" through devs",
	)
	if diff := cmp.Diff(want, grantLines(x.WhoCan(getIn("pods", "dev"), false))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for subject, known := range map[rbac.Subject]bool{
		rbac.User("dave"): true, rbac.Group("others"): true, rbac.User("eve"): false, rbac.Group("system:masters"): true,
		rbac.Group("system:authenticated"): false, // nothing names it
	} {
		if x.Known(subject) != known {
			t.Errorf("%s is known: %t", subject, !known)
		}
	}
	if got := x.Members("no such group"); got != nil {
		t.Errorf("members of an unknown group: %v", got)
	}
}

// TestSeveralGroups: every group through which a subject is allowed is named.
func TestSeveralGroups(t *testing.T) {
	x := indexOf(t, `
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: ClusterRoleBinding
metadata: {name: a}
roleRef: {kind: ClusterRole, name: r}
subjects: [{kind: Group, name: "system:serviceaccounts"}, {kind: ServiceAccount, name: app, namespace: dev}, {kind: Group, name: "system:authenticated"}]
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: ClusterRole, name: r}
subjects: [{kind: Group, name: "system:serviceaccounts:dev"}]
`)
	want := words(
		"Group/system:authenticated in *: ClusterRoleBinding/a ClusterRole/r 0",
		"Group/system:serviceaccounts in *: ClusterRoleBinding/a ClusterRole/r 0",
		"Group/system:serviceaccounts:dev in dev: RoleBinding/dev/b ClusterRole/r 0",
		"ServiceAccount/dev/app in *: ClusterRoleBinding/a ClusterRole/r 0, "+
			"ClusterRoleBinding/a ClusterRole/r 0 through system:authenticated, "+
			"ClusterRoleBinding/a ClusterRole/r 0 through system:serviceaccounts",
		"ServiceAccount/dev/app in dev: RoleBinding/dev/b ClusterRole/r 0 through system:serviceaccounts:dev",
	)
	if diff := cmp.Diff(want, grantLines(x.WhoCan(getIn("pods", "dev"), false))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	groups := words("system:authenticated", "system:serviceaccounts", "system:serviceaccounts:dev")
	if diff := cmp.Diff(groups, x.KnownGroups(rbac.ServiceAccount("dev", "app"))); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestIndexLists(t *testing.T) {
	x := indexOf(t, office)
	var bindings, roles, subjects []string
	for _, b := range x.Bindings() {
		target := "nothing"
		if b.Role != nil {
			target = objectName(b.Role.Kind, b.Role.Namespace, b.Role.Name)
		}
		bindings = append(bindings, objectName(b.Kind, b.Namespace, b.Name)+" "+target)
	}
	for _, r := range x.Roles() {
		roles = append(roles, objectName(r.Kind, r.Namespace, r.Name))
	}
	for _, s := range x.Subjects() {
		subjects = append(subjects, s.String())
	}
	for what, lists := range map[string][2][]string{
		"bindings": {bindings, words(
			"ClusterRoleBinding/everywhere ClusterRole/reader", "RoleBinding/de/own ClusterRole/reader", "RoleBinding/dev/gone nothing",
			"RoleBinding/dev/own Role/dev/reader", "RoleBinding/dev/shared ClusterRole/reader", "RoleBinding/dev-1/own ClusterRole/reader",
		)},
		"roles": {roles, words("ClusterRole/reader", "Role/dev/reader")},
		"subjects": {subjects, words(
			"User/alice", "User/bob", "User/mallory", "User/zoe", "Group/ops", "Group/system:masters", "ServiceAccount/dev/app",
		)},
	} {
		if diff := cmp.Diff(lists[1], lists[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// TestRoleRefs: which role a binding finds.
func TestRoleRefs(t *testing.T) {
	const objects = `
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: Role
metadata: {name: r, namespace: dev}
rules: []
---
kind: %BINDING%
roleRef: {apiGroup: %GROUP%, kind: %KIND%, name: r}
subjects: [{kind: User, name: alice}]
`
	const inDev = "RoleBinding\nmetadata: {name: b, namespace: dev}"
	const inProd = "RoleBinding\nmetadata: {name: b, namespace: prod}"
	const inCluster = "ClusterRoleBinding\nmetadata: {name: b}"
	tests := []struct{ name, binding, group, kind, want string }{
		{"ClusterRole by a RoleBinding", inDev, "rbac.authorization.k8s.io", "ClusterRole", "ClusterRole/r"},
		{"Role of its namespace", inDev, "rbac.authorization.k8s.io", "Role", "Role/dev/r"},
		{"Role of another namespace", inProd, "rbac.authorization.k8s.io", "Role", ""},
		{"Role by a ClusterRoleBinding", inCluster, "rbac.authorization.k8s.io", "Role", ""},
		{"ClusterRole by a ClusterRoleBinding", inCluster, "rbac.authorization.k8s.io", "ClusterRole", "ClusterRole/r"},
		{"kind in wrong case", inCluster, "rbac.authorization.k8s.io", "clusterrole", ""},
		{"no kind", inCluster, "rbac.authorization.k8s.io", `""`, ""},
		{"apiGroup is not looked at", inCluster, "example.org", "ClusterRole", "ClusterRole/r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := indexOf(t, replace(objects, "%BINDING%", tt.binding, "%GROUP%", tt.group, "%KIND%", tt.kind))
			got := ""
			if role := x.Bindings()[0].Role; role != nil {
				got = objectName(role.Kind, role.Namespace, role.Name)
			}
			if got != tt.want {
				t.Errorf("the binding finds %q, want %q", got, tt.want)
			}
		})
	}
}
