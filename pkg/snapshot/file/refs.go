package file

import (
	"reflect"
	"slices"
	"strings"
)

// applyRefs keeps the references to objects within free content.
func applyRefs(v reflect.Value) {
	content, ok := reflect.TypeAssert[map[string]any](v)
	if !ok {
		empty(v)
		return
	}
	kept := map[string]any{}
	for field, value := range content {
		switch value := value.(type) {
		case map[string]any, []any:
			// The field names which provider, issuer or solver it is.
			if kept[field] = referencesIn(value, namesReference(field)); kept[field] == nil {
				kept[field] = map[string]any{}
			}
		case bool:
			kept[field] = value
		}
	}
	v.Set(reflect.ValueOf(kept))
}

// referencesIn returns the value with nothing but references, or nil when it
// has none. named is whether a field around it says that it is one: what only
// looks like a reference can be settings that happen to be called so.
func referencesIn(value any, named bool) any {
	switch value := value.(type) {
	case map[string]any:
		if named && isReference(value) {
			return value
		}
		kept := map[string]any{}
		for field, within := range value {
			if found := referencesIn(within, named || namesReference(field)); found != nil {
				kept[field] = found
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, item := range value {
			if found := referencesIn(item, named); found != nil {
				kept = append(kept, found)
			}
		}
		if len(kept) > 0 {
			return kept
		}
	}
	return nil
}

// namesReference reports whether a field of the name holds references, or an
// object whose fields do: cert-manager and External Secrets call them so, with
// the exceptions that are listed.
func namesReference(field string) bool {
	for _, suffix := range []string{"Ref", "Refs", "Selector"} {
		if strings.HasSuffix(field, suffix) {
			return true
		}
	}
	return slices.Contains([]string{
		"caProvider", "serviceAccount", "bearerToken", "clientCert", "clientKey", // the stores of External Secrets
		"universalAuthCredentials",
		"secret", // of terminatingTLS and originatingTLS in Cilium
	}, field)
}

// isReference reports whether an object only names another one, or a key of
// it.
func isReference(value map[string]any) bool {
	if name, _ := value["name"].(string); name == "" {
		return false
	}
	for field, part := range value {
		switch field {
		case "name", "namespace", "key", "kind", "group", "apiGroup", "apiVersion", "type":
			if text, ok := part.(string); !ok || !isWord(text) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
