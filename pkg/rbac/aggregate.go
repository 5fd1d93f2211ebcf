package rbac

import (
	"fmt"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// clusterRolesOf returns the rules of every ClusterRole by name, which of them
// may change, and remarks. Rules of aggregated roles are computed where no
// controller has filled them: where they are empty and the input is not from a
// server. Elsewhere the stored rules win and a difference is a warning. What
// an overlay changes is told apart in overlaidRoles.
func clusterRolesOf(s *snapshot.Snapshot) (rules map[string][]rbacv1.PolicyRule, unsettled []unsettledRole, warnings []string) {
	book := newRuleBook()
	read := storedRoles
	if snapshot.Overlaid[rbacv1.ClusterRole](s) {
		read = overlaidRoles
	}
	roles, settled, warnings := read(s, book)
	return roles.policies(), unsettledRoles(roles, settled), warnings
}

// storedRoles is clusterRolesOf for a snapshot without overlay. settled is
// what the controller would make of it.
func storedRoles(s *snapshot.Snapshot, book *ruleBook) (roles, settled *roleRules, warnings []string) {
	roles, aggregated := readRoles(s, book)
	if len(aggregated) == 0 || s.Info().Stored() {
		return roles, roles, nil
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
	roles.fill(empty)
	all := empty
	for _, a := range filled {
		if !book.same(roles.of(a.role), roles.union(a.sources)) {
			warnings = append(warnings, differingAggregation(a.role))
		}
		if wasStored(snapshot.Get[rbacv1.ClusterRole](s, "", a.role)) {
			a.kept = roles.of(a.role)
		}
		all = append(all, a)
	}
	if len(warnings) == 0 {
		return roles, roles, nil
	}
	settled = roles.clone()
	settled.fill(all)
	return roles, settled, warnings
}

// wasStored reports whether the role is from a dump: the controller of its
// cluster has filled it, from roles that need not be in the input.
func wasStored(role *rbacv1.ClusterRole) bool { return role.UID != "" }

// readRoles returns the rules of every ClusterRole as they are in the
// snapshot, and the aggregated ones.
func readRoles(s *snapshot.Snapshot, book *ruleBook) (roles *roleRules, aggregated []*rbacv1.ClusterRole) {
	roles = &roleRules{book: book, read: make(map[string][]rbacv1.PolicyRule, snapshot.Count[rbacv1.ClusterRole](s)), lists: map[string]ruleList{}}
	for role := range snapshot.Each[rbacv1.ClusterRole](s) {
		roles.read[role.Name] = role.Rules
		if role.AggregationRule != nil {
			aggregated = append(aggregated, role)
		}
	}
	return roles, aggregated
}

func invalidAggregation(role *rbacv1.ClusterRole, err error) string {
	return fmt.Sprintf("ClusterRole/%s: its aggregationRule is invalid and selects nothing: %v", role.Name, err)
}

func differingAggregation(role string) string {
	return fmt.Sprintf("ClusterRole/%s: its stored rules differ from what its aggregationRule selects in the input; the stored ones are used", role)
}

// roleRules are the rules of the ClusterRoles of one snapshot.
type roleRules struct {
	book     *ruleBook
	read     map[string][]rbacv1.PolicyRule // as in the snapshot
	lists    map[string]ruleList            // those that were numbered or computed
	computed map[string]bool
}

func (r *roleRules) clone() *roleRules {
	return &roleRules{book: r.book, read: r.read, lists: maps.Clone(r.lists), computed: maps.Clone(r.computed)}
}

// of returns the rules of a role.
func (r *roleRules) of(role string) ruleList {
	list, ok := r.lists[role]
	if !ok {
		list = r.book.number(r.read[role])
		r.lists[role] = list
	}
	return list
}

// policies returns the rules of all roles. Those that were not computed are as
// in the snapshot.
func (r *roleRules) policies() map[string][]rbacv1.PolicyRule {
	all := maps.Clone(r.read)
	for role := range r.computed {
		all[role] = r.book.policies(r.lists[role])
	}
	return all
}

// aggregation is a ClusterRole that takes over the rules of others.
type aggregation struct {
	role    string
	sources []string
	// kept are rules that it has whatever its sources are, to which only
	// those of the sources are added that are not among before.
	kept, before ruleList
}

// begin sets the rules that a role has before its sources are looked at.
func (r *roleRules) begin(role string, rules ruleList) {
	if r.computed == nil {
		r.computed = map[string]bool{}
	}
	r.lists[role], r.computed[role] = rules, true
}

// fill computes the rules of aggregated roles as the controller does: for
// each selector in turn, the matching roles by name, without itself and
// without repeating a rule. It goes on until nothing changes, since aggregated
// roles may select each other.
// Source: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
func (r *roleRules) fill(roles []aggregation) {
	// A rule travels at least one role further each round.
	for range len(roles) + 1 {
		changed := false
		for _, a := range roles {
			if next := r.gather(a); !slices.Equal(next, r.of(a.role)) {
				r.begin(a.role, next)
				changed = true
			}
		}
		if !changed {
			break
		}
	}
}

// gather takes an absent and an empty list in a rule for the same, as the
// controller does: the indexes of rules depend on it.
func (r *roleRules) gather(a aggregation) ruleList {
	seen := r.book.seen(a.before, a.kept)
	next := slices.Clone(a.kept)
	for _, source := range a.sources {
		for _, rule := range r.of(source) {
			if seen.add(rule) {
				next = append(next, rule)
			}
		}
	}
	return next
}

// union returns the rules of some roles, each once.
func (r *roleRules) union(roles []string) ruleList { return r.gather(aggregation{sources: roles}) }

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
