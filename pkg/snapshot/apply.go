package snapshot

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kjson "sigs.k8s.io/json"
)

// merge returns what "kubectl apply" (on the client's side) would make of a
// stored object: fields of the file are set, those that kubectl applied last
// and that the file lacks are removed, all others stay. How lists merge is
// said by the tags of the Go type; those of RBAC types are replaced.
// Source: k8s.io/kubectl v0.37 pkg/cmd/apply/patcher.go.
func merge(info Info, stored, file entry) (merged entry, note string, err error) {
	old, isCustom := stored.obj.(*unstructured.Unstructured)
	if isCustom && old.GetAPIVersion() != file.obj.(*unstructured.Unstructured).GetAPIVersion() {
		return file, "", nil // only the server can convert the stored one
	}
	merged = entry{origin: file.origin, text: file.text}
	fields, err := manifest(file)
	if err == nil {
		merged.obj, err = patched(stored, file, fields)
	}
	if err != nil && !isCustom {
		// The server ignores fields that the type does not have, which the
		// merge does not know what to do with.
		if fields, err = encode(file.obj); err == nil {
			merged.obj, err = patched(stored, file, fields)
		}
	}
	if err != nil {
		return merged, "", &ApplyError{Ref: refOf(file.obj), Err: err}
	}
	if !sameRoleRef(stored.obj, merged.obj) {
		return merged, "", &RoleRefError{Ref: refOf(file.obj)}
	}
	if _, isSecret := merged.obj.(*corev1.Secret); !isSecret {
		text, err := json.Marshal(fields)
		if err != nil {
			return merged, "", &ApplyError{Ref: refOf(file.obj), Err: err}
		}
		if !HoldsSecret(string(text)) {
			merged.applied = string(text)
		}
	}
	return merged, keptNote(info, stored, merged.obj, fields), nil
}

// patched applies the patch that kubectl would send.
func patched(stored, file entry, fields map[string]any) (Object, error) {
	modified, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var merged Object
	if custom, ok := stored.obj.(*unstructured.Unstructured); ok {
		merged, err = patchCustom(custom, []byte(stored.applied), modified)
	} else {
		merged, err = patchTyped(stored.obj, []byte(stored.applied), modified)
	}
	if err != nil {
		return nil, err
	}
	merged.SetName(file.obj.GetName())
	merged.SetNamespace(file.obj.GetNamespace()) // the file may leave it out
	merged.GetObjectKind().SetGroupVersionKind(file.obj.GetObjectKind().GroupVersionKind())
	if secret, ok := merged.(*corev1.Secret); ok {
		for part := range strings.SplitSeq(stored.obj.GetAnnotations()[DroppedAnnotation], ",") {
			if part != "" {
				NoteDropped(secret, part)
			}
		}
	}
	dropSecretValues(merged) // what the text of the file has of one
	return merged, nil
}

func patchTyped(stored Object, original, modified []byte) (Object, error) {
	current, err := json.Marshal(stored)
	if err != nil {
		return nil, err
	}
	schema, err := strategicpatch.NewPatchMetaFromStruct(stored)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, modified, current, schema, true)
	if err != nil {
		return nil, err
	}
	text, err := strategicpatch.StrategicMergePatchUsingLookupPatchMeta(current, patch, schema)
	if err != nil {
		return nil, err
	}
	merged := reflect.New(reflect.TypeOf(stored).Elem()).Interface().(Object)
	return merged, kjson.UnmarshalCaseSensitivePreserveInts(text, merged)
}

func patchCustom(stored *unstructured.Unstructured, original, modified []byte) (Object, error) {
	current, err := json.Marshal(stored.Object)
	if err != nil {
		return nil, err
	}
	text, err := jsonmergepatch.CreateThreeWayJSONMergePatch(original, modified, current)
	if err != nil {
		return nil, err
	}
	var patch map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &patch); err != nil {
		return nil, err
	}
	return &unstructured.Unstructured{Object: mergeJSON(stored.DeepCopy().Object, patch)}, nil
}

// mergeJSON applies a patch by RFC 7386: null removes, objects merge,
// everything else is replaced.
func mergeJSON(into, patch map[string]any) map[string]any {
	for key, value := range patch {
		inner, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isObject:
			old, _ := into[key].(map[string]any)
			if old == nil {
				old = map[string]any{}
			}
			into[key] = mergeJSON(old, inner)
		default:
			into[key] = value
		}
	}
	return into
}

// manifest returns the fields that kubectl would apply.
func manifest(file entry) (map[string]any, error) {
	if file.text == "" {
		return encode(file.obj)
	}
	var fields map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts([]byte(file.text), &fields); err != nil {
		return nil, err
	}
	metadata, _ := fields["metadata"].(map[string]any)
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		delete(annotations, corev1.LastAppliedConfigAnnotation) // kubectl writes its own
	}
	return fields, nil
}

// encode returns the fields of an object of which there is no text. Go types
// do not tell null from absent: it is taken for absent.
func encode(obj Object) (map[string]any, error) {
	text, err := json.Marshal(obj)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &fields); err != nil {
		return nil, err
	}
	for key, value := range fields {
		if value == nil {
			delete(fields, key)
		}
	}
	return fields, nil
}

// lastApplied returns what kubectl noted that it applied. Of a Secret it would
// hold the values.
func lastApplied(obj Object) string {
	if _, isSecret := obj.(*corev1.Secret); isSecret {
		return ""
	}
	text := obj.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	if HoldsSecret(text) {
		return ""
	}
	return text
}

// ApplyError says that an object cannot be merged with the stored one.
type ApplyError struct {
	Ref Ref
	Err error
}

// Error names the object. The error itself may quote what the object holds.
func (e *ApplyError) Error() string {
	return fmt.Sprintf("%s cannot be merged with the one that exists as kubectl apply does", e.Ref)
}

// Unwrap returns why.
func (e *ApplyError) Unwrap() error { return e.Err }
