package snapshot

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Ref names one object of a snapshot.
type Ref struct {
	Kind      schema.GroupKind
	Namespace string // "" for cluster-scoped types
	Name      string
}

// String returns KIND/NAME, after the namespace where there is one.
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind.Kind + "/" + r.Name
	}
	return r.Namespace + "/" + r.Kind.Kind + "/" + r.Name
}

// Overlay returns the snapshot as it would be with the objects of without
// removed and then those of with applied: one that exists is merged as
// "kubectl apply" merges it (see merge), another one is created. Gaps and
// warnings of both are kept. An object to remove that is in neither is a
// *NotFoundError, a binding whose roleRef would change a *RoleRefError, and
// what cannot be merged an *ApplyError.
func (s *Snapshot) Overlay(with *Snapshot, without []Ref) (*Snapshot, error) {
	return s.overlay(with, without, merge)
}

// merger makes one object of a stored one and the one that is laid over it,
// and remarks about it.
type merger func(info Info, stored, file entry) (merged entry, note string, err error)

func (s *Snapshot) overlay(with *Snapshot, without []Ref, merge merger) (*Snapshot, error) {
	b := NewBuilder()
	for key, entries := range s.objects {
		b.objects[key] = slices.Clone(entries)
	}
	maps.Copy(b.overlaid, s.overlaid)
	b.gaps, b.warnings = slices.Clone(s.gaps), slices.Clone(s.warnings)
	for _, ref := range without {
		if !b.removeRef(ref) && (with == nil || !with.Has(ref)) {
			return nil, &NotFoundError{Ref: ref}
		}
	}
	if with != nil {
		b.gaps, b.warnings = append(b.gaps, with.gaps...), append(b.warnings, with.warnings...)
		for _, key := range with.sortedKeys() {
			if err := b.lay(key, with.objects[key], s.info, merge); err != nil {
				return nil, err
			}
		}
	}
	result, err := b.Build(s.info)
	if err != nil {
		return nil, err
	}
	result.base = s.Base()
	return result, nil
}

// lay puts the objects of one type over those that there are.
func (b *Builder) lay(key typeKey, entries []entry, info Info, merge merger) error {
	b.overlaid[key] = true
	stored := make(map[types.NamespacedName]int, len(b.objects[key]))
	for i, e := range b.objects[key] {
		stored[nameOf(e.obj)] = i
	}
	for _, e := range entries {
		i, ok := stored[nameOf(e.obj)]
		if !ok {
			e.applied = e.text
			b.objects[key] = append(b.objects[key], e)
			continue
		}
		merged, note, err := merge(info, b.objects[key][i], e)
		if err != nil {
			return err
		}
		if note != "" {
			b.Warn("%s", note)
		}
		b.objects[key][i] = merged
	}
	return nil
}

// replace is the merger that keeps nothing of what is stored.
func replace(_ Info, _, file entry) (merged entry, note string, err error) { return file, "", nil }

// Base returns the snapshot without what Overlay has changed in it; itself
// where that is nothing.
func (s *Snapshot) Base() *Snapshot {
	if s.base == nil {
		return s
	}
	return s.base
}

// Has reports whether the object is in the snapshot.
func (s *Snapshot) Has(ref Ref) bool {
	for _, entries := range s.objects {
		if slices.ContainsFunc(entries, func(e entry) bool { return ref.names(e.obj) }) {
			return true
		}
	}
	return false
}

func (r Ref) names(obj Object) bool {
	return obj.GetName() == r.Name && obj.GetNamespace() == r.Namespace && kindMatches(obj, r.Kind)
}

// Underlay returns the snapshot with the objects of defaults added where it
// has none of the same type and name itself.
func (s *Snapshot) Underlay(defaults *Snapshot) (*Snapshot, error) {
	result, err := defaults.overlay(s, nil, replace)
	if err != nil {
		return nil, err
	}
	result.info, result.overlaid, result.base = s.info, s.overlaid, nil
	if s.base != nil {
		if result.base, err = s.base.Underlay(defaults); err != nil {
			return nil, err
		}
	}
	result.catalog = lazyCatalog(result)
	return result, nil
}

func (b *Builder) removeRef(ref Ref) bool {
	removed := false
	for key := range b.objects {
		if b.remove(key, ref.names) {
			b.overlaid[key] = true
			removed = true
		}
	}
	return removed
}

func nameOf(obj Object) types.NamespacedName {
	return types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}
}

func (b *Builder) remove(key typeKey, match func(Object) bool) bool {
	before := len(b.objects[key])
	b.objects[key] = slices.DeleteFunc(b.objects[key], func(e entry) bool { return match(e.obj) })
	return len(b.objects[key]) < before
}

// NotFoundError says that an object to remove is not in the snapshot.
type NotFoundError struct{ Ref Ref }

// Error names the object.
func (e *NotFoundError) Error() string { return fmt.Sprintf("%s is not in the input", e.Ref) }
