package snapshot

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// CustomResourceDefinitionKind is the group and kind under which EachCustom
// yields custom resource definitions: they are kept unstructured.
func CustomResourceDefinitionKind() schema.GroupKind {
	return schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}
}

// CustomTypes returns the API types that the snapshot's custom resource
// definitions define. A malformed definition defines none.
func (s *Snapshot) CustomTypes() []apiresource.Resource {
	var types []apiresource.Resource
	for crd := range s.EachCustom(CustomResourceDefinitionKind()) {
		if r, ok := CustomType(crd); ok {
			types = append(types, r)
		}
	}
	return types
}

// CustomType returns the API type that a custom resource definition defines,
// in its first served version. A definition without group or plural defines
// none.
func CustomType(definition *unstructured.Unstructured) (apiresource.Resource, bool) {
	crd := definition.Object
	text := func(path ...string) string {
		s, _, _ := unstructured.NestedString(crd, path...)
		return s
	}
	r := apiresource.Resource{
		Group:      text("spec", "group"),
		Name:       text("spec", "names", "plural"),
		Singular:   text("spec", "names", "singular"),
		Kind:       text("spec", "names", "kind"),
		Namespaced: text("spec", "scope") != "Cluster",
		Verbs:      []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"},
	}
	r.ShortNames, _, _ = unstructured.NestedStringSlice(crd, "spec", "names", "shortNames")
	r.Categories, _, _ = unstructured.NestedStringSlice(crd, "spec", "names", "categories")
	versions, _, _ := unstructured.NestedSlice(crd, "spec", "versions")
	for _, v := range versions {
		version, ok := v.(map[string]any)
		if !ok || version["served"] == false {
			continue
		}
		if name, ok := version["name"].(string); ok && r.Version == "" {
			r.Version = name
		}
		subresources, _, _ := unstructured.NestedMap(version, "subresources")
		for _, name := range []string{"scale", "status"} {
			if _, ok := subresources[name]; ok && !r.HasSubresource(name) {
				r.Subresources = append(r.Subresources, apiresource.Subresource{Name: name, Verbs: []string{"get", "patch", "update"}})
			}
		}
	}
	return r, r.Group != "" && r.Name != ""
}
