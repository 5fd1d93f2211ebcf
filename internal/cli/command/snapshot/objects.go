package snapshot

import (
	"cmp"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// typeName is the API group and kind of an object.
type typeName struct{ group, kind string }

// typeOf names the type of an object: as it says itself, else by its Go type.
func typeOf(obj snapshot.Object) typeName {
	gvk := obj.GetObjectKind().GroupVersionKind()
	if gvk.Kind == "" {
		if gvks, _, err := scheme.Scheme.ObjectKinds(obj); err == nil {
			gvk = gvks[0]
		}
	}
	if gvk.Kind == "" {
		gvk.Kind = reflect.TypeOf(obj).Elem().Name()
	}
	return typeName{gvk.Group, gvk.Kind}
}

type objectKey struct {
	typeName
	namespace, name string
}

// compareObjects counts the objects that differ, by kind. Kinds of which one
// side could not read all are left out: what is missing there may exist. When
// configuration was left out of one side, it is left out of both. Kinds that
// nobody reads from a cluster are left out and returned where one side is one.
func compareObjects(from, to *snapshot.Snapshot) (changes []v1alpha1.ObjectChanges, neverRead []string, err error) {
	var redactor *file.Redactor
	if from.Info().Redacted || to.Info().Redacted {
		if redactor, err = file.NewRedactor(); err != nil {
			return nil, nil, err
		}
	}
	before := map[objectKey]snapshot.Object{}
	for obj := range from.All() {
		before[keyOf(obj)] = obj
	}
	counts := map[typeName]*v1alpha1.ObjectChanges{}
	of := func(t typeName) *v1alpha1.ObjectChanges {
		if counts[t] == nil {
			counts[t] = &v1alpha1.ObjectChanges{APIGroup: t.group, Kind: t.kind}
		}
		return counts[t]
	}
	for obj := range to.All() {
		key := keyOf(obj)
		old, was := before[key]
		delete(before, key)
		switch {
		case !was:
			of(key.typeName).Added++
		case !sameObject(old, obj) && !sameContent(redacted(redactor, old), redacted(redactor, obj)):
			of(key.typeName).Changed++
		}
	}
	for key := range before {
		of(key.typeName).Removed++
	}
	gaps := append(slices.Clone(from.Gaps()), to.Gaps()...)
	ofCluster := from.Info().Stored() || to.Info().Stored()
	changes = []v1alpha1.ObjectChanges{}
	for t, c := range counts {
		switch {
		case ofCluster && !isRead(t, from, to):
			neverRead = append(neverRead, t.kind)
		case !unread(t, gaps, from):
			changes = append(changes, *c)
		}
	}
	slices.Sort(neverRead)
	slices.SortFunc(changes, func(a, b v1alpha1.ObjectChanges) int {
		return cmp.Or(cmp.Compare(a.APIGroup, b.APIGroup), cmp.Compare(a.Kind, b.Kind))
	})
	return changes, slices.Compact(neverRead), nil
}

// isRead reports whether objects of the type are in snapshots of clusters.
func isRead(t typeName, snapshots ...*snapshot.Snapshot) bool {
	kind := schema.GroupKind{Group: t.group, Kind: t.kind}
	for _, s := range snapshots {
		if r, known := s.Catalog().LookupKind(kind); known {
			return slices.ContainsFunc(requires.Everything(), func(n snapshot.Need) bool {
				return n.Type.GroupResource() == r.GroupResource()
			})
		}
	}
	return false
}

// redacted returns the object without its configuration, or the object itself
// when there is no redactor.
func redacted(r *file.Redactor, obj snapshot.Object) snapshot.Object {
	if r == nil {
		return obj
	}
	return r.Redact(obj)
}

func keyOf(obj snapshot.Object) objectKey {
	return objectKey{typeOf(obj), obj.GetNamespace(), obj.GetName()}
}

// unread reports whether a gap is about the type.
func unread(t typeName, gaps []snapshot.Gap, s *snapshot.Snapshot) bool {
	return slices.ContainsFunc(gaps, func(g snapshot.Gap) bool {
		if g.Resource == "" || g.Group != t.group {
			return false
		}
		for _, r := range s.Catalog().Resources() {
			if r.Group == g.Group && r.Name == g.Resource {
				return r.Kind == t.kind
			}
		}
		return false
	})
}

// sameObject reports whether two objects are one in one version.
func sameObject(a, b snapshot.Object) bool {
	return a == b || a.GetUID() != "" && a.GetUID() == b.GetUID() && a.GetResourceVersion() != "" && a.GetResourceVersion() == b.GetResourceVersion()
}

// sameContent compares two objects without what the server fills in: status,
// versions, times and managed fields.
func sameContent(a, b snapshot.Object) bool {
	return equality.Semantic.DeepEqual(content(a), content(b))
}

func content(obj snapshot.Object) map[string]any {
	var fields map[string]any
	if custom, ok := obj.(*unstructured.Unstructured); ok {
		fields = custom.DeepCopy().Object
	} else {
		var err error
		if fields, err = runtime.DefaultUnstructuredConverter.ToUnstructured(obj); err != nil {
			return map[string]any{"unreadable": obj} // equal only to itself
		}
	}
	for _, field := range []string{"apiVersion", "kind", "status"} {
		delete(fields, field)
	}
	kept := map[string]any{}
	if meta, ok := fields["metadata"].(map[string]any); ok {
		for _, field := range []string{"labels", "annotations"} {
			if meta[field] != nil {
				kept[field] = meta[field]
			}
		}
	}
	fields["metadata"] = kept
	return fields
}
