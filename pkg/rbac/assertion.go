package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Assertion is a statement about permissions that should hold.
type Assertion struct {
	// Who is whom it is about; empty only where Allowed is false: it is then
	// about everyone but Except and GroupMasters, which no RBAC object limits.
	Who     []Subject
	Allowed bool // they can; else they cannot
	// Plans are the requests that it is about; all of them must hold.
	Plans []Plan
	// Except are patterns of subjects (see MatchesSubject).
	Except []string
}

// Violation is one way in which an assertion does not hold.
type Violation struct {
	Request  Request
	Anywhere bool // the request was asked in every namespace
	Subject  Subject
	// Scopes are where the subject is allowed what it should not be; empty
	// where it is not allowed what it should be.
	Scopes []Scope
}

// Outcome is whether an assertion holds.
type Outcome struct {
	Violations []Violation
	// ByName are subjects that are allowed it for some names only where nobody
	// should be, or they should not: requests for an object carry its name.
	ByName []NamedAccess
	// Roleless are bindings of those whom the assertion is about, whose roles
	// are not in the snapshot: they grant nothing as far as it shows.
	Roleless []*Binding
	// Strangers are those of Who whom nothing in the input names: what is said
	// of them holds for any name.
	Strangers []Subject
	// Unproven says that what could not be read, or is not among manifests,
	// may turn the outcome: someone who was not found to be allowed may be. So
	// may the aggregation controller (see UnsettledFor).
	Unproven bool
}

// Holds reports whether no violation was found.
func (o Outcome) Holds() bool { return len(o.Violations)+len(o.ByName) == 0 }

// Check holds an assertion against the snapshot.
func (x *Index) Check(a Assertion) Outcome {
	out := Outcome{Strangers: x.strangers(a.Who)}
	gaps, certain := false, false // what is missing can only hide grants
	for _, plan := range a.Plans {
		roleless := x.roleless(a, plan)
		gap := x.mayTurn(plan) || len(roleless) > 0 && !x.snap.Info().CoverageKnown()
		found := x.lacking
		if !a.Allowed {
			found = x.excess
			out.ByName = append(out.ByName, x.excessByName(a, plan)...)
		}
		violations := found(a, plan)
		out.Violations = append(out.Violations, violations...)
		out.Roleless = append(out.Roleless, roleless...)
		gaps = gaps || gap
		certain = certain || len(violations) > 0 && (!a.Allowed || !gap)
	}
	out.ByName = joinNames(out.ByName)
	slices.SortFunc(out.Roleless, func(a, b *Binding) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	out.Roleless = slices.Compact(out.Roleless)
	out.Unproven = gaps && !certain && out.Holds() != a.Allowed || x.holdsOtherwise(a, out)
	return out
}

// mayTurn reports whether a gap can hide grants of the request. Unread service
// accounts cannot: bindings name them whether they exist or not.
func (x *Index) mayTurn(plan Plan) bool {
	return slices.ContainsFunc(x.GapsFor(plan), func(g snapshot.Gap) bool { return g.Resource != "serviceaccounts" })
}

// lacking finds subjects that should be allowed and are not.
func (x *Index) lacking(a Assertion, plan Plan) []Violation {
	var found []Violation
	for _, subject := range a.Who {
		if len(x.ScopesOf(memberOf(subject), plan.Request, plan.Anywhere)) == 0 {
			found = append(found, Violation{plan.Request, plan.Anywhere, subject, nil})
		}
	}
	return found
}

// excess finds subjects that are allowed and should not be.
func (x *Index) excess(a Assertion, plan Plan) []Violation {
	var found []Violation
	add := func(subject Subject, scopes []Scope) {
		if scopes = a.withoutExempt(subject, scopes); len(scopes) > 0 {
			found = append(found, Violation{plan.Request, plan.Anywhere, subject, scopes})
		}
	}
	if len(a.Who) > 0 {
		for _, subject := range a.Who {
			add(subject, x.ScopesOf(memberOf(subject), plan.Request, plan.Anywhere))
		}
		return found
	}
	for _, access := range x.WhoCan(plan.Request, plan.Anywhere) {
		// Members of a group are not counted again beside the group itself.
		add(access.Subject, directScopes(access.Scopes))
	}
	return found
}

// excessByName finds subjects that are allowed for some names what they, or
// where Who is empty nobody, should be allowed.
func (x *Index) excessByName(a Assertion, plan Plan) []NamedAccess {
	named := slices.DeleteFunc(x.NamedOnly(plan.Request, plan.Anywhere), func(n NamedAccess) bool { return a.exempts(n.Subject) })
	if len(a.Who) == 0 || len(named) == 0 {
		return named
	}
	var found []NamedAccess
	for _, subject := range a.Who {
		id := memberOf(subject)
		if a.exempts(subject) || len(x.ScopesOf(id, plan.Request, plan.Anywhere)) > 0 {
			continue
		}
		for _, n := range named {
			if x.isOneOf(id, n.Subject) {
				found = append(found, NamedAccess{subject, n.Names})
			}
		}
	}
	return found
}

// roleless finds the bindings whose roles are not in the snapshot and that
// would have a say about the request for those whom the assertion is about.
func (x *Index) roleless(a Assertion, plan Plan) []*Binding {
	concerns := func(s Subject) bool {
		if len(a.Who) == 0 {
			return !a.exempts(s)
		}
		return slices.ContainsFunc(a.Who, func(who Subject) bool { return x.isOneOf(memberOf(who), s) && !a.exempts(who) && !a.exempts(s) })
	}
	var found []*Binding
	for _, bindings := range x.inScope(plan.Request, plan.Anywhere) {
		for i := bindings.from; i < bindings.to; i++ {
			if b := &x.bindings[i]; b.Role == nil && slices.ContainsFunc(b.Subjects, concerns) {
				found = append(found, b)
			}
		}
	}
	return found
}

// isOneOf reports whether a binding that names the subject is one of the
// identity: it names the identity itself or a group that it is in.
func (x *Index) isOneOf(id Identity, named Subject) bool {
	return named == id.Subject || named.Kind == rbacv1.GroupKind &&
		slices.ContainsFunc(x.GroupsOf(id), func(g InGroup) bool { return g.Name == named.Name })
}

// strangers returns the subjects whom nothing in the input names and that
// Kubernetes does not know by itself.
func (x *Index) strangers(subjects []Subject) []Subject {
	return slices.DeleteFunc(slices.Clone(subjects), func(s Subject) bool {
		filled, _ := FilledByKubernetes(s.Name)
		namespace, ofNamespace := strings.CutPrefix(s.Name, GroupServiceAccounts+":")
		switch {
		case s.Kind == rbacv1.GroupKind && ofNamespace:
			return slices.ContainsFunc(x.subjects.list, func(other Subject) bool {
				return other.Kind == rbacv1.ServiceAccountKind && other.Namespace == namespace
			})
		case s.Kind == rbacv1.GroupKind && filled, s == User(UserAnonymous):
			return true
		}
		return x.Known(s)
	})
}

// memberOf returns whom an assertion about the subject is about: for a group
// that is any member of it.
func memberOf(s Subject) Identity { return Identity{Subject: s, Groups: groupsOfMembers(s)} }

// joinNames gives each subject one entry.
func joinNames(list []NamedAccess) []NamedAccess {
	var joined []NamedAccess
	for _, n := range list {
		i := slices.IndexFunc(joined, func(j NamedAccess) bool { return j.Subject == n.Subject })
		if i < 0 {
			i = len(joined)
			joined = append(joined, NamedAccess{Subject: n.Subject})
		}
		names := slices.Concat(joined[i].Names, n.Names)
		slices.Sort(names)
		joined[i].Names = slices.Compact(names)
	}
	return joined
}

// exempts reports whether a subject is excepted. GroupMasters is where the
// assertion is about everyone: no RBAC object can take its rights away.
func (a Assertion) exempts(s Subject) bool {
	return len(a.Who) == 0 && s == Group(GroupMasters) ||
		slices.ContainsFunc(a.Except, func(pattern string) bool { return MatchesSubject(pattern, s) })
}

// withoutExempt drops what is allowed to exist: everything where the subject
// itself is excepted, and grants through excepted groups.
func (a Assertion) withoutExempt(subject Subject, scopes []Scope) []Scope {
	if a.exempts(subject) {
		return nil
	}
	return filterVia(scopes, func(v Via) bool { return v.Through == "" || !a.exempts(Group(v.Through)) })
}

// directScopes keeps the grants that name the subject itself.
func directScopes(scopes []Scope) []Scope {
	return filterVia(scopes, func(v Via) bool { return v.Through == "" })
}

func filterVia(scopes []Scope, keep func(Via) bool) []Scope {
	var kept []Scope
	for _, scope := range scopes {
		var via []Via
		for _, v := range scope.Via {
			if keep(v) {
				via = append(via, v)
			}
		}
		if len(via) > 0 {
			kept = append(kept, Scope{scope.Namespace, via})
		}
	}
	return kept
}
