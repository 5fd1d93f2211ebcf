package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
)

// A rule that would not fit on a line is shown with few values of each part:
// what the question is about must not be what is cut.
const (
	maxRule   = 66
	maxValues = 2
)

// ruleText shows a rule, a long one with what the question is about first;
// -o wide shows it whole, as it is written.
func (v *view) ruleText(rule rbacv1.PolicyRule) string {
	if whole := access.Rule(rule); v.wide || len(whole) <= maxRule {
		return whole
	}
	q := v.report.Query
	resource := q.Resource
	if q.Subresource != "" {
		resource += "/" + q.Subresource
	}
	return access.Rule(rbacv1.PolicyRule{
		Verbs:           nearestFirst(rule.Verbs, q.Verb),
		APIGroups:       nearestFirst(rule.APIGroups, q.APIGroup),
		Resources:       nearestFirst(rule.Resources, resource),
		ResourceNames:   nearestFirst(rule.ResourceNames, q.Name),
		NonResourceURLs: nearestFirst(rule.NonResourceURLs, q.NonResourceURL),
	})
}

// nearestFirst returns the few values that are most like the wanted one, and
// counts the others.
func nearestFirst(values []string, want string) []string {
	if len(values) <= maxValues+1 { // one more takes no more room than its count
		return values
	}
	nearest := slices.Clone(values)
	slices.SortStableFunc(nearest, func(a, b string) int { return cmp.Compare(distance(a, want), distance(b, want)) })
	return append(nearest[:maxValues:maxValues], fmt.Sprintf("… (%d more)", len(values)-maxValues))
}

// distance tells roughly how much a value of a rule is like the wanted one.
func distance(value, want string) int {
	parent, sub, _ := strings.Cut(value, "/")
	wantParent, wantSub, _ := strings.Cut(want, "/")
	switch {
	case value == want:
		return 0
	case value == "*", strings.HasSuffix(value, "*") && strings.HasPrefix(want, strings.TrimSuffix(value, "*")):
		return 1
	case strings.EqualFold(value, want), parent == "*" && sub == wantSub && sub != "":
		return 2
	case parent == wantParent && parent != "":
		return 3
	default:
		return 4
	}
}
