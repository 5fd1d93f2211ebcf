package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestMerge(t *testing.T) {
	a := rbac.Membership{"devs": words("bob", "alice"), "ops": words("carol")}
	b := rbac.Membership{"devs": words("alice", "dave"), "sre": words("erin", "erin")}
	want := rbac.Membership{"devs": words("alice", "bob", "dave"), "ops": words("carol"), "sre": words("erin")}
	if diff := cmp.Diff(want, a.Merge(b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want, b.Merge(a)); diff != "" {
		t.Errorf("the other way round:\n%s", diff)
	}
	if diff := cmp.Diff(words("bob", "alice"), a["devs"]); diff != "" {
		t.Errorf("merging changed its receiver:\n%s", diff)
	}
	if got := rbac.Membership(nil).Merge(nil); got == nil || len(got) > 0 {
		t.Errorf("nothing and nothing: %#v", got)
	}
}

func TestClusterMembership(t *testing.T) {
	const awsAuth = `
kind: ConfigMap
metadata: {name: aws-auth, namespace: %NS%}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::1:role/admin
      username: admin:{{SessionName}}
      groups: [ops, "system:masters"]
    - rolearn: arn:aws:iam::1:role/nameless
      groups: [devs]
  mapUsers: |
    - userarn: arn:aws:iam::1:user/alice
      username: " alice "
      groups: [devs]
`
	const openShift = `
apiVersion: user.openshift.io/v1
kind: Group
metadata: {name: devs}
users: [bob, alice]
---
apiVersion: user.openshift.io/v1
kind: Group
metadata: {name: empty}
users: null
---
apiVersion: example.org/v1
kind: Group
metadata: {name: devs}
users: [mallory]
`
	fromAWS := rbac.Membership{
		"ops":            words("admin:{{SessionName}}"),
		"system:masters": words("admin:{{SessionName}}"),
		"devs":           words("alice", "arn:aws:iam::1:role/nameless"),
	}
	tests := []struct {
		name, objects string
		want          rbac.Membership
		warnings      []string
	}{
		{"nothing", "", rbac.Membership{}, nil},
		{"aws-auth", replace(awsAuth, "%NS%", "kube-system"), fromAWS, nil},
		{"aws-auth of another namespace is none", replace(awsAuth, "%NS%", "dev"), rbac.Membership{}, nil},
		{"OpenShift", openShift, rbac.Membership{"devs": words("alice", "bob"), "empty": nil}, nil},
		{
			"both", replace(awsAuth, "%NS%", "kube-system") + "\n---\n" + openShift, rbac.Membership{
				"ops": fromAWS["ops"], "system:masters": fromAWS["system:masters"],
				"devs": words("alice", "arn:aws:iam::1:role/nameless", "bob"), "empty": nil,
			}, nil,
		},
		{
			"one key that is no list", `
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: "{not: a list}"
  mapUsers: "[{userarn: arn:x, groups: [devs]}]"
`, rbac.Membership{"devs": words("arn:x")}, words("ConfigMap kube-system/aws-auth: mapRoles is not a list of identities"),
		},
		{
			"no YAML at all", `
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data: {mapUsers: "\t:"}
`, rbac.Membership{}, words("ConfigMap kube-system/aws-auth: mapUsers is not a list of identities"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, warnings := rbac.ClusterMembership(snapshotOf(t, snapshot.Info{Source: snapshot.FromServer}, tt.objects))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilledByKubernetes(t *testing.T) {
	tests := map[string][2]bool{ // filled, wholly
		"system:serviceaccounts":     {true, true},
		"system:serviceaccounts:dev": {true, true},
		"system:authenticated":       {true, false},
		"system:unauthenticated":     {true, false},
		"system:masters":             {true, false},
		"system:nodes":               {true, false},
		"system:serviceaccountsx":    {false, false},
		"system:monitoring":          {false, false},
		"oidc:devs":                  {false, false},
	}
	for group, want := range tests {
		filled, wholly := rbac.FilledByKubernetes(group)
		if got := [2]bool{filled, wholly}; got != want {
			t.Errorf("%s: %v, want %v", group, got, want)
		}
	}
}
