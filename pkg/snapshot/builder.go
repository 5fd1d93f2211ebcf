package snapshot

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// Builder collects objects for a Snapshot. It is not safe for concurrent use.
type Builder struct {
	objects  map[typeKey][]entry
	gaps     []Gap
	warnings []string
	overlaid map[typeKey]bool
}

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	return &Builder{objects: map[typeKey][]entry{}, overlaid: map[typeKey]bool{}}
}

// Add puts objects without an origin into the snapshot. Their namespaces must
// be filled in; the builder takes them over.
func (b *Builder) Add(objs ...Object) {
	for _, obj := range objs {
		b.AddFrom(obj, Origin{})
	}
}

// AddFrom puts an object into the snapshot and remembers where it was read.
// The values of Secrets are dropped, whatever the loader did (see
// DroppedAnnotation). A role, binding or account that lacks its namespace is
// left out and leaves a Gap: it would count in the whole cluster.
func (b *Builder) AddFrom(obj Object, origin Origin) { b.AddManifest(obj, origin, nil) }

// AddManifest is AddFrom for an object that is to be applied: its text in
// JSON tells fields that are null from those that are not there.
func (b *Builder) AddManifest(obj Object, origin Origin, text []byte) {
	if resource := lacksNamespace(obj); resource.Resource != "" {
		detail := fmt.Sprintf("%s %s has no namespace", kindName(obj), obj.GetName())
		if origin != (Origin{}) {
			detail = origin.String() + ": " + detail
		}
		b.Gap(Gap{Group: resource.Group, Resource: resource.Resource, Reason: Unparsable, Detail: detail})
		return
	}
	e := entry{obj: obj, origin: origin, text: string(text), applied: lastApplied(obj)}
	dropSecretValues(obj)
	key := keyOf(obj)
	b.objects[key] = append(b.objects[key], e)
}

// lacksNamespace returns the type of an object that says who may do what in
// its namespace, where it has none, else nothing.
func lacksNamespace(obj Object) (resource schema.GroupResource) {
	if obj.GetNamespace() != "" {
		return resource
	}
	switch obj.(type) {
	case *rbacv1.Role:
		return rbacv1.Resource("roles")
	case *rbacv1.RoleBinding:
		return rbacv1.Resource("rolebindings")
	case *corev1.ServiceAccount:
		return corev1.Resource("serviceaccounts")
	}
	return resource
}

// Gap records a part of the cluster that could not be read.
func (b *Builder) Gap(gaps ...Gap) { b.gaps = append(b.gaps, gaps...) }

// Warn records a remark about the input that leaves no gap in it.
func (b *Builder) Warn(format string, args ...any) {
	b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
}

// Build returns the snapshot; the builder must not be used after it.
// Identical objects of one name are merged; differing ones are a
// *DuplicateError.
func (b *Builder) Build(info Info) (*Snapshot, error) {
	s := &Snapshot{info: info, gaps: SortGaps(b.gaps), warnings: b.warnings, objects: b.objects, overlaid: b.overlaid}
	for _, key := range s.sortedKeys() {
		entries := s.objects[key]
		slices.SortStableFunc(entries, compareEntries)
		for i := 1; i < len(entries); i++ {
			if compareEntries(entries[i-1], entries[i]) == 0 && !equality.Semantic.DeepEqual(entries[i-1].obj, entries[i].obj) {
				return nil, &DuplicateError{
					Kind:      kindName(entries[i].obj),
					Namespace: entries[i].obj.GetNamespace(),
					Name:      entries[i].obj.GetName(),
					First:     entries[i-1].origin,
					Second:    entries[i].origin,
				}
			}
		}
		s.objects[key] = slices.CompactFunc(entries, func(a, b entry) bool { return compareEntries(a, b) == 0 })
	}
	s.catalog = lazyCatalog(s)
	return s, nil
}

// DuplicateError says that the input holds two different objects of one type,
// namespace and name.
type DuplicateError struct {
	Kind, Namespace, Name string
	First, Second         Origin
}

// Error names the object and both places.
func (e *DuplicateError) Error() string {
	name := e.Name
	if e.Namespace != "" {
		name = e.Namespace + "/" + name
	}
	return fmt.Sprintf("two different objects %s/%s: %s and %s", e.Kind, name, e.First, e.Second)
}

// compareTypes orders typed objects by their Go type's name, then custom
// resources by group and kind.
func compareTypes(a, b typeKey) int { return cmp.Compare(a.String(), b.String()) }

// String is for sorting only. The package's path tells Go types of one name
// apart, such as those of the two groups that have Events.
func (k typeKey) String() string {
	if k.goType != nil {
		return k.goType.String() + " " + k.goType.Elem().PkgPath()
	}
	return "~" + k.kind.String()
}

// kindName returns the object's kind: from its type meta where there is one
// (typed objects of the API server have none), else its Go type.
func kindName(obj Object) string {
	if gvk := obj.GetObjectKind().GroupVersionKind(); gvk.Kind != "" {
		return gvk.Kind
	}
	if custom, ok := obj.(*unstructured.Unstructured); ok {
		return custom.GetKind()
	}
	return keyOf(obj).goType.Elem().Name()
}

// kindMatches reports whether the object is of the group and kind. Typed
// objects of the API server have no type meta: the scheme knows their kind.
func kindMatches(obj Object, gk schema.GroupKind) bool {
	if gvk := obj.GetObjectKind().GroupVersionKind(); gvk.Kind != "" {
		return gvk.GroupKind() == gk
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	return err == nil && slices.ContainsFunc(kinds, func(k schema.GroupVersionKind) bool { return k.GroupKind() == gk })
}
