package apiserver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

type object interface {
	metav1.Object
	runtime.Object
}

// collection holds the objects of one type by namespace and name.
type collection struct {
	kind    schema.GroupVersionKind // empty for custom types without objects
	objects []object
}

type store map[schema.GroupVersionResource]*collection

func (s store) add(obj runtime.Object) error {
	o, ok := obj.(object)
	if !ok {
		return fmt.Errorf("%T has no metadata", obj)
	}
	gvk := obj.GetObjectKind().GroupVersionKind()
	if _, custom := obj.(*unstructured.Unstructured); !custom {
		kinds, _, err := scheme.Scheme.ObjectKinds(obj)
		if err != nil {
			return err
		}
		gvk = kinds[0]
	}
	c := s.serve(plural(gvk))
	c.kind = gvk
	at, exists := slices.BinarySearchFunc(c.objects, o, func(a, b object) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	if exists {
		return fmt.Errorf("%s %s/%s is there twice", gvk.Kind, o.GetNamespace(), o.GetName())
	}
	c.objects = slices.Insert(c.objects, at, o)
	return nil
}

func (s store) serve(gvr schema.GroupVersionResource) *collection {
	if s[gvr] == nil {
		s[gvr] = &collection{kind: builtInKind(gvr)}
	}
	return s[gvr]
}

// find returns the collection of a type, or nil where it is not served.
func (s store) find(gvr schema.GroupVersionResource) *collection {
	if c := s[gvr]; c != nil {
		return c
	}
	if kind := builtInKind(gvr); !kind.Empty() {
		return &collection{kind: kind}
	}
	return nil
}

func plural(gvk schema.GroupVersionKind) schema.GroupVersionResource {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	return gvr
}

func builtInKind(gvr schema.GroupVersionResource) schema.GroupVersionKind {
	for kind := range scheme.Scheme.KnownTypes(gvr.GroupVersion()) {
		gvk := gvr.GroupVersion().WithKind(kind)
		if plural(gvk) == gvr && scheme.Scheme.Recognizes(gvr.GroupVersion().WithKind(kind+"List")) {
			return gvk
		}
	}
	return schema.GroupVersionKind{}
}

// clusterScoped reports whether the type has objects without namespace.
func (c *collection) clusterScoped() bool {
	return len(c.objects) > 0 && c.objects[0].GetNamespace() == ""
}

// target is what a resource path names.
type target struct {
	gvr       schema.GroupVersionResource
	namespace string
	name      string
}

// parse understands /api/V/…, /apis/G/V/… with [namespaces/NS/]TYPE[/NAME].
func parse(path string) (target, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var t target
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		t.gvr.Version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		t.gvr.Group, t.gvr.Version, parts = parts[1], parts[2], parts[3:]
	default:
		return t, false
	}
	if len(parts) >= 3 && parts[0] == "namespaces" {
		t.namespace, parts = parts[1], parts[2:]
	}
	t.gvr.Resource = parts[0]
	if len(parts) > 1 {
		t.name = parts[1]
	}
	return t, len(parts) <= 2
}
