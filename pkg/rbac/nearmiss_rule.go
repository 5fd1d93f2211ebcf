package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// ruleMisses tells in which of its parts a rule fails one request.
type ruleMisses struct {
	r       Request
	catalog *apiresource.Catalog
}

func newRuleMisses(catalog *apiresource.Catalog, r Request) ruleMisses {
	return ruleMisses{r: r, catalog: catalog}
}

// clusterScoped reports whether the request's type is known to be so.
func (m ruleMisses) clusterScoped() bool {
	resource, ok := m.catalog.Lookup(schema.GroupResource{Group: m.r.APIGroup, Resource: m.r.Resource})
	return ok && !resource.Namespaced
}

// of returns the misses of the rule; none where it allows the request.
// sameSort is false for a rule about URLs when the request is for a resource,
// and the other way round.
func (m ruleMisses) of(rule *rbacv1.PolicyRule) (misses []Miss, sameSort bool) {
	if (m.r.Path != "") != (len(rule.NonResourceURLs) > 0) && (m.r.Path != "" || len(rule.Resources) == 0) {
		return nil, false
	}
	if !verbMatches(rule, m.r.Verb) {
		misses = append(misses, m.verb(rule))
	}
	if m.r.Path != "" {
		if !pathMatches(rule, m.r.Path) {
			misses = append(misses, m.path(rule))
		}
		return misses, true
	}
	if !groupMatches(rule, m.r.APIGroup) {
		misses = append(misses, m.apiGroup(rule))
	}
	if !resourceMatches(rule, m.r.combined(), m.r.Subresource) {
		misses = append(misses, m.resource(rule))
	}
	if !nameMatches(rule, m.r.Name) {
		misses = append(misses, m.name(rule))
	}
	return misses, true
}

func (m ruleMisses) verb(rule *rbacv1.PolicyRule) Miss {
	for _, verb := range rule.Verbs {
		if strings.EqualFold(verb, m.r.Verb) {
			return slipOf(MissVerb, "verbs are case-sensitive", "verb %q is not %q", verb, m.r.Verb)
		}
		if strings.TrimSpace(verb) == m.r.Verb {
			return slipOf(MissVerb, "", "verb %q has blanks around it", verb)
		}
	}
	return missOf(MissVerb, "", "the rule has %s, not %s", listed(rule.Verbs), m.r.Verb)
}

func (m ruleMisses) apiGroup(rule *rbacv1.PolicyRule) Miss {
	for _, group := range rule.APIGroups {
		switch {
		case m.r.APIGroup == "" && (group == "core" || group == "v1" || group == "core/v1"):
			return slipOf(MissAPIGroup, `write ""`, "apiGroup %s is not the core group", group)
		case strings.HasPrefix(group, m.r.APIGroup+"/"):
			return slipOf(MissAPIGroup, "write "+m.r.APIGroup, "apiGroup %s holds a version", group)
		case strings.EqualFold(group, m.r.APIGroup), slip(group, m.r.APIGroup):
			return slipOf(MissAPIGroup, "", "apiGroup %s is not %s", named(group), named(m.r.APIGroup))
		}
	}
	if len(rule.APIGroups) == 0 {
		return slipOf(MissAPIGroup, "write "+named(m.r.APIGroup), "the rule names no apiGroup")
	}
	return missOf(MissAPIGroup, "", "the rule is for apiGroup %s, %s is in %s", listed(rule.APIGroups), m.r.Resource, named(m.r.APIGroup))
}

// resource: an apiGroup that fails too makes the same word another type, which
// is still worth showing.
func (m ruleMisses) resource(rule *rbacv1.PolicyRule) Miss {
	want := m.r.combined()
	for _, have := range rule.Resources {
		if detail, hint := m.resourceSlip(have); detail != "" {
			return slipOf(MissResource, hint, "resource %s %s", have, detail)
		}
	}
	return missOf(MissResource, "", "the rule is for %s, not %s", listed(rule.Resources), want)
}

// resourceSlip says how a resource of a rule was probably meant to cover the
// request, and what to write; "" if it was not.
func (m ruleMisses) resourceSlip(have string) (detail, hint string) {
	want := m.r.combined()
	parent, sub, slash := strings.Cut(have, "/")
	write := "write " + want
	const noPattern = "matches nothing, it is no pattern"
	switch {
	case slash && sub == all && parent == m.r.Resource && m.r.Subresource != "":
		return noPattern, write
	case slash && sub == all && parent == m.r.Resource:
		return noPattern, ""
	case slash && sub == all && parent == all:
		return noPattern, write + " (* alone covers everything)"
	case parent == m.r.Resource && (sub == "" || m.r.Subresource == ""):
		return "does not cover " + want, ""
	case strings.EqualFold(have, want):
		return "is not " + want, "resources are case-sensitive"
	case strings.HasPrefix(have, m.r.Resource+"."):
		return "holds a group", write + ", and the group in apiGroups"
	case len(have) > 1 && strings.HasSuffix(have, all) && strings.HasPrefix(want, strings.TrimSuffix(have, all)):
		return noPattern, write
	case m.sameType(parent) && sub == m.r.Subresource:
		return "is not the plural name", write
	case slip(have, want) && !m.isType(parent):
		return "does not exist", write
	}
	return "", ""
}

// sameType reports whether the word is a singular, kind or short name of the
// request's type.
func (m ruleMisses) sameType(word string) bool {
	if word == "" || strings.Contains(word, ".") {
		return false
	}
	resource, err := m.catalog.Resolve(word)
	return err == nil && resource.Name == m.r.Resource && word != resource.Name
}

func (m ruleMisses) isType(word string) bool {
	resource, err := m.catalog.Resolve(word)
	return err == nil && resource.Name == word
}

func (m ruleMisses) name(rule *rbacv1.PolicyRule) Miss {
	names := listed(rule.ResourceNames)
	like := func(n string) bool { return strings.EqualFold(n, m.r.Name) || slip(n, m.r.Name) }
	switch {
	case slices.Contains(rule.ResourceNames, all):
		return slipOf(MissName, "leave resourceNames out to mean all", `resourceNames "*" is a literal name, no wildcard`)
	case m.r.Name != "" && slices.ContainsFunc(rule.ResourceNames, like):
		return slipOf(MissName, "", "resourceNames [%s] do not include %s", names, m.r.Name)
	case m.r.Name != "":
		return missOf(MissName, "", "resourceNames [%s] do not include %s", names, m.r.Name)
	case m.r.Verb == "list" || m.r.Verb == "watch":
		return missOf(MissName, "they allow it with --field-selector metadata.name=NAME only", "a %s carries no name, and the rule is for [%s]", m.r.Verb, names)
	case m.r.Verb == "create" || m.r.Verb == "deletecollection":
		return missOf(MissName, "resourceNames never allow it", "a %s carries no name, and the rule is for [%s]", m.r.Verb, names)
	default:
		return missOf(MissName, "", "the rule is for resourceNames [%s] only", names)
	}
}

func (m ruleMisses) path(rule *rbacv1.PolicyRule) Miss {
	for _, url := range rule.NonResourceURLs {
		switch prefix, star := strings.CutSuffix(url, "/*"); {
		case star && prefix == m.r.Path:
			return slipOf(MissURL, "name both", "%s does not cover %s itself", url, m.r.Path)
		case strings.TrimSuffix(url, "/") == strings.TrimSuffix(m.r.Path, "/"):
			return slipOf(MissURL, "the slash at the end counts", "%s is not %s", url, m.r.Path)
		case strings.EqualFold(url, m.r.Path), "/"+url == m.r.Path, slip(url, m.r.Path):
			return slipOf(MissURL, "", "%s is not %s", url, m.r.Path)
		case strings.HasPrefix(m.r.Path, url+"/"):
			return slipOf(MissURL, "only a * at the end makes a prefix", "%s does not cover %s", url, m.r.Path)
		}
	}
	return missOf(MissURL, "", "the rule is for %s, not %s", listed(rule.NonResourceURLs), m.r.Path)
}

// slipOf is a miss that a slip would make.
func slipOf(d Dimension, hint, format string, args ...any) Miss {
	return Miss{Dimension: d, Detail: fmt.Sprintf(format, args...), Hint: hint, Near: true}
}

// missOf is a miss that looks meant.
func missOf(d Dimension, hint, format string, args ...any) Miss {
	return Miss{Dimension: d, Detail: fmt.Sprintf(format, args...), Hint: hint}
}
