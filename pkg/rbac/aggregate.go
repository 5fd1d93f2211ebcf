package rbac

import (
	"cmp"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// clusterRoleRules returns the rules of every ClusterRole by name. Rules of
// aggregated roles are computed where no controller has filled them: where they
// are empty and the input is not from a server. Elsewhere the stored rules win
// and a difference is a warning. What an overlay changes is told apart in
// overlaidRules.
func clusterRoleRules(s *snapshot.Snapshot) (rules map[string][]rbacv1.PolicyRule, warnings []string) {
	if snapshot.Overlaid[rbacv1.ClusterRole](s) {
		return overlaidRules(s)
	}
	rules, aggregated := storedRules(s)
	if len(aggregated) == 0 || s.Info().Stored() {
		return rules, nil
	}
	var empty, filled []aggregation
	for _, role := range aggregated {
		sources, err := selectedRoles(s, role)
		switch {
		case err != nil: // the controller fails on it too, and leaves the role as it is
			warnings = append(warnings, invalidAggregation(role, err))
		case len(role.Rules) == 0:
			empty = append(empty, aggregation{role: role.Name, sources: sources})
		default:
			filled = append(filled, aggregation{role: role.Name, sources: sources})
		}
	}
	fill(rules, empty)
	for _, a := range filled {
		if !sameRules(rules[a.role], unionOfRules(rules, a.sources)) {
			warnings = append(warnings, differingAggregation(a.role))
		}
	}
	return rules, warnings
}

// storedRules returns the rules of every ClusterRole as they are in the
// snapshot, and the aggregated ones.
func storedRules(s *snapshot.Snapshot) (rules map[string][]rbacv1.PolicyRule, aggregated []*rbacv1.ClusterRole) {
	rules = make(map[string][]rbacv1.PolicyRule, snapshot.Count[rbacv1.ClusterRole](s))
	for role := range snapshot.Each[rbacv1.ClusterRole](s) {
		rules[role.Name] = role.Rules
		if role.AggregationRule != nil {
			aggregated = append(aggregated, role)
		}
	}
	return rules, aggregated
}

func invalidAggregation(role *rbacv1.ClusterRole, err error) string {
	return fmt.Sprintf("ClusterRole/%s: its aggregationRule is invalid and selects nothing: %v", role.Name, err)
}

func differingAggregation(role string) string {
	return fmt.Sprintf("ClusterRole/%s: its stored rules differ from what its aggregationRule selects in the input; the stored ones are used", role)
}

// aggregation is a ClusterRole that takes over the rules of others.
type aggregation struct {
	role    string
	sources []string
	// kept are rules that it has whatever its sources are, to which only
	// those of the sources are added that are not among before.
	kept, before []rbacv1.PolicyRule
}

// fill computes the rules of aggregated roles as the controller does: for
// each selector in turn, the matching roles by name, without itself and
// without repeating a rule. It goes on until nothing changes, since aggregated
// roles may select each other.
// Source: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
func fill(rules map[string][]rbacv1.PolicyRule, roles []aggregation) {
	for _, a := range roles {
		rules[a.role] = a.kept
	}
	// A rule travels at least one role further each round.
	for range len(roles) + 1 {
		changed := false
		for _, a := range roles {
			next := slices.Clone(a.kept)
			for _, rule := range unionOfRules(rules, a.sources) {
				if !hasRule(a.before, rule) && !hasRule(a.kept, rule) {
					next = append(next, rule)
				}
			}
			if !equality.Semantic.DeepEqual(next, rules[a.role]) {
				rules[a.role], changed = next, true
			}
		}
		if !changed {
			break
		}
	}
}

func hasRule(rules []rbacv1.PolicyRule, rule rbacv1.PolicyRule) bool {
	return slices.ContainsFunc(rules, func(have rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(have, rule) })
}

// selectedRoles lists the names of the roles that the aggregation rule
// selects, in the controller's order.
func selectedRoles(s *snapshot.Snapshot, role *rbacv1.ClusterRole) ([]string, error) {
	var names []string
	for i := range role.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
		if err != nil {
			return nil, err
		}
		for other := range snapshot.Each[rbacv1.ClusterRole](s) {
			if other.Name != role.Name && selector.Matches(labels.Set(other.Labels)) {
				names = append(names, other.Name)
			}
		}
	}
	return names, nil
}

// unionOfRules takes an absent and an empty list in a rule for the same, as the
// controller does: the indexes of rules depend on it.
func unionOfRules(rules map[string][]rbacv1.PolicyRule, names []string) []rbacv1.PolicyRule {
	var union []rbacv1.PolicyRule
	for _, name := range names {
		for _, rule := range rules[name] {
			if !slices.ContainsFunc(union, func(have rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(have, rule) }) {
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
