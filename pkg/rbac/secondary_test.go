package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestSecondChecks(t *testing.T) {
	exec := rbac.Request{Verb: "get", Resource: "pods", Subresource: "exec", Name: "web", Namespace: "dev"}
	const known = "since Kubernetes 1.35 the API server also asks for create"
	const unknown = "servers since Kubernetes 1.35 also ask for create (name yours with --server-version)"
	change := func(f func(*rbac.Request)) rbac.Request {
		r := exec
		f(&r)
		return r
	}
	tests := []struct {
		name, version, reason string // reason "" means no second check
		request               rbac.Request
	}{
		{"since 1.35", "v1.35.0", known, exec},
		{"later", "v1.37.2", known, exec},
		{"a vendor's version", "v1.36.1-eks-5e0fdde", known, exec},
		{"without a v", "1.36", known, exec},
		{"minor with a plus", "v1.36+", known, exec},
		{"before", "v1.34.9", "", exec},
		{"long before", "v1.9.0", "", exec},
		{"version not known", "", unknown, exec},
		{"version not understood", "latest", unknown, exec},
		{"attach", "v1.36.0", known, change(func(r *rbac.Request) { r.Subresource = "attach" })},
		{"portforward", "v1.36.0", known, change(func(r *rbac.Request) { r.Subresource = "portforward" })},
		{"create is the check itself", "v1.36.0", "", change(func(r *rbac.Request) { r.Verb = "create" })},
		{"log opens no stream", "v1.36.0", "", change(func(r *rbac.Request) { r.Subresource = "log" })},
		{"the pod itself", "v1.36.0", "", change(func(r *rbac.Request) { r.Subresource = "" })},
		{"pods of another group", "v1.36.0", "", change(func(r *rbac.Request) { r.APIGroup = "metrics.k8s.io" })},
		{"exec of another type", "v1.36.0", "", change(func(r *rbac.Request) { r.Resource = "virtualmachines" })},
		{"URL", "v1.36.0", "", rbac.Request{Verb: "get", Path: "/metrics"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []rbac.SecondCheck
			if tt.reason != "" {
				second := tt.request
				second.Verb = "create"
				want = []rbac.SecondCheck{{Request: second, Reason: tt.reason}}
			}
			if diff := cmp.Diff(want, rbac.SecondChecks(tt.request, tt.version)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSecondNotes(t *testing.T) {
	x := indexOf(t, `
kind: ClusterRole
metadata: {name: get}
rules: [{apiGroups: [""], resources: [pods/exec], verbs: [get]}]
---
kind: ClusterRole
metadata: {name: both}
rules: [{apiGroups: [""], resources: [pods/exec], verbs: [get, create]}]
---
kind: ClusterRoleBinding
metadata: {name: only-get}
roleRef: {kind: ClusterRole, name: get}
subjects: [{kind: User, name: a-none}, {kind: User, name: c-everywhere}]
---
kind: ClusterRoleBinding
metadata: {name: both}
roleRef: {kind: ClusterRole, name: both}
subjects: [{kind: User, name: c-everywhere}]
---
kind: RoleBinding
metadata: {name: get, namespace: dev}
roleRef: {kind: ClusterRole, name: get}
subjects: [{kind: User, name: b-partly}]
---
kind: RoleBinding
metadata: {name: both, namespace: prod}
roleRef: {kind: ClusterRole, name: both}
subjects: [{kind: User, name: b-partly}]
`)
	request := rbac.Request{Verb: "get", Resource: "pods", Subresource: "exec"}
	answer := x.WhoCan(request, true)
	const reason = "since Kubernetes 1.35 the API server also asks for create"
	want := map[string][]string{
		"User/a-none":   words("may not create pods/exec: " + reason),
		"User/b-partly": words("may not create pods/exec in dev: " + reason),
	}
	rows, general := x.SecondNotes(answer, rbac.SecondChecks(request, "v1.36.0"), true)
	got := map[string][]string{}
	for i, notes := range rows {
		got[answer[i].Subject.String()] = notes
	}
	if diff := cmp.Diff([]string{reason + "; 2 of 4 subjects may not create pods/exec"}, general); diff != "" {
		t.Errorf("general notes, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if rows, general := x.SecondNotes(answer, nil, true); len(rows)+len(general) > 0 {
		t.Errorf("notes without checks: %v %v", rows, general)
	}
}
