package live

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// decodeList returns the stripped objects of a page and the token of the next
// one, "" after the last.
func (k kind) decodeList(answer rest.Result) (objects []snapshot.Object, next string, err error) {
	var page list
	if k.newList == nil {
		custom := &unstructured.UnstructuredList{}
		if err := decodeJSON(answer, custom); err != nil {
			return nil, "", err
		}
		page = custom
	} else {
		page = k.newList()
		if err := answer.Into(page); err != nil {
			return nil, "", err
		}
	}
	objects = make([]snapshot.Object, 0, meta.LenList(page))
	err = meta.EachListItem(page, func(item runtime.Object) error {
		obj, err := clean(item.(snapshot.Object))
		objects = append(objects, obj)
		return err
	})
	return objects, page.GetContinue(), err
}

// decodeObject returns one stripped object.
func (k kind) decodeObject(answer rest.Result) (snapshot.Object, error) {
	if k.newObject == nil {
		custom := &unstructured.Unstructured{}
		if err := decodeJSON(answer, custom); err != nil {
			return nil, err
		}
		return clean(custom)
	}
	obj := k.newObject()
	if err := answer.Into(obj); err != nil {
		return nil, err
	}
	obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return clean(obj)
}

func decodeJSON(answer rest.Result, into interface{ UnmarshalJSON([]byte) error }) error {
	body, err := answer.Raw()
	if err != nil {
		return err
	}
	return into.UnmarshalJSON(body)
}

// clean brings an object of the server into the form in which snapshots hold
// it, page by page so that what is not needed takes no memory: without the
// records of who wrote what, built-in types as their Go types.
func clean(obj snapshot.Object) (snapshot.Object, error) {
	obj.SetManagedFields(nil)
	if m, ok := obj.(*metav1.PartialObjectMetadata); ok {
		secret := &corev1.Secret{ObjectMeta: m.ObjectMeta}
		if _, ok := secret.Annotations[corev1.LastAppliedConfigAnnotation]; ok {
			snapshot.NoteDropped(secret, "last-applied")
		}
		dropLastApplied(secret)
		obj = secret
	}
	if custom, ok := obj.(*unstructured.Unstructured); ok {
		dropSchemas(custom)
		return typedIfKnown(custom)
	}
	return obj, nil
}

func dropLastApplied(obj snapshot.Object) {
	annotations := obj.GetAnnotations()
	if _, ok := annotations[corev1.LastAppliedConfigAnnotation]; !ok {
		return
	}
	if delete(annotations, corev1.LastAppliedConfigAnnotation); len(annotations) == 0 {
		annotations = nil
	}
	obj.SetAnnotations(annotations)
}

// dropSchemas removes the schemas of a custom resource definition: most of
// its size.
func dropSchemas(obj *unstructured.Unstructured) {
	if obj.GroupVersionKind().GroupKind() != snapshot.CustomResourceDefinitionKind() {
		return
	}
	versions, _, _ := unstructured.NestedFieldNoCopy(obj.Object, "spec", "versions")
	list, _ := versions.([]any)
	for _, v := range list {
		if version, ok := v.(map[string]any); ok {
			delete(version, "schema")
		}
	}
}

// typedIfKnown converts objects of built-in types that are not in the table
// of kinds, so that analyses find them under their Go types.
func typedIfKnown(obj *unstructured.Unstructured) (snapshot.Object, error) {
	gvk := obj.GroupVersionKind()
	if !scheme.Scheme.Recognizes(gvk) {
		return obj, nil
	}
	into, err := scheme.Scheme.New(gvk)
	if err != nil {
		return nil, err
	}
	typed, ok := into.(snapshot.Object)
	if !ok {
		return nil, fmt.Errorf("%s has no metadata", gvk)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, typed); err != nil {
		return nil, fmt.Errorf("%s %s/%s: %w", gvk.Kind, obj.GetNamespace(), obj.GetName(), err)
	}
	typed.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return typed, nil
}
