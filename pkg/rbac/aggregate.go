package rbac

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// clusterRoleRules returns the rules of every ClusterRole by name. Rules of
// aggregated roles are computed where no controller has filled them: when the
// input is not from a server and they are empty, or when an overlay touches a
// ClusterRole. Elsewhere the stored rules win and a difference is a warning.
func clusterRoleRules(s *snapshot.Snapshot) (rules map[string][]rbacv1.PolicyRule, warnings []string) {
	rules = make(map[string][]rbacv1.PolicyRule, snapshot.Count[rbacv1.ClusterRole](s))
	var aggregated []*rbacv1.ClusterRole
	for role := range snapshot.Each[rbacv1.ClusterRole](s) {
		rules[role.Name] = role.Rules
		if role.AggregationRule != nil {
			aggregated = append(aggregated, role)
		}
	}
	overlaid := snapshot.Overlaid[rbacv1.ClusterRole](s)
	if len(aggregated) == 0 || s.Info().Stored() && !overlaid {
		return rules, nil
	}
	computed := aggregate(s, aggregated, rules)
	for _, role := range aggregated {
		switch {
		case overlaid || len(role.Rules) == 0:
			rules[role.Name] = computed[role.Name]
		case !sameRules(role.Rules, computed[role.Name]):
			warnings = append(warnings, fmt.Sprintf(
				"ClusterRole/%s: its stored rules differ from what its aggregationRule selects in the input; the stored ones are used", role.Name))
		}
	}
	return rules, warnings
}

// aggregate computes the rules of the aggregated roles as the controller
// does: for each selector in turn, the matching roles by name, without itself
// and without repeating a rule. It goes on until nothing changes, since
// aggregated roles may select each other.
// Source: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
func aggregate(s *snapshot.Snapshot, aggregated []*rbacv1.ClusterRole, stored map[string][]rbacv1.PolicyRule) map[string][]rbacv1.PolicyRule {
	current := make(map[string][]rbacv1.PolicyRule, len(stored))
	for name, rules := range stored {
		current[name] = rules
	}
	sources := make([][]string, len(aggregated))
	for i, role := range aggregated {
		current[role.Name] = nil
		sources[i] = selectedRoles(s, role)
	}
	// A rule travels at least one role further each round.
	for range len(aggregated) + 1 {
		changed := false
		for i, role := range aggregated {
			next := unionOfRules(current, sources[i])
			if !reflect.DeepEqual(next, current[role.Name]) {
				current[role.Name], changed = next, true
			}
		}
		if !changed {
			break
		}
	}
	return current
}

// selectedRoles lists the names of the roles that the aggregation rule
// selects, in the controller's order. An invalid selector selects nothing.
func selectedRoles(s *snapshot.Snapshot, role *rbacv1.ClusterRole) []string {
	var names []string
	for i := range role.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
		if err != nil {
			continue
		}
		for other := range snapshot.Each[rbacv1.ClusterRole](s) {
			if other.Name != role.Name && selector.Matches(labels.Set(other.Labels)) {
				names = append(names, other.Name)
			}
		}
	}
	return names
}

func unionOfRules(rules map[string][]rbacv1.PolicyRule, names []string) []rbacv1.PolicyRule {
	var union []rbacv1.PolicyRule
	for _, name := range names {
		for _, rule := range rules[name] {
			if !slices.ContainsFunc(union, func(have rbacv1.PolicyRule) bool { return reflect.DeepEqual(have, rule) }) {
				union = append(union, rule)
			}
		}
	}
	return union
}

// sameRules compares two lists of rules as sets.
func sameRules(a, b []rbacv1.PolicyRule) bool {
	key := func(rules []rbacv1.PolicyRule) []string {
		keys := make([]string, 0, len(rules))
		for i := range rules {
			keys = append(keys, rules[i].String())
		}
		slices.SortFunc(keys, cmp.Compare[string])
		return slices.Compact(keys)
	}
	return slices.Equal(key(a), key(b))
}
