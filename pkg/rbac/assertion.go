package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// Assertion is a statement about permissions that should hold.
type Assertion struct {
	// Who is whom it is about; empty only where Allowed is false: it is then
	// about everyone but Except.
	Who     []Subject
	Allowed bool // they can; else they cannot
	// Plans are the requests that it is about; all of them must hold.
	Plans []Plan
	// Except are patterns of subjects (see MatchesSubject).
	Except []string
}

// Violation is one way in which an assertion does not hold.
type Violation struct {
	Request Request
	Subject Subject
	// Scopes are where the subject is allowed what it should not be; empty
	// where it is not allowed what it should be.
	Scopes []Scope
}

// Outcome is whether an assertion holds.
type Outcome struct {
	Violations []Violation
	// ByName are subjects that a request without a name does not count, since
	// they are allowed it for some names only: for assertions about everyone.
	ByName []NamedAccess
	// Unproven says that what could not be read may turn the outcome: someone
	// who was not found to be allowed may be.
	Unproven bool
}

// Holds reports whether no violation was found.
func (o Outcome) Holds() bool { return len(o.Violations) == 0 }

// Check holds an assertion against the snapshot.
func (x *Index) Check(a Assertion) Outcome {
	var out Outcome
	gaps := false
	for _, plan := range a.Plans {
		gaps = gaps || len(x.GapsFor(plan)) > 0
		switch {
		case a.Allowed:
			out.Violations = append(out.Violations, x.lacking(a, plan)...)
		default:
			out.Violations = append(out.Violations, x.excess(a, plan)...)
			out.ByName = append(out.ByName, x.excessByName(a, plan)...)
		}
	}
	// A gap can only hide grants.
	out.Unproven = gaps && out.Holds() != a.Allowed
	return out
}

// lacking finds subjects that should be allowed and are not.
func (x *Index) lacking(a Assertion, plan Plan) []Violation {
	var found []Violation
	for _, subject := range a.Who {
		if len(x.ScopesOf(Identity{Subject: subject}, plan.Request, false)) == 0 {
			found = append(found, Violation{Request: plan.Request, Subject: subject})
		}
	}
	return found
}

// excess finds subjects that are allowed and should not be.
func (x *Index) excess(a Assertion, plan Plan) []Violation {
	var found []Violation
	add := func(subject Subject, scopes []Scope) {
		if scopes = withoutExempt(subject, scopes, a.Except); len(scopes) > 0 {
			found = append(found, Violation{plan.Request, subject, scopes})
		}
	}
	if len(a.Who) > 0 {
		for _, subject := range a.Who {
			add(subject, x.ScopesOf(Identity{Subject: subject}, plan.Request, plan.Anywhere))
		}
		return found
	}
	for _, access := range x.WhoCan(plan.Request, plan.Anywhere) {
		// Members of a group are not counted again beside the group itself.
		add(access.Subject, directScopes(access.Scopes))
	}
	return found
}

// excessByName finds subjects that are allowed for some names what nobody
// should be allowed.
func (x *Index) excessByName(a Assertion, plan Plan) []NamedAccess {
	if len(a.Who) > 0 {
		return nil
	}
	return slices.DeleteFunc(x.NamedOnly(plan.Request, plan.Anywhere), func(n NamedAccess) bool { return exempt(n.Subject, a.Except) })
}

// exempt reports whether a subject is excepted. GroupMasters always is: no
// RBAC object can take its rights away.
func exempt(s Subject, except []string) bool {
	return s == Group(GroupMasters) ||
		slices.ContainsFunc(except, func(pattern string) bool { return MatchesSubject(pattern, s) })
}

// directScopes keeps the grants that name the subject itself.
func directScopes(scopes []Scope) []Scope {
	return filterVia(scopes, func(v Via) bool { return v.Through == "" })
}

// withoutExempt drops what is allowed to exist: everything where the subject
// itself is excepted, and grants through excepted groups.
func withoutExempt(subject Subject, scopes []Scope, except []string) []Scope {
	if exempt(subject, except) {
		return nil
	}
	return filterVia(scopes, func(v Via) bool { return v.Through == "" || !exempt(Group(v.Through), except) })
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

// MatchesSubject reports whether a subject is one that the pattern names:
// user/NAME, group/NAME or sa/NAMESPACE/NAME, where "*" stands for any text.
func MatchesSubject(pattern string, s Subject) bool {
	kind := map[string]string{"User": "user/", "Group": "group/", "ServiceAccount": "sa/"}[s.Kind]
	ref := kind + s.Name
	if s.Namespace != "" {
		ref = kind + s.Namespace + "/" + s.Name
	}
	return matchStars(pattern, ref)
}

// matchStars matches text against a pattern in which "*" is any text. It
// looks for the fixed parts in order, which needs no backtracking.
func matchStars(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

// ParsePattern checks a pattern of subjects.
func ParsePattern(typed string) (string, error) {
	if typed == "*" {
		return typed, nil
	}
	kind, rest, ok := strings.Cut(typed, "/")
	if !ok || rest == "" {
		return "", fmt.Errorf("%q does not say whether it is a user, a group or a service account: write user/NAME, group/NAME or sa/NAMESPACE/NAME", typed)
	}
	switch kindOf(kind) {
	case "User":
		return "user/" + rest, nil
	case "Group":
		return "group/" + rest, nil
	case "ServiceAccount":
		if !strings.Contains(rest, "/") {
			return "", fmt.Errorf("%q names no namespace: write sa/NAMESPACE/NAME", typed)
		}
		return "sa/" + rest, nil
	default:
		return "", fmt.Errorf("%q is not a subject: write user/NAME, group/NAME or sa/NAMESPACE/NAME", typed)
	}
}
