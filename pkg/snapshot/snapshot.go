package snapshot

import (
	"iter"
	"reflect"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// Snapshot is the state of one cluster at one time. It never changes after
// Build; all methods are safe for concurrent use. Objects must not be changed
// by those who read them.
type Snapshot struct {
	info     Info
	gaps     []Gap
	warnings []string
	objects  map[typeKey][]entry
	overlaid map[typeKey]bool
	base     *Snapshot // see Base; nil for itself
	catalog  func() *apiresource.Catalog
}

// Info returns what is known about the snapshot as a whole.
func (s *Snapshot) Info() Info { return s.info }

// Gaps returns what could not be read, sorted, never nil.
func (s *Snapshot) Gaps() []Gap { return s.gaps }

// Warnings returns remarks about the input that leave no gap in it.
func (s *Snapshot) Warnings() []string { return s.warnings }

// Catalog returns the API types of the cluster: the built-in ones, those of
// CustomResourceDefinitions in the snapshot and those that discovery found.
func (s *Snapshot) Catalog() *apiresource.Catalog { return s.catalog() }

// Each yields the objects of one built-in type (T is rbacv1.Role, not a
// pointer to it), ordered by namespace and name.
func Each[T any](s *Snapshot) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, e := range s.objects[typeKey{goType: reflect.TypeFor[*T]()}] {
			if !yield(any(e.obj).(*T)) {
				return
			}
		}
	}
}

// Get returns the object of one built-in type with that namespace ("" for
// cluster-scoped types) and name, or nil.
func Get[T any](s *Snapshot, namespace, name string) *T {
	entries := s.objects[typeKey{goType: reflect.TypeFor[*T]()}]
	i, ok := slices.BinarySearchFunc(entries, [2]string{namespace, name}, func(e entry, key [2]string) int {
		return compareKeys(e, key[0], key[1])
	})
	if !ok {
		return nil
	}
	return any(entries[i].obj).(*T)
}

// Count returns the number of objects of one built-in type.
func Count[T any](s *Snapshot) int {
	return len(s.objects[typeKey{goType: reflect.TypeFor[*T]()}])
}

// EachCustom yields the custom resources of one group and kind, ordered by
// namespace and name.
func (s *Snapshot) EachCustom(gk schema.GroupKind) iter.Seq[*unstructured.Unstructured] {
	return func(yield func(*unstructured.Unstructured) bool) {
		for _, e := range s.objects[typeKey{kind: gk}] {
			if !yield(e.obj.(*unstructured.Unstructured)) {
				return
			}
		}
	}
}

// All yields every object with its origin: types in a fixed order, then by
// namespace and name.
func (s *Snapshot) All() iter.Seq2[Object, Origin] {
	return func(yield func(Object, Origin) bool) {
		for _, key := range s.sortedKeys() {
			for _, e := range s.objects[key] {
				if !yield(e.obj, e.origin) {
					return
				}
			}
		}
	}
}

// Overlaid reports whether --with or --without touched an object of this
// built-in type.
func Overlaid[T any](s *Snapshot) bool {
	return s.overlaid[typeKey{goType: reflect.TypeFor[*T]()}]
}

func (s *Snapshot) sortedKeys() []typeKey {
	keys := make([]typeKey, 0, len(s.objects))
	for key := range s.objects {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareTypes)
	return keys
}

// lazyCatalog builds the catalog when it is first asked for: most questions
// about a loaded snapshot never need it.
func lazyCatalog(s *Snapshot) func() *apiresource.Catalog {
	return sync.OnceValue(func() *apiresource.Catalog {
		return apiresource.NewCatalog(append(s.CustomTypes(), s.info.Resources...)...)
	})
}
