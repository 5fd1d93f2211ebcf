package snapshot

import (
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// dropEmbedded removes the values of every Secret within a custom resource:
// also of one without a kind, as in a patch, and of one that is written as
// text.
func dropEmbedded(value any) {
	(&search{unpack: maxUnpacked, layers: maxLayers}).drop(value)
}

// drop returns the value without those of Secrets, and whether it had any.
// Objects and lists are changed in place.
func (s *search) drop(value any) (left any, found bool) {
	switch value := value.(type) {
	case map[string]any:
		found = s.dropFromObject(value)
	case map[any]any: // as YAML can be
		for key, v := range value {
			left, has := s.drop(v)
			value[key], found = left, found || has
		}
	case []any:
		for i, v := range value {
			left, has := s.drop(v)
			value[i], found = left, found || has
		}
	case string:
		if s.holds(value) {
			return "", true
		}
	}
	return value, found
}

func (s *search) dropFromObject(object map[string]any) (found bool) {
	kind, _ := object["kind"].(string)
	switch strings.ToLower(kind) {
	case "secret":
		found = remove(object, "data")
		found = remove(object, "binaryData") || found // which it does not have; somebody may believe so
	case "secretlist":
		found = remove(object, "items")
	default:
		found = dropTemplates(object, kind)
	}
	found = remove(object, "stringData") || found // no type but Secret has it
	found = dropGenerated(object) || found
	found = dropPatch(object) || found
	if annotations, ok := object["annotations"].(map[string]any); ok {
		text, _ := annotations[corev1.LastAppliedConfigAnnotation].(string)
		found = s.holds(text) || found
		delete(annotations, corev1.LastAppliedConfigAnnotation)
	}
	for key, v := range object {
		left, has := s.drop(v)
		object[key], found = left, found || has
	}
	return found
}

// dropGenerated removes the literals from which kustomize makes Secrets.
func dropGenerated(object map[string]any) (found bool) {
	generators, _ := object["secretGenerator"].([]any)
	for _, generator := range generators {
		if generator, ok := generator.(map[string]any); ok {
			found = remove(generator, "literals") || found
		}
	}
	return found
}

// dropPatch removes what patches write into Secrets: a JSON patch, which has
// paths, and one of kustomize, which names its target. A target without a kind
// can be a Secret; a kind is a regular expression.
func dropPatch(object map[string]any) (found bool) {
	if path, _ := object["path"].(string); strings.HasPrefix(path, "/stringData") {
		found = remove(object, "value")
	}
	target, ok := object["target"].(map[string]any)
	if !ok {
		return found
	}
	kind, _ := target["kind"].(string)
	if pattern, err := regexp.Compile("^(?:" + kind + ")$"); kind != "" && err == nil && !pattern.MatchString("Secret") {
		return found
	}
	switch patch := object["patch"].(type) {
	case string:
		if kind != "" && patch != "" || secretData.MatchString(patch) {
			object["patch"], found = "", true
		}
	case []any:
		for _, operation := range patch {
			operation, _ := operation.(map[string]any)
			path, _ := operation["path"].(string)
			if path = strings.Trim(path, "/"); path == "" || path == "data" || strings.HasPrefix(path, "data/") {
				found = remove(operation, "value") || found
			}
		}
	}
	return found
}
