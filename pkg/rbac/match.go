package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// all is the wildcard of verbs, API groups, resources and non-resource URLs.
const all = "*"

// Allows reports whether the rule allows the request, scope aside.
// Source: RuleAllows in plugin/pkg/auth/authorizer/rbac/rbac.go and
// pkg/apis/rbac/v1/evaluation_helpers.go.
func Allows(rule *rbacv1.PolicyRule, r Request) bool {
	if r.Path != "" {
		return verbMatches(rule, r.Verb) && pathMatches(rule, r.Path)
	}
	return verbMatches(rule, r.Verb) && groupMatches(rule, r.APIGroup) &&
		resourceMatches(rule, r.combined(), r.Subresource) && nameMatches(rule, r.Name)
}

// verbMatches compares with case: "Get" grants nothing.
func verbMatches(rule *rbacv1.PolicyRule, verb string) bool {
	return slices.Contains(rule.Verbs, verb) || slices.Contains(rule.Verbs, all)
}

// groupMatches: the core group is "", never "core".
func groupMatches(rule *rbacv1.PolicyRule, group string) bool {
	return slices.Contains(rule.APIGroups, group) || slices.Contains(rule.APIGroups, all)
}

// resourceMatches: "*" covers every subresource too, "*/log" the subresource
// of every resource; "pods" does not cover pods/log, and "pods/*" nothing.
func resourceMatches(rule *rbacv1.PolicyRule, combined, subresource string) bool {
	for _, resource := range rule.Resources {
		if resource == all || resource == combined {
			return true
		}
		if subresource != "" && strings.HasPrefix(resource, "*/") && resource[2:] == subresource {
			return true
		}
	}
	return false
}

// nameMatches: no resourceNames allow every name; "*" among them is a literal
// name, and "" allows requests that carry no name.
func nameMatches(rule *rbacv1.PolicyRule, name string) bool {
	return len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, name)
}

// pathMatches: a trailing "*" makes a prefix, so /healthz/* does not cover
// /healthz itself.
func pathMatches(rule *rbacv1.PolicyRule, path string) bool {
	for _, url := range rule.NonResourceURLs {
		if url == all || url == path {
			return true
		}
		if strings.HasSuffix(url, "*") && strings.HasPrefix(path, strings.TrimRight(url, "*")) {
			return true
		}
	}
	return false
}
