package rbac

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// unsettledRole is an aggregated ClusterRole that the aggregation controller
// may give other rules than those that count here.
type unsettledRole struct {
	name          string
	rules         []rbacv1.PolicyRule // then
	added, losing []rbacv1.PolicyRule
}

// unsettledRoles compares the rules that count with those that the controller
// would give.
func unsettledRoles(roles, settled *roleRules) []unsettledRole {
	var list []unsettledRole
	for _, name := range slices.Sorted(maps.Keys(settled.computed)) {
		now, then := roles.of(name), settled.of(name)
		if book := roles.book; !book.same(now, then) {
			list = append(list, unsettledRole{
				name: name, rules: book.policies(then),
				added: book.policies(book.without(then, now)), losing: book.policies(book.without(now, then)),
			})
		}
	}
	return list
}

// UnsettledFor returns a gap for each bound aggregated ClusterRole whose
// answer to a planned question depends on whether the aggregation controller
// has run: manifests may be applied next, or come from a cluster, and an
// overlay may take away roles that it selects. With who it is about the
// bindings of this identity only.
func (x *Index) UnsettledFor(p Plan, who ...Identity) []snapshot.Gap {
	spans := x.inScope(p.Request, p.Anywhere)
	return x.unsettledGaps(func(rule rbacv1.PolicyRule) bool {
		return Allows(&rule, p.Request) || allowsSomeName(&rule, p.Request)
	}, func(binding int32) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return s.from <= binding && binding < s.to }) &&
			x.namesOne(binding, who)
	})
}

// UnsettledOf is UnsettledFor for everything that an identity can do in a
// namespace, "" for all.
func (x *Index) UnsettledOf(id Identity, namespace string) []snapshot.Gap {
	return x.unsettledGaps(func(rbacv1.PolicyRule) bool { return true }, func(binding int32) bool {
		at := x.bindings[binding].Namespace
		return (namespace == "" || at == "" || at == namespace) && x.namesOne(binding, []Identity{id})
	})
}

// namesOne reports whether a binding names one of the identities; true for
// none of them.
func (x *Index) namesOne(binding int32, who []Identity) bool {
	return len(who) == 0 || slices.ContainsFunc(who, func(id Identity) bool {
		return slices.ContainsFunc(x.bindings[binding].Subjects, func(s Subject) bool { return x.isOneOf(id, s) })
	})
}

func (x *Index) unsettledGaps(matters func(rbacv1.PolicyRule) bool, counts func(binding int32) bool) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, u := range x.unsettled {
		added, losing := slices.ContainsFunc(u.added, matters), slices.ContainsFunc(u.losing, matters)
		role := x.Role("ClusterRole", "", u.name)
		if !added && !losing || !slices.ContainsFunc(role.boundBy, counts) {
			continue
		}
		change := "may add rules to it"
		switch {
		case added && losing:
			change = "may add rules to it and remove some"
		case losing:
			change = "may remove rules from it"
		}
		gaps = append(gaps, snapshot.Gap{
			Group: apiGroup, Resource: "clusterroles", Reason: snapshot.Absent,
			Detail: "ClusterRole " + u.name + " is not as its aggregationRule makes it: the controller " + change + " that decide this",
		})
	}
	return gaps
}

// settledRules returns the rules with those that the controller would give.
func settledRules(rules map[string][]rbacv1.PolicyRule, unsettled []unsettledRole) map[string][]rbacv1.PolicyRule {
	then := maps.Clone(rules)
	for _, u := range unsettled {
		then[u.name] = u.rules
	}
	return then
}

// holdsOtherwise reports whether the outcome of an assertion is another one
// once the aggregation controller has run.
func (x *Index) holdsOtherwise(a Assertion, out Outcome) bool {
	matters := func(p Plan) bool { return len(x.UnsettledFor(p)) > 0 }
	return slices.ContainsFunc(a.Plans, matters) && x.settled().Check(a).Holds() != out.Holds()
}
