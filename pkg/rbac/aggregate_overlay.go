package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// overlaidRoles is clusterRolesOf for a snapshot in which an overlay touches
// ClusterRoles: what the controller would make of it. A role is computed anew
// where that gave its rules before the overlay too. Otherwise rules came from
// roles that are not in the input, as in a dump of some roles only, and would
// be lost: they are kept, and what the overlay adds is added.
func overlaidRoles(s *snapshot.Snapshot, book *ruleBook) (roles, settled *roleRules, warnings []string) {
	was, _, _ := storedRoles(s.Base(), book)
	roles, aggregated := readRoles(s, book)
	var computed []aggregation
	var kept []*keptRole
	for _, role := range aggregated {
		a := aggregation{role: role.Name}
		var err error
		if a.sources, err = selectedRoles(s, role); err != nil {
			warnings = append(warnings, invalidAggregation(role, err))
			continue
		}
		k := keep(s.Base(), was, role, roles, a.sources)
		if k != nil {
			a.kept, a.before = k.rules, was.union(k.sources)
		}
		computed, kept = append(computed, a), append(kept, k)
	}
	settled = roles.clone()
	for _, a := range computed {
		settled.begin(a.role, a.kept)
		roles.begin(a.role, a.kept)
		if old := snapshot.Get[rbacv1.ClusterRole](s.Base(), "", a.role); old != nil && old.AggregationRule != nil {
			roles.begin(a.role, was.of(a.role)) // roles that select each other keep what they have
		}
	}
	roles.fill(computed)
	settled.fill(computed)
	for i, a := range computed {
		if !book.same(roles.of(a.role), settled.of(a.role)) {
			warnings = append(warnings, fmt.Sprintf("ClusterRole/%s: it and others aggregate each other and keep rules that no other role gives them now: whether they lose them is not known", a.role))
		}
		if k := kept[i]; k != nil {
			if k.compare(was, roles); k.warning(s) != "" {
				warnings = append(warnings, k.warning(s))
			}
			computed[i].kept, computed[i].before = k.settled(s, book, a.before)
		}
	}
	for _, a := range computed {
		settled.begin(a.role, a.kept)
	}
	settled.fill(computed)
	return roles, settled, warnings
}

// keptRole is an aggregated ClusterRole whose rules cannot be computed.
type keptRole struct {
	role     *rbacv1.ClusterRole
	old      *rbacv1.ClusterRole // before the overlay; nil if it is new
	rules    ruleList
	selected []string
	sources  []string // that were selected before the overlay

	// touched says that the overlay changes the role or what it selects.
	touched bool
	// lost are the rules that it had from sources and that these, lostFrom,
	// no longer give it.
	lost     ruleList
	lostFrom []string
}

// keep returns the role if its rules are to be kept, else nil.
func keep(base *snapshot.Snapshot, was *roleRules, role *rbacv1.ClusterRole, roles *roleRules, selected []string) *keptRole {
	book := was.book
	k := &keptRole{role: role, rules: roles.of(role.Name), selected: selected}
	k.old = snapshot.Get[rbacv1.ClusterRole](base, "", role.Name)
	if k.old == nil || k.old.AggregationRule == nil {
		k.old = nil
		if len(role.Rules) == 0 || knowsClusterRoles(base) || book.same(k.rules, roles.union(selected)) {
			return nil
		}
		return k
	}
	k.sources, _ = selectedRoles(base, k.old) // none if invalid
	k.rules = book.number(k.old.Rules)        // the controller overwrites what the overlay says
	if len(k.rules) == 0 || book.same(k.rules, was.union(k.sources)) {
		return nil
	}
	return k
}

// knowsClusterRoles reports whether a ClusterRole that is not in the snapshot
// does not exist.
func knowsClusterRoles(s *snapshot.Snapshot) bool {
	return s.Info().CoverageKnown() && !slices.ContainsFunc(s.Gaps(), func(g snapshot.Gap) bool {
		return g.Resource == "" || g.Group == apiGroup && g.Resource == "clusterroles"
	})
}

// compare finds out what the overlay does to the role.
func (k *keptRole) compare(was, roles *roleRules) {
	book := was.book
	now := roles.union(k.selected)
	k.touched = k.role != k.old || !book.same(now, was.union(k.sources))
	for _, source := range k.sources {
		gone := book.without(was.of(source), now)
		if held := book.without(gone, book.without(gone, k.rules)); len(held) > 0 {
			k.lost, k.lostFrom = append(k.lost, held...), append(k.lostFrom, source)
		}
	}
}

// settled returns the rules that stay, and those that sources do not add,
// if the controller has its way: all that is kept may go, unless a cluster's
// controller has put it there.
func (k *keptRole) settled(s *snapshot.Snapshot, book *ruleBook, before ruleList) (kept, notAdded ruleList) {
	switch {
	case k.old == nil:
		return nil, nil
	case s.Info().Stored() && !k.touched:
		return k.rules, before
	case !s.Info().Stored() && wasStored(k.old):
		return book.without(k.rules, k.lost), nil
	default:
		return nil, nil
	}
}

// warning says what is not known of the role, "" for nothing.
func (k *keptRole) warning(s *snapshot.Snapshot) string {
	switch {
	case k.old == nil:
		return fmt.Sprintf("ClusterRole/%s: its rules differ from what its aggregationRule selects in the input; both are used", k.role.Name)
	case k.touched:
	case s.Info().Stored():
		return ""
	default:
		return differingAggregation(k.role.Name)
	}
	text := fmt.Sprintf("ClusterRole/%s: it cannot be recomputed, as its stored rules are not those of the roles in the input that it selects: they are kept, and new ones added", k.role.Name)
	if len(k.lostFrom) > 0 {
		text += fmt.Sprintf("; whether it loses the rules that it has from %s is not known", strings.Join(k.lostFrom, ", "))
	}
	return text
}
