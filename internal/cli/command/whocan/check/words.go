package check

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// checkWords refuses what no request can hold: an assertion that nothing can
// match would hold forever.
func (e entry) checkWords(verbs []string) error {
	fields := []struct {
		name  string
		words []string
	}{
		{"can or cannot", verbs},
		{"resource", e.Resource},
		{"name", e.Name},
		{"namespace", e.Namespace},
		{"who", e.Who},
		{"except", e.Except},
	}
	for _, field := range fields {
		for _, word := range field.words {
			if strings.TrimSpace(word) != word || word == "" {
				return fault.Usage("%s: %q is blank, or begins or ends with a blank", field.name, word)
			}
		}
	}
	single := slices.Concat(verbs, e.Namespace)
	for _, resource := range append(slices.Clone(e.Resource), e.Subresource) {
		if !strings.HasPrefix(resource, "/") { // a URL may hold anything
			single = append(single, resource)
		}
	}
	for _, word := range single {
		if strings.ContainsAny(word, between) {
			return fault.Usage("%q is not one word: write a list, as in [%s]", word, strings.Join(split(word), ", "))
		}
	}
	for _, namespace := range e.Namespace {
		if err := checkNamespace(namespace); err != nil {
			return err
		}
	}
	return nil
}

// between are characters that only stand between words.
const between = ", \t\r\n"

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(between, r) })
}

func checkNamespace(namespace string) error {
	switch {
	case namespace == allNamespaces, len(validation.IsDNS1123Label(namespace)) == 0:
		return nil
	case strings.ContainsAny(namespace, "*?[]"):
		return fault.Usage("namespace: %q is no name, and patterns are not known here: list the namespaces, or leave the field out to mean every namespace", namespace)
	default:
		return fault.Usage("namespace: no namespace can be named %q: names are of lower-case letters, digits and \"-\", at most %d", namespace, validation.DNS1123LabelMaxLength)
	}
}

// checkName refuses names that no object of the type has. Identities, signers
// and types that are not known have names of any form.
// Source: ValidateObjectMeta: every type of the core group wants a DNS
// subdomain or less; RBAC's own and others take any segment of a path.
func checkName(target rbac.Target) error {
	name := target.Name
	if name == "" || target.Resource.AnyName() || target.Resource.Unknown {
		return nil
	}
	if strings.Contains(name, "*") {
		return fault.Usage("name: RBAC knows no patterns, and no object is named %q: list names, or leave the field out", name)
	}
	if strings.ContainsAny(name, between) {
		return fault.Usage("name: %q is not one name: write a list, as in [%s]", name, strings.Join(split(name), ", "))
	}
	if target.Resource.Group == "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		return fault.Usage("name: no object of type %s is named %q: names are of lower-case letters, digits, \"-\" and \".\"", target.Resource, name)
	}
	return nil
}
