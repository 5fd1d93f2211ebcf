package snapshot

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DroppedAnnotation is put on Secrets from which something was left out. Its
// value lists what there was: "data", "stringData", "last-applied" and
// "annotations" (copies that other tools keep), separated by commas.
const DroppedAnnotation = "kubectl-secure.io/dropped"

// dropSecretValues removes what must never be in a snapshot: the values of a
// Secret, also of one that something else carries, and the copies of the
// whole object in annotations, which would keep them.
func dropSecretValues(obj Object) {
	switch obj := obj.(type) {
	case *corev1.Secret:
		if len(obj.Data) > 0 {
			NoteDropped(obj, "data")
		}
		if len(obj.StringData) > 0 {
			NoteDropped(obj, "stringData")
		}
		obj.Data, obj.StringData = nil, nil
	case *corev1.ConfigMap:
		for key, text := range obj.Data {
			if HoldsSecret(text) {
				obj.Data[key] = ""
			}
		}
		for key, content := range obj.BinaryData {
			if HoldsSecret(string(content)) {
				obj.BinaryData[key] = []byte{}
			}
		}
	case *unstructured.Unstructured:
		dropEmbedded(obj.Object)
		dropTemplates(obj)
	}
	dropFromAnnotations(obj)
}

// NoteDropped records in DroppedAnnotation that a part of a Secret was there
// and was left out.
func NoteDropped(secret Object, part string) {
	annotations := secret.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	var parts []string
	if noted := annotations[DroppedAnnotation]; noted != "" {
		parts = strings.Split(noted, ",")
	}
	if !slices.Contains(parts, part) {
		annotations[DroppedAnnotation] = strings.Join(append(parts, part), ",")
		secret.SetAnnotations(annotations)
	}
}

// dropFromAnnotations removes the annotations that hold a copy of a Secret. On
// a Secret itself those are all that hold an object or something compressed:
// deployment tools keep what they applied in annotations of many names.
func dropFromAnnotations(obj Object) {
	annotations := obj.GetAnnotations()
	secret, isSecret := obj.(*corev1.Secret)
	dropped := false
	for key, text := range annotations {
		switch {
		case key == corev1.LastAppliedConfigAnnotation:
			if isSecret {
				NoteDropped(secret, "last-applied")
			}
		case HoldsSecret(text), isSecret && (strings.HasPrefix(strings.TrimSpace(text), "{") || isCompressed(text)):
			if isSecret {
				NoteDropped(secret, "annotations")
			}
		default:
			continue
		}
		delete(annotations, key)
		dropped = true
	}
	if !dropped {
		return
	}
	if len(annotations) == 0 {
		annotations = nil
	}
	obj.SetAnnotations(annotations)
}

// dropEmbedded removes the values of every Secret within a custom resource:
// also of one without a kind, as in a patch, and of one that is written as
// text.
func dropEmbedded(value any) any {
	switch value := value.(type) {
	case map[string]any:
		switch kind, _ := value["kind"].(string); strings.ToLower(kind) {
		case "secret":
			delete(value, "data")
		case "secretlist":
			delete(value, "items")
		}
		delete(value, "stringData") // no type but Secret has it
		if annotations, ok := value["annotations"].(map[string]any); ok {
			delete(annotations, corev1.LastAppliedConfigAnnotation)
		}
		for key, v := range value {
			value[key] = dropEmbedded(v)
		}
	case []any:
		for i, v := range value {
			value[i] = dropEmbedded(v)
		}
	case string:
		if HoldsSecret(value) {
			return ""
		}
	}
	return value
}
