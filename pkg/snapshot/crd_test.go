package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func definition(spec any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "d"}, "spec": spec,
	}}
}

func TestCustomType(t *testing.T) {
	verbs := []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	change := []string{"get", "patch", "update"}
	tests := []struct {
		name string
		spec any
		want apiresource.Resource
		ok   bool
	}{
		{
			name: "everything",
			spec: map[string]any{
				"group": "x.io", "scope": "Namespaced",
				"names": map[string]any{"plural": "things", "singular": "thing", "kind": "Thing", "shortNames": []any{"th"}, "categories": []any{"all"}},
				"versions": []any{
					map[string]any{"name": "v1alpha1", "served": false, "subresources": map[string]any{"scale": map[string]any{}}},
					map[string]any{"name": "v1", "served": true, "subresources": map[string]any{"status": map[string]any{}}},
					map[string]any{"name": "v2", "served": true, "subresources": map[string]any{"status": map[string]any{}, "scale": map[string]any{}}},
				},
			},
			want: apiresource.Resource{
				Group: "x.io", Version: "v1", Name: "things", Singular: "thing", Kind: "Thing", ShortNames: []string{"th"},
				Categories: []string{"all"}, Namespaced: true, Verbs: verbs,
				Subresources: []apiresource.Subresource{{Name: "status", Verbs: change}, {Name: "scale", Verbs: change}},
			},
			ok: true,
		},
		{
			name: "cluster-scoped",
			spec: map[string]any{"group": "x.io", "scope": "Cluster", "names": map[string]any{"plural": "things"}},
			want: apiresource.Resource{Group: "x.io", Name: "things", Verbs: verbs},
			ok:   true,
		},
		{name: "no group", spec: map[string]any{"names": map[string]any{"plural": "things"}}},
		{name: "no plural", spec: map[string]any{"group": "x.io"}},
		{name: "no spec", spec: nil},
		{name: "spec of the wrong type", spec: "x"},
		{
			name: "parts of the wrong type",
			spec: map[string]any{"group": "x.io", "names": map[string]any{"plural": "ts", "shortNames": "t"}, "versions": []any{"v1", map[string]any{"name": int64(1), "subresources": "x"}}},
			want: apiresource.Resource{Group: "x.io", Name: "ts", Namespaced: true, Verbs: verbs},
			ok:   true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := snapshot.CustomType(definition(tt.spec))
			if ok != tt.ok {
				t.Fatalf("ok %v, want %v", ok, tt.ok)
			}
			if diff := cmp.Diff(tt.want, got); ok && diff != "" {
				t.Errorf("type (-want +got):\n%s", diff)
			}
		})
	}
}
