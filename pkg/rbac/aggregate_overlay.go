package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// overlaidRules is clusterRoleRules for a snapshot in which an overlay touches
// ClusterRoles: what the controller would make of it. A role is computed anew
// where that gave its rules before the overlay too. Otherwise rules came from
// roles that are not in the input, as in a dump of some roles only, and would
// be lost: they are kept, and what the overlay adds is added.
func overlaidRules(s *snapshot.Snapshot) (rules map[string][]rbacv1.PolicyRule, warnings []string) {
	was, _ := clusterRoleRules(s.Base())
	rules, aggregated := storedRules(s)
	var computed []aggregation
	var kept []keptRole
	for _, role := range aggregated {
		a := aggregation{role: role.Name}
		var err error
		if a.sources, err = selectedRoles(s, role); err != nil {
			warnings = append(warnings, invalidAggregation(role, err))
			continue
		}
		if k := keep(s.Base(), was, role, rules, a.sources); k != nil {
			a.kept, a.before = k.rules, unionOfRules(was, k.sources)
			kept = append(kept, *k)
		}
		computed = append(computed, a)
	}
	fill(rules, computed)
	for _, k := range kept {
		if warning := k.warning(s, was, rules); warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return rules, warnings
}

// keptRole is an aggregated ClusterRole whose rules cannot be computed.
type keptRole struct {
	role    *rbacv1.ClusterRole
	old     *rbacv1.ClusterRole // before the overlay; nil if it is new
	rules   []rbacv1.PolicyRule
	sources []string // that were selected before the overlay
}

// keep returns the role if its rules are to be kept, else nil.
func keep(base *snapshot.Snapshot, was map[string][]rbacv1.PolicyRule, role *rbacv1.ClusterRole, rules map[string][]rbacv1.PolicyRule, selected []string) *keptRole {
	k := &keptRole{role: role, rules: role.Rules}
	k.old = snapshot.Get[rbacv1.ClusterRole](base, "", role.Name)
	if k.old == nil || k.old.AggregationRule == nil {
		k.old = nil
		if len(role.Rules) == 0 || knowsClusterRoles(base) || sameRules(role.Rules, unionOfRules(rules, selected)) {
			return nil
		}
		return k
	}
	k.sources, _ = selectedRoles(base, k.old) // none if invalid
	if len(k.old.Rules) == 0 || sameRules(k.old.Rules, unionOfRules(was, k.sources)) {
		return nil
	}
	k.rules = k.old.Rules // the controller overwrites what the overlay says
	return k
}

// knowsClusterRoles reports whether a ClusterRole that is not in the snapshot
// does not exist.
func knowsClusterRoles(s *snapshot.Snapshot) bool {
	return s.Info().CoverageKnown() && !slices.ContainsFunc(s.Gaps(), func(g snapshot.Gap) bool {
		return g.Resource == "" || g.Group == apiGroup && g.Resource == "clusterroles"
	})
}

// warning says what is not known of the role, "" for nothing.
func (k keptRole) warning(s *snapshot.Snapshot, was, rules map[string][]rbacv1.PolicyRule) string {
	selected, _ := selectedRoles(s, k.role)
	now := unionOfRules(rules, selected)
	switch {
	case k.old == nil:
		return fmt.Sprintf("ClusterRole/%s: its rules differ from what its aggregationRule selects in the input; both are used", k.role.Name)
	case k.role != k.old, !sameRules(now, unionOfRules(was, k.sources)):
	case s.Info().Stored():
		return ""
	default:
		return differingAggregation(k.role.Name)
	}
	text := fmt.Sprintf("ClusterRole/%s: it cannot be recomputed, as its stored rules are not those of the roles in the input that it selects: they are kept, and new ones added", k.role.Name)
	var lost []string
	for _, source := range k.sources {
		if slices.ContainsFunc(was[source], func(r rbacv1.PolicyRule) bool { return hasRule(k.rules, r) && !hasRule(now, r) }) {
			lost = append(lost, source)
		}
	}
	if len(lost) > 0 {
		text += fmt.Sprintf("; whether it loses the rules that it has from %s is not known", strings.Join(lost, ", "))
	}
	return text
}
