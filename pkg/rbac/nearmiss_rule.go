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
			return Miss{MissVerb, fmt.Sprintf("verb %q is not %q: verbs are case-sensitive", verb, m.r.Verb), true}
		}
		if strings.TrimSpace(verb) == m.r.Verb {
			return Miss{MissVerb, fmt.Sprintf("verb %q has blanks around it", verb), true}
		}
	}
	return Miss{MissVerb, fmt.Sprintf("the rule has %s, not %s", listed(rule.Verbs), m.r.Verb), false}
}

func (m ruleMisses) apiGroup(rule *rbacv1.PolicyRule) Miss {
	for _, group := range rule.APIGroups {
		switch {
		case m.r.APIGroup == "" && (group == "core" || group == "v1" || group == "core/v1"):
			return Miss{MissAPIGroup, fmt.Sprintf(`apiGroup %s is not the core group: write ""`, group), true}
		case strings.HasPrefix(group, m.r.APIGroup+"/"):
			return Miss{MissAPIGroup, fmt.Sprintf("apiGroup %s holds a version: write %s", group, named(m.r.APIGroup)), true}
		case strings.EqualFold(group, m.r.APIGroup), slip(group, m.r.APIGroup):
			return Miss{MissAPIGroup, fmt.Sprintf("apiGroup %s is not %s", named(group), named(m.r.APIGroup)), true}
		}
	}
	if len(rule.APIGroups) == 0 {
		return Miss{MissAPIGroup, fmt.Sprintf("the rule names no apiGroup: write %s", named(m.r.APIGroup)), true}
	}
	return Miss{MissAPIGroup, fmt.Sprintf("the rule is for apiGroup %s, %s is in %s", listed(rule.APIGroups), m.r.Resource, named(m.r.APIGroup)), false}
}

// resource: an apiGroup that fails too makes the same word another type, which
// is still worth showing.
func (m ruleMisses) resource(rule *rbacv1.PolicyRule) Miss {
	want := m.r.combined()
	for _, have := range rule.Resources {
		if detail := m.resourceSlip(have); detail != "" {
			return Miss{MissResource, detail, true}
		}
	}
	return Miss{MissResource, fmt.Sprintf("the rule is for %s, not %s", listed(rule.Resources), want), false}
}

// resourceSlip says how a resource of a rule was probably meant to cover the
// request, "" if it was not.
func (m ruleMisses) resourceSlip(have string) string {
	want := m.r.combined()
	parent, sub, slash := strings.Cut(have, "/")
	switch {
	case slash && sub == all && parent == m.r.Resource && m.r.Subresource != "":
		return fmt.Sprintf("resource %s matches nothing, it is no pattern: write %s", have, want)
	case slash && sub == all && parent == m.r.Resource:
		return fmt.Sprintf("resource %s matches nothing, it is no pattern", have)
	case slash && sub == all && parent == all:
		return fmt.Sprintf("resource */* matches nothing: write * or %s", want)
	case m.r.Subresource != "" && have == m.r.Resource:
		return fmt.Sprintf("resource %s does not cover %s", have, want)
	case m.r.Subresource == "" && parent == m.r.Resource:
		return fmt.Sprintf("resource %s does not cover %s", have, want)
	case strings.EqualFold(have, want):
		return fmt.Sprintf("resource %s is not %s: resources are case-sensitive", have, want)
	case strings.HasPrefix(have, m.r.Resource+"."):
		return fmt.Sprintf("resource %s holds a group: write %s, and the group in apiGroups", have, want)
	case len(have) > 1 && strings.HasSuffix(have, all) && strings.HasPrefix(want, strings.TrimSuffix(have, all)):
		return fmt.Sprintf("resource %s matches nothing, it is no pattern: write %s", have, want)
	case m.sameType(parent) && sub == m.r.Subresource:
		return fmt.Sprintf("resource %s is not the plural name: write %s", have, want)
	case slip(have, want) && !m.isType(parent):
		return fmt.Sprintf("resource %s does not exist: write %s", have, want)
	}
	return ""
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
	switch {
	case slices.Contains(rule.ResourceNames, all):
		return Miss{MissName, `resourceNames "*" is a literal name, no wildcard: leave resourceNames out to mean all`, true}
	case m.r.Name != "" && slices.ContainsFunc(rule.ResourceNames, func(n string) bool { return strings.EqualFold(n, m.r.Name) || slip(n, m.r.Name) }):
		return Miss{MissName, fmt.Sprintf("resourceNames [%s] do not include %s", names, m.r.Name), true}
	case m.r.Name != "":
		return Miss{MissName, fmt.Sprintf("resourceNames [%s] do not include %s", names, m.r.Name), false}
	case m.r.Verb == "list" || m.r.Verb == "watch":
		return Miss{MissName, fmt.Sprintf("a %s carries no name, so resourceNames [%s] do not allow it; with --field-selector metadata.name=NAME they would", m.r.Verb, names), false}
	case m.r.Verb == "create" || m.r.Verb == "deletecollection":
		return Miss{MissName, fmt.Sprintf("a %s carries no name, so resourceNames [%s] never allow it", m.r.Verb, names), false}
	default:
		return Miss{MissName, fmt.Sprintf("the rule is for resourceNames [%s] only", names), false}
	}
}

func (m ruleMisses) path(rule *rbacv1.PolicyRule) Miss {
	for _, url := range rule.NonResourceURLs {
		switch prefix, star := strings.CutSuffix(url, "/*"); {
		case star && prefix == m.r.Path:
			return Miss{MissURL, fmt.Sprintf("%s does not cover %s itself: name both", url, m.r.Path), true}
		case strings.TrimSuffix(url, "/") == strings.TrimSuffix(m.r.Path, "/"):
			return Miss{MissURL, fmt.Sprintf("%s is not %s: the slash at the end counts", url, m.r.Path), true}
		case strings.EqualFold(url, m.r.Path), "/"+url == m.r.Path, slip(url, m.r.Path):
			return Miss{MissURL, fmt.Sprintf("%s is not %s", url, m.r.Path), true}
		case strings.HasPrefix(m.r.Path, url+"/"):
			return Miss{MissURL, fmt.Sprintf("%s does not cover %s: only a * at the end makes a prefix", url, m.r.Path), true}
		}
	}
	return Miss{MissURL, fmt.Sprintf("the rule is for %s, not %s", listed(rule.NonResourceURLs), m.r.Path), false}
}
