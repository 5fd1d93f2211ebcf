package dir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// decodeTyped decodes an object of a built-in type as the API server does:
// field names are case-sensitive, unknown fields are ignored.
func decodeTyped(r *record, gvk schema.GroupVersionKind, text []byte) {
	if obj := decodePlain(gvk, text); obj != nil {
		obj.GetObjectKind().SetGroupVersionKind(gvk)
		r.object = obj
		return
	}
	created, err := scheme.Scheme.New(gvk)
	if err != nil {
		r.fail(gvk.GroupKind(), err)
		return
	}
	obj, ok := created.(snapshot.Object)
	if !ok {
		r.fail(gvk.GroupKind(), errors.New("no object that a cluster stores"))
		return
	}
	if isSecret(gvk) {
		decodeSecret(r, obj, gvk, text)
		return
	}
	var strict []error
	if isStrict(gvk) {
		strict, err = kjson.UnmarshalStrict(text, obj)
	} else {
		err = kjson.UnmarshalCaseSensitivePreserveInts(text, obj)
	}
	if err != nil {
		r.failJSON(gvk.GroupKind(), text, err)
		return
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	r.object = obj
	for _, err := range strict {
		r.warn("%s/%s: %v: the API server ignores or refuses it", gvk.Kind, obj.GetName(), err)
	}
}

// isStrict reports whether unknown fields are worth a warning: in rules that
// decide about access a misspelt field silently changes the meaning.
func isStrict(gvk schema.GroupVersionKind) bool {
	return gvk.Group == rbacv1.GroupName || gvk.Group == networkingv1.GroupName && gvk.Kind == "NetworkPolicy"
}

// decodeCustom decodes an object of any other type.
func decodeCustom(r *record, gvk schema.GroupVersionKind, text []byte) {
	var content map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &content); err != nil {
		r.failJSON(gvk.GroupKind(), text, err)
		return
	}
	metadata, ok := content["metadata"]
	if !ok {
		// Configuration of some program in the Kubernetes style.
		r.skipped = true
		return
	}
	if err := checkMetadata(metadata); err != nil {
		r.fail(gvk.GroupKind(), err)
		return
	}
	obj := &unstructured.Unstructured{Object: content}
	obj.SetGroupVersionKind(gvk)
	r.object = obj
}

// checkMetadata finds values of wrong types in a custom resource's metadata;
// unquoted YAML names such as n, on and 1 are not strings. The getters of
// unstructured objects would take them for missing.
func checkMetadata(metadata any) error {
	fields, ok := metadata.(map[string]any)
	if !ok {
		return fmt.Errorf("%w: metadata", errWrongType)
	}
	for _, name := range []string{"name", "namespace", "generateName"} {
		if _, ok := fields[name].(string); !ok && fields[name] != nil {
			return fmt.Errorf("%w: metadata.%s", errWrongType, name)
		}
	}
	for _, name := range []string{"labels", "annotations"} {
		values, ok := fields[name].(map[string]any)
		if !ok && fields[name] != nil {
			return fmt.Errorf("%w: metadata.%s", errWrongType, name)
		}
		for _, value := range values {
			if _, ok := value.(string); !ok {
				return fmt.Errorf("%w: metadata.%s", errWrongType, name)
			}
		}
	}
	return nil
}

// finishObject does what all types have in common.
func finishObject(r *record, gvk schema.GroupVersionKind) {
	obj := r.object
	if obj.GetName() == "" {
		if obj.GetGenerateName() == "" {
			r.object = nil
			r.fail(gvk.GroupKind(), errNoName)
			return
		}
		// The server makes a new name at each creation. The place in the
		// input stands for it: it is unique, and no server makes such names.
		obj.SetName(fmt.Sprintf("%s<%s>", obj.GetGenerateName(), r.origin))
		r.warn("%s: it has only generateName, so that each creation makes another one; it is called %s here", gvk.Kind, obj.GetName())
	}
	for _, words := range refusals(obj) {
		r.warn("%s/%s: the API server would refuse this: %s", gvk.Kind, obj.GetName(), words)
	}
}

// failJSON records a decoding error without the decoder's Go type names.
func (r *record) failJSON(kind schema.GroupKind, text []byte, err error) {
	r.fail(kind, err)
	if isSyntax, offset := kjson.SyntaxErrorOffset(err); isSyntax {
		r.gap.err = fmt.Errorf("%w: %w", errNotJSON, err)
		if mayHoldSecret(text) {
			r.gap.err = errNotJSON
		}
		offset = min(max(offset, 0), int64(len(text)))
		r.gap.line = r.origin.Line + bytes.Count(text[:offset], []byte{'\n'})
		return
	}
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		r.gap.err = fmt.Errorf("%w: %s", errWrongType, wrongType.Field)
	}
}

// checkJSON says what is wrong with a text that nothing else decodes.
func checkJSON(text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return errNotJSON
	}
	return nil
}

// nameOf returns metadata.name of an object that is not decoded yet.
func nameOf(text []byte) string {
	var partial struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	_ = kjson.UnmarshalCaseSensitivePreserveInts(text, &partial) // a broken object has no name
	return partial.Metadata.Name
}
