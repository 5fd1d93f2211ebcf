package snapshot

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// dropTemplates removes the values of Secrets that custom resources make:
// what they would write, and what stands in for a vault.
func dropTemplates(obj *unstructured.Unstructured) {
	kind, group := obj.GetKind(), obj.GroupVersionKind().Group
	switch {
	case strings.HasSuffix(kind, "Secret"): // ExternalSecret, PushSecret, SealedSecret, …
		within(obj.Object, "template", blankTemplate)
	case strings.HasSuffix(kind, "SecretStore"):
		within(obj.Object, "fake", func(fake map[string]any) { delete(fake, "data") })
	case strings.HasSuffix(group, "kyverno.io") && mentionsSecrets(obj.Object):
		within(obj.Object, "mutate", dropPatches)
	}
}

// within calls do for every object that is the value of the field, at any
// depth.
func within(value any, field string, do func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if found, ok := v.(map[string]any); ok && key == field {
				do(found)
			}
			within(v, field, do)
		}
	case []any:
		for _, v := range value {
			within(v, field, do)
		}
	}
}

// blankTemplate empties the values of a template for a Secret. Its keys stay.
func blankTemplate(template map[string]any) {
	if data, ok := template["data"].(map[string]any); ok {
		for key := range data {
			data[key] = ""
		}
	}
	if sources, ok := template["templateFrom"].([]any); ok {
		for _, source := range sources {
			if source, ok := source.(map[string]any); ok {
				delete(source, "literal")
			}
		}
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
