package oracle

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// mix counts features by name.
type mix map[string]int

func (m mix) hit(feature string) { m[feature]++ }

// fewest is how often each feature must occur in a full run.
const fewest = 20

// generated are the features that the generator must have put into the
// clusters of a full run.
func generated() []string {
	return []string{
		"verb *", "verb in wrong case", "verb empty", "verb special", "no verbs",
		"group *", "group core", "no groups",
		"resource *", "resource */sub", "resource with subresource", "resource pods/* and the like", "resource empty", "resource in wrong case",
		"resourceNames", `resourceNames ""`, "resourceNames *",
		"URL exact", "URL *", "URL prefix", "URL prefix with two *", "URL with * inside", "rule with URLs and resources", "repeated rule",
		"Role and ClusterRole of one name", "ClusterRoleBinding naming a Role", "dangling roleRef", "roleRef of invalid kind", "roleRef of wrong group",
		"aggregated role", "aggregated role in another",
		"account without namespace in a ClusterRoleBinding", "account without namespace in a RoleBinding", "account of another namespace",
		"account that is not in the input", "account with a malformed name",
		"user that is an account", "user of an odd name", "system:anonymous", "system:node",
		"group system:authenticated", "group system:unauthenticated", "group system:serviceaccounts", "group system:serviceaccounts:dev",
		"group system:serviceaccounts:gone", "group system:serviceaccounts:", "group system:nodes", "group system:masters",
		"known members of group others", "known members of group system:masters",
		"subject of unknown kind", "subject of wrong group", "duplicate subject", "binding without subjects",
	}
}

// decisive are the ways in which a rule must have allowed a request in a full
// run, or a subject must have been bound.
func decisive() []string {
	return []string{
		"by verb", "by verb *", "by group", "by group *", "by resource", "by resource *", "by resource * for a subresource",
		"by resource with subresource", "by */sub", "by name", "by name *", `by name "" for a request without name`, "by no names for a named request",
		"by URL", "by URL *", "by URL prefix",
		"through system:authenticated", "through system:unauthenticated", "through system:serviceaccounts", "through system:serviceaccounts:NS",
		"through system:nodes", "through system:masters", "through another group", "as itself",
		"cluster-wide", "in a namespace",
	}
}

// missing returns the wanted features that are too rare.
func (m mix) missing(wanted []string, atLeast int) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(feature string) bool { return m[feature] >= atLeast })
}

// of returns the counts of the wanted features.
func (m mix) of(wanted []string) mix {
	part := mix{}
	for _, feature := range wanted {
		part[feature] = m[feature]
	}
	return part
}

// decide counts how the rule allows the request.
func (m mix) decide(rule *rbacv1.PolicyRule, r rbac.Request, link chain) {
	m.hit(either(slices.Contains(rule.Verbs, r.Verb), "by verb", "by verb *"))
	m.hit(either(link.namespace == "", "cluster-wide", "in a namespace"))
	m.hit(throughFeature(link.through))
	if r.Path != "" {
		switch {
		case slices.Contains(rule.NonResourceURLs, r.Path):
			m.hit("by URL")
		case slices.Contains(rule.NonResourceURLs, "*"):
			m.hit("by URL *")
		default:
			m.hit("by URL prefix")
		}
		return
	}
	m.hit(either(slices.Contains(rule.APIGroups, r.APIGroup), "by group", "by group *"))
	switch {
	case r.Subresource != "" && slices.Contains(rule.Resources, r.Resource+"/"+r.Subresource):
		m.hit("by resource with subresource")
	case r.Subresource != "" && slices.Contains(rule.Resources, "*/"+r.Subresource):
		m.hit("by */sub")
	case r.Subresource != "":
		m.hit("by resource * for a subresource")
	default:
		m.hit(either(slices.Contains(rule.Resources, r.Resource), "by resource", "by resource *"))
	}
	switch {
	case len(rule.ResourceNames) == 0 && r.Name != "":
		m.hit("by no names for a named request")
	case len(rule.ResourceNames) == 0:
	case r.Name == "":
		m.hit(`by name "" for a request without name`)
	default:
		m.hit(either(r.Name == "*", "by name *", "by name"))
	}
}

func throughFeature(group string) string {
	switch {
	case group == "":
		return "as itself"
	case slices.Contains(builtinGroupWords(), group) && strings.Count(group, ":") == 1:
		return "through " + group
	case strings.HasPrefix(group, "system:serviceaccounts:"):
		return "through system:serviceaccounts:NS"
	default:
		return "through another group"
	}
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
