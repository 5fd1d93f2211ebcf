package file

import (
	"reflect"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// scrub empties the texts within an object that are manifests of Secrets, as
// in an argument or an environment variable: what --include-config keeps must
// not hold their values either.
func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scrub(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scrub(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if snapshot.HoldsSecret(string(v.Bytes())) {
				v.SetZero()
			}
			return
		}
		for i := range v.Len() {
			scrub(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			changed := reflect.New(v.Type().Elem()).Elem()
			changed.Set(v.MapIndex(key))
			scrub(changed)
			v.SetMapIndex(key, changed)
		}
	case reflect.Interface:
		if !v.IsNil() {
			changed := reflect.New(v.Elem().Type()).Elem()
			changed.Set(v.Elem())
			scrub(changed)
			v.Set(changed)
		}
	case reflect.String:
		if snapshot.HoldsSecret(v.String()) {
			v.SetString("")
		}
	default: // numbers and booleans
	}
}
