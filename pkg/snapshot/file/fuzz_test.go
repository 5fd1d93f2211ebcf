package file

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Whatever a custom resource holds where something else is expected, redacting
// it does not panic, and redacting it again changes nothing.
func FuzzRedact(f *testing.F) {
	r, err := NewRedactor()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"metadata":{"name":"a","labels":{"a":null},"annotations":{"a":1},"ownerReferences":[null,{"a":1}]},"spec":{"provider":{"a":[[{"name":"x"}]]},"rules":[{"match":null}],"parameters":[1],"conversion":{"webhook":{"clientConfig":{"caBundle":1,"url":["x"]}}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for kind := range r.kinds {
			var content map[string]any
			if json.Unmarshal(text, &content) != nil || content == nil {
				return
			}
			obj := &unstructured.Unstructured{Object: content}
			r.redact(obj, kind)
			once := obj.DeepCopy()
			r.redact(obj, kind)
			if !equality.Semantic.DeepEqual(once, obj) {
				t.Errorf("%s %s\nonce:  %v\ntwice: %v", kind, text, once, obj)
			}
		}
	})
}
