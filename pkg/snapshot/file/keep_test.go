package file

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestKeepAnnotation(t *testing.T) {
	tests := []struct {
		key  string
		want bool
	}{
		{"kubectl-secure.io/dropped", true},
		{"rbac.authorization.kubernetes.io/autoupdate", true},
		{"rbac.authorization.kubernetes.io/autoupdate2", false},
		{"kubernetes.io/service-account.name", true},
		{"kubernetes.io/service-account.uid", true},
		{"kubernetes.io/service-accounts", false},
		{"kubernetes.io/config.mirror", true},
		{"kubernetes.io/description", false},
		{"container.apparmor.security.beta.kubernetes.io/web", true},
		{"pod-policies.kyverno.io/autogen-controllers", true},
		{"openshift.io/scc", true},
		{"openshift.io/description", false},
		{"openshift.io/sa.scc.mcs", true},
		{"eks.amazonaws.com/role-arn", true},
		{"eks.amazonaws.com/note", false},
		{"kubectl.kubernetes.io/last-applied-configuration", false},
		{"deployment.kubernetes.io/revision", false},
		{"note", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := keepAnnotation(tt.key); got != tt.want {
			t.Errorf("%q is kept: %v", tt.key, got)
		}
	}
}

func TestRedactCustom(t *testing.T) {
	tests := []struct {
		name, apiVersion string
		want             []string // the fields that are left
	}{
		{"policy", "kyverno.io/v1", []string{"apiVersion", "kind", "metadata", "spec", "status"}},
		{"definition", "apiextensions.k8s.io/v1", []string{"apiVersion", "kind", "metadata", "spec", "status"}},
		{"members of a group", "user.openshift.io/v1", []string{"apiVersion", "kind", "metadata", "spec", "status"}},
		{"network policy", "cilium.io/v2", []string{"apiVersion", "kind", "metadata", "spec", "status"}},
		{"release with values", "helm.toolkit.fluxcd.io/v2", []string{"apiVersion", "kind", "metadata"}},
		{"application with values", "argoproj.io/v1alpha1", []string{"apiVersion", "kind", "metadata"}},
		{"group that ends like a kept one", "not-kyverno.io/v1", []string{"apiVersion", "kind", "metadata"}},
		{"version named as a kept group", "x.io/cilium.io", []string{"apiVersion", "kind", "metadata"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			obj := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": tt.apiVersion, "kind": "X", "metadata": map[string]any{"name": "x"}, "spec": "s", "status": "t",
			}}
			redactCustom(obj)
			var got []string
			for _, field := range []string{"apiVersion", "kind", "metadata", "spec", "status"} {
				if _, ok := obj.Object[field]; ok {
					got = append(got, field)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
