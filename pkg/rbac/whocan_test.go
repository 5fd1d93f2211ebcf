package rbac_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// office has a reader of pods in each of three namespaces and one of all.
const office = `
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get]}
- {apiGroups: [""], resources: [pods, "*"], verbs: [get, "*"]}
- {apiGroups: ["*"], resources: [pods], verbs: [get], resourceNames: [web]}
---
kind: Role
metadata: {name: reader, namespace: dev}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: ClusterRoleBinding
metadata: {name: everywhere}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: zoe}, {kind: Group, name: ops}, {kind: User, name: zoe}]
---
kind: RoleBinding
metadata: {name: own, namespace: dev}
roleRef: {kind: Role, name: reader}
subjects: [{kind: User, name: alice}, {kind: ServiceAccount, name: app}]
---
kind: RoleBinding
metadata: {name: shared, namespace: dev}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: alice}]
---
kind: RoleBinding
metadata: {name: own, namespace: dev-1}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: alice}]
---
kind: RoleBinding
metadata: {name: own, namespace: de}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: bob}]
---
kind: RoleBinding
metadata: {name: gone, namespace: dev}
roleRef: {kind: Role, name: none}
subjects: [{kind: User, name: mallory}]
`

func TestWhoCanInNamespace(t *testing.T) {
	tests := []struct {
		name    string
		request rbac.Request
		want    []string
	}{
		{
			"every grant, cluster-wide first", getIn("pods", "dev"), words(
				"User/alice in dev: RoleBinding/dev/own Role/dev/reader 0, RoleBinding/dev/shared ClusterRole/reader 1",
				"User/zoe in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
				"Group/ops in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
				"ServiceAccount/dev/app in dev: RoleBinding/dev/own Role/dev/reader 0",
			),
		},
		{
			"a namespace whose name begins the same is another", getIn("pods", "dev-1"), words(
				"User/alice in dev-1: RoleBinding/dev-1/own ClusterRole/reader 1",
				"User/zoe in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
				"Group/ops in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
			),
		},
		{
			"no namespace, no RoleBindings", getIn("pods", ""), words(
				"User/zoe in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
				"Group/ops in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
			),
		},
		{
			"two rules of one role", rbac.Request{Verb: "get", Resource: "pods", Name: "web", Namespace: "de"}, words(
				"User/bob in de: RoleBinding/de/own ClusterRole/reader 1, RoleBinding/de/own ClusterRole/reader 2",
				"User/zoe in *: ClusterRoleBinding/everywhere ClusterRole/reader 1, ClusterRoleBinding/everywhere ClusterRole/reader 2",
				"Group/ops in *: ClusterRoleBinding/everywhere ClusterRole/reader 1, ClusterRoleBinding/everywhere ClusterRole/reader 2",
			),
		},
		{"nobody", rbac.Request{Verb: "get", APIGroup: "batch", Resource: "jobs", Namespace: "dev"}, words()},
	}
	x := indexOf(t, office)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == nil {
				want = []string{}
			}
			if diff := cmp.Diff(want, grantLines(x.WhoCan(tt.request, false))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhoCanAnywhere(t *testing.T) {
	x := indexOf(t, office)
	want := words(
		"User/alice in dev: RoleBinding/dev/own Role/dev/reader 0, RoleBinding/dev/shared ClusterRole/reader 1",
		"User/alice in dev-1: RoleBinding/dev-1/own ClusterRole/reader 1",
		"User/bob in de: RoleBinding/de/own ClusterRole/reader 1",
		"User/zoe in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
		"Group/ops in *: ClusterRoleBinding/everywhere ClusterRole/reader 1",
		"ServiceAccount/dev/app in dev: RoleBinding/dev/own Role/dev/reader 0",
	)
	if diff := cmp.Diff(want, grantLines(x.WhoCan(getIn("pods", ""), true))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want, grantLines(x.WhoCan(getIn("pods", "dev"), true))); diff != "" {
		t.Errorf("the namespace of the request is not looked at:\n%s", diff)
	}
}

// TestWhoCanURLAnywhere: a RoleBinding never grants a URL.
func TestWhoCanURLAnywhere(t *testing.T) {
	x := indexOf(t, `
kind: ClusterRole
metadata: {name: urls}
rules: [{nonResourceURLs: ["*"], verbs: ["*"]}]
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: ClusterRole, name: urls}
subjects: [{kind: User, name: alice}]
---
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: urls}
subjects: [{kind: User, name: bob}]
`)
	want := words("User/bob in *: ClusterRoleBinding/b ClusterRole/urls 0")
	for _, anywhere := range []bool{false, true} {
		for _, namespace := range []string{"", "dev"} {
			got := grantLines(x.WhoCan(rbac.Request{Verb: "get", Path: "/metrics", Namespace: namespace}, anywhere))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("anywhere %t, namespace %q (-want +got):\n%s", anywhere, namespace, diff)
			}
		}
	}
}

func TestWhoCanMasters(t *testing.T) {
	request := getIn("pods", "dev")
	t.Run("without any binding", func(t *testing.T) {
		want := words("Group/system:masters in *: builtin")
		if diff := cmp.Diff(want, scopeLines(indexOf(t, "").WhoCan(request, false))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	const bound = `
kind: ClusterRole
metadata: {name: all}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
kind: ClusterRoleBinding
metadata: {name: cluster-admin}
roleRef: {kind: ClusterRole, name: all}
subjects: [{kind: Group, name: "system:masters"}]
---
kind: RoleBinding
metadata: {name: b, namespace: dev}
roleRef: {kind: ClusterRole, name: all}
subjects: [{kind: User, name: root}, {kind: ServiceAccount, name: app}]
`
	t.Run("a binding adds nothing to it", func(t *testing.T) {
		got := scopeLines(indexOf(t, bound).WhoCan(request, false))
		if !slices.Contains(got, "Group/system:masters in *: builtin") || len(got) != 3 {
			t.Errorf("%q", got)
		}
	})
	t.Run("known members have its right beside their own", func(t *testing.T) {
		s := snapshotOf(t, snapshot.Info{Source: snapshot.FromFiles}, bound)
		x := rbac.NewIndex(s, rbac.Membership{"system:masters": words("root", "system:serviceaccount:x:y")})
		want := words(
			"User/root in *: builtin through system:masters",
			"User/root in dev: RoleBinding/dev/b ClusterRole/all 0",
			"ServiceAccount/dev/app in dev: RoleBinding/dev/b ClusterRole/all 0",
			"ServiceAccount/x/y in *: builtin through system:masters",
		)
		if diff := cmp.Diff(want, grantLines(x.WhoCan(request, false))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestWhoCanTwice: answers to questions asked at once are the same, byte for
// byte. Run with -race it also shows that nothing is shared unguarded.
func TestWhoCanTwice(t *testing.T) {
	x := indexOf(t, office)
	want := scopeLines(x.WhoCan(getIn("pods", ""), true))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if diff := cmp.Diff(want, scopeLines(x.WhoCan(getIn("pods", ""), true))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(want, scopeLines(indexOf(t, office).WhoCan(getIn("pods", ""), true))); diff != "" {
		t.Errorf("another index of the same input:\n%s", diff)
	}
}

func TestAccess(t *testing.T) {
	x := indexOf(t, office+`
---
kind: ServiceAccount
metadata: {name: idle, namespace: dev}
---
kind: RoleBinding
metadata: {name: all-accounts, namespace: dev}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: Group, name: "system:serviceaccounts:dev"}]
`)
	tests := map[string]struct{ clusterWide, direct bool }{
		"User/alice":                       {false, true},
		"User/zoe":                         {true, true},
		"Group/ops":                        {true, true},
		"Group/system:masters":             {true, true},
		"Group/system:serviceaccounts:dev": {false, true},
		"ServiceAccount/dev/app":           {false, true}, // both directly and through the group
		"ServiceAccount/dev/idle":          {false, false},
	}
	answer := x.WhoCan(getIn("pods", "dev"), false)
	if len(answer) != len(tests) {
		t.Errorf("%d entries, want %d: %q", len(answer), len(tests), scopeLines(answer))
	}
	for _, access := range answer {
		want, ok := tests[access.Subject.String()]
		if !ok || (access.Scopes[0].Namespace == "") != want.clusterWide || access.Direct() != want.direct {
			t.Errorf("%s: cluster-wide %t, direct %t, want %+v", access.Subject, access.Scopes[0].Namespace == "", access.Direct(), want)
		}
	}
}
