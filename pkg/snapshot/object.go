package snapshot

import (
	"cmp"
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is a Kubernetes object: a typed one (*rbacv1.Role, …) or, for custom
// resources, *unstructured.Unstructured.
type Object interface {
	metav1.Object
	runtime.Object
}

// Origin is the place in the input that an object was read from. It is zero
// for objects that came from an API server.
type Origin struct {
	File string // as the user named it, "-" for standard input
	Line int    // 1-based line on which the object's document or item begins
}

// String returns FILE:LINE, or "" for the zero Origin.
func (o Origin) String() string {
	if o.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// typeKey separates the objects of one snapshot by their Go type or, for
// custom resources, by group and kind.
type typeKey struct {
	goType reflect.Type
	kind   schema.GroupKind
}

func keyOf(obj Object) typeKey {
	if custom, ok := obj.(*unstructured.Unstructured); ok {
		return typeKey{kind: custom.GroupVersionKind().GroupKind()}
	}
	return typeKey{goType: reflect.TypeOf(obj)}
}

// entry is one object of a snapshot with its origin.
type entry struct {
	obj    Object
	origin Origin
	text   string // the manifest in JSON, where it was kept: see AddManifest
	// applied is what kubectl says it applied last, "" where that is not known.
	applied string
}

// compareEntries orders by namespace, then name: the order in which objects
// are listed everywhere.
func compareEntries(a, b entry) int { return compareKeys(a, b.obj.GetNamespace(), b.obj.GetName()) }

func compareKeys(a entry, namespace, name string) int {
	if c := cmp.Compare(a.obj.GetNamespace(), namespace); c != 0 {
		return c
	}
	return cmp.Compare(a.obj.GetName(), name)
}
