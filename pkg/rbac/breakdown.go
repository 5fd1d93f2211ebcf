package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Permission is an indivisible part of a rule: one verb on one type (or on
// one object of it), or on one non-resource URL.
type Permission struct {
	Verb     string
	APIGroup string
	Resource string // as rules write it: pods, pods/log, *, */scale
	// Named limits the permission to objects called Name; "" then stands for
	// requests that carry no name.
	Named bool
	Name  string
	URL   string // set for non-resource URLs only, may end in "*"
}

// Breakdown returns the parts of a rule, each once.
func Breakdown(rule *rbacv1.PolicyRule) []Permission {
	var parts []Permission
	for _, verb := range unique(rule.Verbs) {
		for _, group := range unique(rule.APIGroups) {
			for _, resource := range unique(rule.Resources) {
				if len(rule.ResourceNames) == 0 {
					parts = append(parts, Permission{Verb: verb, APIGroup: group, Resource: resource})
				}
				for _, name := range unique(rule.ResourceNames) {
					parts = append(parts, Permission{Verb: verb, APIGroup: group, Resource: resource, Named: true, Name: name})
				}
			}
		}
		for _, url := range unique(rule.NonResourceURLs) {
			parts = append(parts, Permission{Verb: verb, URL: url})
		}
	}
	return parts
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// CoveredBy reports whether the rule allows every request that the permission
// allows. For a permission that several rules allow only together this is
// false of each; that cannot happen but for a permission that is limited to
// names, since all other dimensions of it are one point or everything.
// Source: the matching functions in pkg/apis/rbac/v1/evaluation_helpers.go.
func (p Permission) CoveredBy(rule *rbacv1.PolicyRule) bool {
	if !verbMatches(rule, p.Verb) {
		return false
	}
	if p.URL != "" {
		return urlCovered(rule.NonResourceURLs, p.URL)
	}
	return groupMatches(rule, p.APIGroup) && typeCovered(rule.Resources, p.Resource) &&
		(len(rule.ResourceNames) == 0 || p.Named && slices.Contains(rule.ResourceNames, p.Name))
}

// typeCovered: "*" covers all, "*/log" also pods/log.
func typeCovered(resources []string, resource string) bool {
	_, subresource, isSub := strings.Cut(resource, "/")
	return slices.ContainsFunc(resources, func(r string) bool {
		return r == all || r == resource || isSub && r == "*/"+subresource
	})
}

// urlCovered: a URL that ends in "*" is a prefix, covered by that prefix and
// by shorter ones.
func urlCovered(urls []string, url string) bool {
	return slices.ContainsFunc(urls, func(u string) bool {
		if u == all || u == url {
			return true
		}
		prefix, isPrefix := urlPrefix(u)
		own, _ := urlPrefix(url)
		return isPrefix && strings.HasPrefix(own, prefix)
	})
}

// urlPrefix returns what a URL of a rule begins with, and whether anything
// may follow.
func urlPrefix(url string) (string, bool) {
	if !strings.HasSuffix(url, all) {
		return url, false
	}
	return cmp.Or(strings.TrimRight(url, all), "/"), true // every path begins so
}
