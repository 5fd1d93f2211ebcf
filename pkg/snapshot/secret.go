package snapshot

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DroppedAnnotation is put on Secrets from which something was left out. Its
// value lists what there was: "data", "stringData" and "last-applied",
// separated by commas.
const DroppedAnnotation = "kubectl-secure.io/dropped"

// dropSecretValues removes what must never be in a snapshot: the values of a
// Secret, also of one that a custom resource carries, and kubectl's copy of
// the whole object in an annotation, which would keep them.
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
		if _, ok := obj.Annotations[corev1.LastAppliedConfigAnnotation]; ok {
			NoteDropped(obj, "last-applied")
		}
	case *unstructured.Unstructured:
		dropEmbedded(obj.Object)
	}
	annotations := obj.GetAnnotations()
	if _, ok := annotations[corev1.LastAppliedConfigAnnotation]; ok {
		delete(annotations, corev1.LastAppliedConfigAnnotation)
		if len(annotations) == 0 {
			annotations = nil
		}
		obj.SetAnnotations(annotations)
	}
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

// dropEmbedded removes the values of every Secret within a custom resource.
func dropEmbedded(value any) {
	switch value := value.(type) {
	case map[string]any:
		if kind, ok := value["kind"].(string); ok && strings.EqualFold(kind, "secret") {
			delete(value, "data")
			delete(value, "stringData")
		}
		if annotations, ok := value["annotations"].(map[string]any); ok {
			delete(annotations, corev1.LastAppliedConfigAnnotation)
		}
		for _, v := range value {
			dropEmbedded(v)
		}
	case []any:
		for _, v := range value {
			dropEmbedded(v)
		}
	}
}
