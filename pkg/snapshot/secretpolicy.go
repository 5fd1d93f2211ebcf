package snapshot

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// dropFromPolicy removes what a policy of Kyverno about Secrets writes.
func dropFromPolicy(obj *unstructured.Unstructured) {
	if strings.HasSuffix(obj.GroupVersionKind().Group, "kyverno.io") && mentionsSecrets(obj.Object) {
		within(obj.Object, "mutate", func(mutate map[string]any) bool {
			dropPatches(mutate)
			return true
		})
	}
}

// mentionsSecrets reports whether a policy names the type Secret, as in
// "Secret", "v1/Secret" and "*/Secret".
func mentionsSecrets(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			if mentionsSecrets(v) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, mentionsSecrets)
	case string:
		return value == "Secret" || strings.HasSuffix(value, "/Secret")
	}
	return false
}

// dropPatches removes the data that a policy about Secrets writes: from
// patches, which do not repeat the kind, and patches that are text.
func dropPatches(mutate map[string]any) {
	for key, v := range mutate {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "data")
			dropPatches(v)
		case []any:
			for _, item := range v {
				if item, ok := item.(map[string]any); ok {
					delete(item, "data")
					dropPatches(item)
				}
			}
		case string:
			if strings.Contains(key, "patch") {
				mutate[key] = ""
			}
		}
	}
}
