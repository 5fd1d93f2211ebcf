package file

import (
	"embed"
	"fmt"
	"path"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

//go:embed shapes/*.yaml
var shapes embed.FS

// anyKind stands for all kinds of a group in the tables: those of Gatekeeper's
// constraints are made up by users.
const anyKind = "*"

// Redactor removes configuration from objects: names and references stay,
// values go. What it leaves of a type is an allow-list of fields; a field, or
// a type, that nobody decided about is emptied.
type Redactor struct {
	kinds map[schema.GroupKind]*shape
	meta  *shape
}

// NewRedactor reads the tables that say what is saved.
func NewRedactor() (*Redactor, error) {
	r := &Redactor{kinds: map[schema.GroupKind]*shape{}, meta: metaShape(false)}
	files, err := shapes.ReadDir("shapes")
	if err != nil {
		return nil, fmt.Errorf("read what a snapshot keeps: %w", err)
	}
	for _, f := range files {
		text, err := shapes.ReadFile(path.Join("shapes", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read what a snapshot keeps: %w", err)
		}
		if err := r.readTable(text); err != nil {
			return nil, fmt.Errorf("read what a snapshot keeps: %s: %w", f.Name(), err)
		}
	}
	return r, nil
}

// Decided reports whether the tables say what is saved of the type. Of any
// other type only the metadata is.
func (r *Redactor) Decided(kind schema.GroupKind) bool { return r.shapeOf(kind) != nil }

func (r *Redactor) shapeOf(kind schema.GroupKind) *shape {
	if s := r.kinds[kind]; s != nil {
		return s
	}
	return r.kinds[schema.GroupKind{Group: kind.Group, Kind: anyKind}]
}

// Redact returns the object as a snapshot without configuration holds it. The
// object itself stays as it is.
func (r *Redactor) Redact(obj snapshot.Object) snapshot.Object {
	redacted := obj.DeepCopyObject().(snapshot.Object)
	gvk, err := kindOf(obj)
	if err != nil {
		gvk = schema.GroupVersionKind{} // a type that nobody knows: nothing but metadata
	}
	r.redact(redacted, gvk.GroupKind())
	return redacted
}

// redact changes the object.
func (r *Redactor) redact(obj snapshot.Object, kind schema.GroupKind) {
	s := r.shapeOf(kind)
	custom, isCustom := obj.(*unstructured.Unstructured)
	if s == nil {
		s = &shape{mode: keepFields, fields: map[string]*shape{"apiVersion": {}, "kind": {}, "metadata": r.meta}}
		if isCustom {
			// Not even the names of the fields are known.
			for field := range custom.Object {
				if s.fields[field] == nil {
					delete(custom.Object, field)
				}
			}
		}
	}
	if isCustom {
		s.apply(reflect.ValueOf(&custom.Object).Elem())
		return
	}
	s.apply(reflect.ValueOf(obj).Elem())
}
