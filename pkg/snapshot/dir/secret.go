package dir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// isSecret reports whether the type is the one that holds secret values.
func isSecret(gvk schema.GroupVersionKind) bool {
	return gvk.Group == corev1.GroupName && gvk.Kind == "Secret"
}

// decodeSecret decodes a Secret without ever decoding its values. Error texts
// of the decoder quote values, so none of them is passed on.
func decodeSecret(r *record, obj snapshot.Object, gvk schema.GroupVersionKind, text []byte) {
	kept, dropped, err := withoutFields(text, "data", "stringData")
	if err != nil {
		r.fail(gvk.GroupKind(), err)
		return
	}
	if kjson.UnmarshalCaseSensitivePreserveInts(kept, obj) != nil {
		r.fail(gvk.GroupKind(), fmt.Errorf("%w, or is not valid JSON", errWrongType))
		return
	}
	for _, part := range dropped {
		snapshot.NoteDropped(obj, part)
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	r.object = obj
}

// withoutFields returns the JSON object without some of its fields, and which
// of them it had (not empty or null), each once and in the order given.
func withoutFields(text []byte, drop ...string) (kept []byte, had []string, err error) {
	s := scanner{text: text}
	found := map[string]bool{}
	kept = append(kept, '{')
	err = s.fields(func(key string) error {
		begin := s.pos
		if err := s.value(); err != nil {
			return err
		}
		value := s.text[begin:s.pos]
		if slices.Contains(drop, key) {
			found[key] = found[key] || !isEmptyJSON(value)
			return nil
		}
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(append(append(kept, name...), ':'), value...)
		return nil
	})
	for _, name := range drop {
		if found[name] {
			had = append(had, name)
		}
	}
	return append(kept, '}'), had, err
}

func isEmptyJSON(value []byte) bool {
	return bytes.Equal(value, []byte("null")) || len(value) >= 2 && value[0] == '{' && len(bytes.TrimSpace(value[1:len(value)-1])) == 0
}
