package file

import "reflect"

// applyRefs keeps the references to objects within free content.
func applyRefs(v reflect.Value) {
	content, ok := reflect.TypeAssert[map[string]any](v)
	if !ok {
		empty(v)
		return
	}
	if isReference(content) {
		return
	}
	kept := map[string]any{}
	for field, value := range content {
		switch value := value.(type) {
		case map[string]any, []any:
			// The field names which provider, issuer or solver it is.
			if kept[field] = referencesIn(value); kept[field] == nil {
				kept[field] = map[string]any{}
			}
		case bool:
			kept[field] = value
		}
	}
	v.Set(reflect.ValueOf(kept))
}

// referencesIn returns the value with nothing but references, or nil when it
// has none.
func referencesIn(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if isReference(value) {
			return value
		}
		kept := map[string]any{}
		for field, within := range value {
			if found := referencesIn(within); found != nil {
				kept[field] = found
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, item := range value {
			if found := referencesIn(item); found != nil {
				kept = append(kept, found)
			}
		}
		if len(kept) > 0 {
			return kept
		}
	}
	return nil
}

// isReference reports whether an object only names another one, or a key of
// it: secretRef, serviceAccountRef, caProvider and the like have this shape
// whatever they are called.
func isReference(value map[string]any) bool {
	if name, _ := value["name"].(string); name == "" {
		return false
	}
	for field, part := range value {
		switch field {
		case "name", "namespace", "key", "kind", "group", "apiGroup", "apiVersion", "type":
			if _, ok := part.(string); !ok {
				return false
			}
		default:
			return false
		}
	}
	return true
}
