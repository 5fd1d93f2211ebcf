package rbac

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Explanation tells whether someone is allowed a request, and why or why not.
type Explanation struct {
	Identity Identity
	Groups   []InGroup
	// Scopes are where the request is allowed, and every grant that allows
	// it; empty for a no.
	Scopes []Scope
	// NearMisses are, for a no, the grants that come nearest, nearest first.
	NearMisses []NearMiss
	// WouldDo are, for a no, roles that hold a rule for the request and that a
	// binding could give, the ones with the fewest rules first.
	WouldDo []*Role
}

// Allowed reports whether the authorizer allows the request somewhere.
func (e Explanation) Allowed() bool { return len(e.Scopes) > 0 }

// Why explains the answer to one request of one identity. It decides as
// WhoCan does, also for subjects that the snapshot does not know.
func (x *Index) Why(id Identity, r Request, anywhere bool) Explanation {
	e := Explanation{Identity: id, Groups: x.GroupsOf(id), Scopes: x.ScopesOf(id, r, anywhere)}
	if e.Allowed() {
		return e
	}
	e.NearMisses = newMissFinder(x, e, r, anywhere).find()
	e.WouldDo = x.unboundRoles(r, anywhere)
	return e
}

// ScopesOf returns where the identity is allowed the request, cluster-wide
// first.
func (x *Index) ScopesOf(id Identity, r Request, anywhere bool) []Scope {
	t := x.grants(r, anywhere)
	if id.Subject == Group(GroupMasters) {
		return t.scopes(t.masters)
	}
	var from []source
	if own, ok := x.subjects.ids[id.Subject]; ok {
		from = append(from, source{grants: t.of(own)})
	}
	var names []string
	for _, group := range x.GroupsOf(id) {
		names = append(names, group.Name)
	}
	for _, group := range x.subjects.groupIDs(names) {
		from = append(from, t.fromGroup(group))
	}
	return t.build(from)
}

// LacksSecond returns the second checks of an allowed request that the
// identity does not pass in every scope in which the request is allowed.
func (x *Index) LacksSecond(e Explanation, checks []SecondCheck, anywhere bool) []SecondCheck {
	var lacking []SecondCheck
	for _, check := range checks {
		if len(missingScopes(e.Scopes, x.ScopesOf(e.Identity, check.Request, anywhere))) > 0 {
			lacking = append(lacking, check)
		}
	}
	return lacking
}

// unboundRoles returns the roles that allow the request where a binding of
// the right kind and namespace names them.
func (x *Index) unboundRoles(r Request, anywhere bool) []*Role {
	var roles []*Role
	for _, ref := range x.rules.matching(r) {
		role := x.roles[ref.role]
		if len(roles) > 0 && roles[len(roles)-1] == role {
			continue
		}
		if role.Namespace == "" || anywhere && r.Path == "" || role.Namespace == r.Namespace {
			roles = append(roles, role)
		}
	}
	sortBySize(roles)
	return roles
}

// Namespaced reports whether the type is known to be namespaced.
func (x *Index) Namespaced(group, resource string) bool {
	found, ok := x.snap.Catalog().Lookup(schema.GroupResource{Group: group, Resource: resource})
	return ok && found.Namespaced
}

// Exists reports whether the snapshot has the service account; known is false
// where it cannot tell.
func (x *Index) Exists(subject Subject) (exists, known bool) {
	if snapshot.Get[corev1.ServiceAccount](x.snap, subject.Namespace, subject.Name) != nil {
		return true, true
	}
	for _, gap := range x.snap.Gaps() {
		if gap.Resource == "" || gap.Group == "" && gap.Resource == "serviceaccounts" && (gap.Namespace == "" || gap.Namespace == subject.Namespace) {
			return false, false
		}
	}
	return false, x.snap.Info().Source != snapshot.FromFiles
}

// sortBySize orders roles by what they grant, roughly: wildcards count a
// hundred verbs.
func sortBySize(roles []*Role) {
	const wildcard = 100
	size := func(role *Role) int {
		n := 0
		for i := range role.Rules {
			rule := &role.Rules[i]
			n += len(rule.Verbs) * (len(rule.Resources) + len(rule.NonResourceURLs))
			for _, list := range [][]string{rule.Verbs, rule.APIGroups, rule.Resources, rule.NonResourceURLs} {
				if slices.Contains(list, all) {
					n += wildcard
				}
			}
		}
		return n
	}
	slices.SortStableFunc(roles, func(a, b *Role) int { return cmp.Compare(size(a), size(b)) })
}
