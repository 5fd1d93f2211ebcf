package netpol

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// fields reads one object inside of a custom resource by the schema of its
// definition: what the API server would refuse becomes a problem. A field that
// is null counts as missing, as it does there.
type fields struct {
	v      *validator
	at     string // its path
	values map[string]any
	read   map[string]bool
}

func newFields(v *validator, at string, values map[string]any) *fields {
	return &fields{v, at, values, map[string]bool{}}
}

func (f *fields) path(name string) string { return f.at + "." + name }

// get marks the field as known.
func (f *fields) get(name string) any {
	f.read[name] = true
	return f.values[name]
}

func (f *fields) has(name string) bool { return f.get(name) != nil }

func (f *fields) require(names ...string) {
	for _, name := range names {
		if !f.has(name) {
			f.v.problem(f.path(name), "it is required")
		}
	}
}

// exactly reports whether one of the fields that may be there is: none is no
// problem where there is another, which may be of a later version.
func (f *fields) exactly(names ...string) bool {
	n := 0
	for _, name := range names {
		if f.has(name) {
			n++
		}
	}
	switch {
	case n > 1:
		f.v.problem(f.at, "exactly one of %s must be set, not %d", strings.Join(names, ", "), n)
	case n == 0 && len(f.unread()) == 0:
		f.v.problem(f.at, "one of %s must be set", strings.Join(names, ", "))
	}
	return n == 1
}

// unread returns the fields that are not known, in order.
func (f *fields) unread() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.values)), func(name string) bool {
		return f.read[name] || f.values[name] == nil
	})
}

func of[T any](f *fields, at string, value any, what string) (T, bool) {
	typed, ok := value.(T)
	if !ok && value != nil {
		f.v.problem(at, "it must be %s", what)
	}
	return typed, ok
}

// object returns that of a field, nil where it is missing.
func (f *fields) object(name string) *fields {
	values, ok := of[map[string]any](f, f.path(name), f.get(name), "an object")
	if !ok {
		return nil
	}
	return newFields(f.v, f.path(name), values)
}

// list returns the elements of a field, of which there must be a number.
func (f *fields) list(name string, least, most int) []any {
	list, ok := of[[]any](f, f.path(name), f.get(name), "a list")
	if ok && (len(list) < least || len(list) > most) {
		f.v.problem(f.path(name), "there must be %d to %d, not %d", least, most, len(list))
	}
	return list
}

func (f *fields) objects(name string, least, most int) []*fields {
	var found []*fields
	for i, element := range f.list(name, least, most) {
		at := path(f.path(name), i)
		values, ok := of[map[string]any](f, at, element, "an object")
		if !ok && element == nil {
			f.v.problem(at, "it must be an object")
			continue
		}
		found = append(found, newFields(f.v, at, values))
	}
	return found
}

func (f *fields) text(name string, most int) string {
	text, _ := of[string](f, f.path(name), f.get(name), "text")
	if n := utf8.RuneCountInString(text); most > 0 && n > most {
		f.v.problem(f.path(name), "it has %d characters, more than %d", n, most)
	}
	return text
}

func (f *fields) texts(name string, least, most int) []string {
	var texts []string
	for i, element := range f.list(name, least, most) {
		text, ok := element.(string)
		if !ok {
			f.v.problem(path(f.path(name), i), "it must be text")
		}
		texts = append(texts, text)
	}
	return texts
}

// word returns the text of a field that has to be one of some.
func (f *fields) word(name string, words ...string) string {
	text := f.text(name, 0)
	if f.has(name) && !slices.Contains(words, text) {
		f.v.problem(f.path(name), "%q is none of %s", text, strings.Join(words, ", "))
	}
	return text
}

func (f *fields) number(name string, least, most int64) int32 {
	number, ok := of[int64](f, f.path(name), f.get(name), "a whole number")
	if ok && (number < least || number > most) {
		f.v.problem(f.path(name), "%d is not between %d and %d", number, least, most)
		return 0
	}
	return int32(number)
}

// selector returns that of a field, the empty one where it is missing. API
// servers do not look into those of custom resources: the error is about one
// that means nothing.
func (f *fields) selector(name string) (selector, error) {
	values := f.object(name)
	if values == nil {
		return selector{}, nil
	}
	var s metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(values.values, &s); err != nil {
		f.v.problem(values.at, "%v", err)
		return selector{}, nil
	}
	for _, e := range values.objects("matchExpressions", 0, maxSelector) {
		e.require("key", "operator")
	}
	parsed, err := newSelector(&s)
	if err != nil {
		return selector{}, fmt.Errorf("%s: %w", values.at, err)
	}
	return parsed, nil
}

// maxSelector is more than any object holds.
const maxSelector = 1 << 20
