package file

import (
	"encoding/json"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// shape says what of a value is saved. What a shape does not name is emptied:
// that there was something can be seen, not what.
//
// A nil *shape empties. Lists are transparent: their shape is that of every
// item.
type shape struct {
	mode   mode
	fields map[string]*shape
	// rest is the shape of the fields that are not named; nil empties them.
	rest *shape
}

// mode is how a shape treats its value.
type mode string

// The modes, as the tables write them. A field without any is keepScalar.
const (
	keepScalar mode = ""       // text and numbers; objects within are emptied
	keepFields mode = "fields" // an object: each field has its own shape
	keepAll    mode = "all"    // everything, at any depth; for the fixed fields of built-in types only
	keepKeys   mode = "keys"   // the keys of a map, with empty values
	keepMap    mode = "map"    // a map of scalars, such as labels
	keepURL    mode = "url"    // scheme, host and port
	keepHost   mode = "host"   // a DNS name
	keepCerts  mode = "certs"  // the certificates of a PEM bundle
	keepRefs   mode = "refs"   // references to objects, in the fields that are called so
	// The metadata of an object, and that of a Secret.
	keepMeta         mode = "meta"
	keepMetaOfSecret mode = "metaOfSecret"
	// Not for tables.
	keepAnnotations mode = "annotations"
	keepNothing     mode = "nothing" // not even that there is something
)

// isRaw reports whether the type is free content within typed objects.
func isRaw(t reflect.Type) bool { return t == reflect.TypeFor[runtime.RawExtension]() }

// isAtom reports whether values of the type are scalars in JSON although they
// are structs in Go: times, quantities, ports.
func isAtom(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !isRaw(t) && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]())
}

// apply empties what the shape does not keep. The value must be settable.
func (s *shape) apply(v reflect.Value) {
	if s == nil {
		empty(v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			s.apply(v.Elem())
		}
		return
	case reflect.Interface:
		if !v.IsNil() {
			v.Set(applied(s, v.Elem()))
		}
		return
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			s.applyList(v)
			return
		}
	default:
	}
	switch s.mode {
	case keepAll:
	case keepFields:
		s.applyFields(v)
	case keepAnnotations:
		applyAnnotations(v)
	case keepNothing:
		v.SetZero()
	case keepURL, keepHost, keepCerts:
		applyText(v, texts()[s.mode])
	case keepRefs:
		applyRefs(v)
	case keepKeys, keepMap:
		s.applyMap(v)
	default:
		if isObject(v.Type()) {
			empty(v)
		}
	}
}

// applied returns the value as the shape leaves it. Values within interfaces
// and maps cannot be changed in place.
func applied(s *shape, v reflect.Value) reflect.Value {
	changed := reflect.New(v.Type()).Elem()
	changed.Set(v)
	s.apply(changed)
	return changed
}

func isObject(t reflect.Type) bool {
	return t.Kind() == reflect.Map || t.Kind() == reflect.Struct && !isAtom(t)
}

func (s *shape) applyList(v reflect.Value) {
	switch s.mode {
	case keepAll:
	case keepNothing:
		v.SetZero()
	default:
		for i := range v.Len() {
			s.apply(v.Index(i))
		}
	}
}

func (s *shape) applyFields(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, inline := jsonName(v.Type().Field(i))
			switch {
			case inline:
				s.apply(v.Field(i))
			case s.of(name) != nil:
				s.of(name).apply(v.Field(i))
			case !isPlain(v.Field(i).Type()):
				empty(v.Field(i))
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			s.applyEntry(v, key)
		}
	default:
		empty(v) // no object where there must be one
	}
}

func (s *shape) of(name string) *shape {
	if field, ok := s.fields[name]; ok {
		return field
	}
	return s.rest
}

// applyEntry treats one entry of a map. An entry that is not named keeps its
// key when it holds an object or a list, and all of it when it is a boolean.
func (s *shape) applyEntry(v, key reflect.Value) {
	value := v.MapIndex(key)
	field := s.of(key.String())
	if value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	switch {
	case !value.IsValid(): // null
		v.SetMapIndex(key, reflect.Value{})
	case field != nil:
		if value = applied(field, value); (value.Kind() == reflect.Map || value.Kind() == reflect.Slice) && value.IsNil() {
			value = reflect.Value{}
		}
		v.SetMapIndex(key, value)
	case value.Kind() == reflect.Bool:
	case value.Kind() == reflect.Map || value.Kind() == reflect.Slice:
		v.SetMapIndex(key, applied(nil, value))
	default:
		v.SetMapIndex(key, reflect.Value{})
	}
}

// applyMap treats a map whose keys are free.
func (s *shape) applyMap(v reflect.Value) {
	if v.Kind() != reflect.Map {
		empty(v)
		return
	}
	for _, key := range v.MapKeys() {
		value := v.MapIndex(key)
		if value.Kind() == reflect.Interface {
			value = value.Elem()
		}
		switch {
		case s.mode == keepMap && value.IsValid() && value.Kind() != reflect.Slice && !isObject(value.Type()):
		case v.Type().Elem().Kind() == reflect.Interface:
			v.SetMapIndex(key, reflect.ValueOf(""))
		default:
			v.SetMapIndex(key, applied(nil, v.MapIndex(key)))
		}
	}
}

// isPlain reports whether a field of a built-in type cannot hold free text by
// its Go type: numbers, booleans, times, quantities, and the named string
// types, which are enumerations and identifiers.
func isPlain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return isPlain(t.Elem())
	case reflect.String:
		return t != reflect.TypeFor[string]()
	case reflect.Struct:
		return isAtom(t) && !strings.HasSuffix(t.String(), ".IntOrString") && !strings.HasSuffix(t.String(), ".FieldsV1")
	default:
		return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64
	}
}

// empty leaves only that there is something: an object or a list of nothing.
func empty(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil() && isObject(v.Type().Elem()):
		v.Set(reflect.New(v.Type().Elem()))
	case v.Kind() == reflect.Map && !v.IsNil():
		v.Set(reflect.MakeMap(v.Type()))
	case v.Kind() == reflect.Slice && !v.IsNil():
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case v.Kind() == reflect.Interface && !v.IsNil() && (v.Elem().Kind() == reflect.Map || v.Elem().Kind() == reflect.Slice):
		v.Set(applied(nil, v.Elem()))
	default:
		v.SetZero()
	}
}

// jsonName returns the name of a struct's field in JSON; inline fields have
// none.
func jsonName(f reflect.StructField) (name string, inline bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, strings.Contains(options, "inline") || f.Anonymous && name == ""
}
