package snapshot

import "strings"

// dropTemplates removes the values of Secrets that an object makes: what it
// would write, and what stands in for a vault.
func dropTemplates(object map[string]any, kind string) (found bool) {
	switch apiVersion, _ := object["apiVersion"].(string); {
	case strings.HasSuffix(kind, "Secret"): // ExternalSecret, ClusterSecret, SealedSecret, …
		found = within(object, "template", blankTemplate)
		return within(object, "data", blankValues) || found
	case strings.HasSuffix(kind, "SecretStore"):
		return within(object, "fake", dropData)
	case strings.HasPrefix(apiVersion, "generators.external-secrets.io/") && kind == "Fake":
		return within(object, "spec", dropData)
	case strings.HasPrefix(apiVersion, "generators.external-secrets.io/"):
		return within(object, "fakeSpec", dropData)
	}
	return false
}

// within calls drop for every object that is the value of the field, at any
// depth, and reports whether one of them held what it drops.
func within(value any, field string, drop func(map[string]any) bool) (found bool) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if object, ok := v.(map[string]any); ok && key == field {
				found = drop(object) || found
			}
			found = within(v, field, drop) || found
		}
	case []any:
		for _, v := range value {
			found = within(v, field, drop) || found
		}
	}
	return found
}

// remove deletes a field and reports whether it was there.
func remove(object map[string]any, field string) bool {
	value, found := object[field]
	delete(object, field)
	return found && value != nil
}

func dropData(object map[string]any) bool { return remove(object, "data") }

// blankValues empties all values of a map. Its keys stay.
func blankValues(data map[string]any) (found bool) {
	for key, value := range data {
		found = found || value != "" && value != nil
		data[key] = ""
	}
	return found
}

// blankTemplate empties the values of a template for a Secret.
func blankTemplate(template map[string]any) (found bool) {
	if data, ok := template["data"].(map[string]any); ok {
		found = blankValues(data)
	}
	if sources, ok := template["templateFrom"].([]any); ok {
		for _, source := range sources {
			if source, ok := source.(map[string]any); ok {
				found = remove(source, "literal") || found
			}
		}
	}
	return found
}
