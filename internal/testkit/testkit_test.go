package testkit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
)

func TestRBACBuilders(t *testing.T) {
	role := testkit.Role("shop", "reader", testkit.Rule("get,list", "", "pods", "web"), testkit.URLRule("get", "/healthz,/livez"))
	want := []rbacv1.PolicyRule{
		{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"web"}},
		{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz", "/livez"}},
	}
	if diff := cmp.Diff(want, role.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	binding := testkit.RoleBinding("shop", "readers", "ClusterRole/view", testkit.User("alice"), testkit.Group("ops"), testkit.SA("ci", "bot"))
	if want := (rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "view"}); binding.RoleRef != want {
		t.Errorf("roleRef = %v, want %v", binding.RoleRef, want)
	}
	wantSubjects := []rbacv1.Subject{
		{Kind: "User", APIGroup: "rbac.authorization.k8s.io", Name: "alice"},
		{Kind: "Group", APIGroup: "rbac.authorization.k8s.io", Name: "ops"},
		{Kind: "ServiceAccount", Namespace: "ci", Name: "bot"},
	}
	if diff := cmp.Diff(wantSubjects, binding.Subjects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

func TestPodsRunAsDefault(t *testing.T) {
	if got := testkit.Pod("shop", "web", "").Spec.ServiceAccountName; got != "default" {
		t.Errorf("service account = %q, want default", got)
	}
}
