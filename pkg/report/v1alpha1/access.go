package v1alpha1

import (
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// Subject is a user, group or service account.
type Subject struct {
	Kind      string `json:"kind"`      // User, Group or ServiceAccount
	Namespace string `json:"namespace"` // of a ServiceAccount, else ""
	Name      string `json:"name"`
}

// NewSubject converts a subject of the analysis.
func NewSubject(s rbac.Subject) Subject {
	return Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
}

// Ref returns the subject as commands take it: user/NAME, group/NAME or
// sa/NAMESPACE/NAME.
func (s Subject) Ref() string {
	switch s.Kind {
	case "ServiceAccount":
		return "sa/" + s.Namespace + "/" + s.Name
	case "Group":
		return "group/" + s.Name
	default:
		return "user/" + s.Name
	}
}

// Scope is one place in which something is allowed, and why.
type Scope struct {
	Namespace string `json:"namespace"` // "" for the whole cluster
	Via       []Via  `json:"via"`
}

// Via is one grant: binding → role → rule, through a group or "". A built-in
// right has only Builtin, and Through where a group confers it.
type Via struct {
	Binding *ObjectRef `json:"binding,omitempty"`
	Role    *ObjectRef `json:"role,omitempty"`
	Rule    *int       `json:"rule,omitempty"` // index in the role's rules
	Through *string    `json:"through,omitempty"`
	Builtin string     `json:"builtin,omitempty"` // "system:masters"
}

// ObjectRef names an object.
type ObjectRef struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"` // "" for cluster-scoped kinds
	Name      string `json:"name"`
}

// NewScopes converts the scopes of the analysis.
func NewScopes(scopes []rbac.Scope) []Scope {
	out := make([]Scope, 0, len(scopes))
	for _, scope := range scopes {
		s := Scope{Namespace: scope.Namespace, Via: make([]Via, 0, len(scope.Via))}
		for _, via := range scope.Via {
			s.Via = append(s.Via, NewVia(via))
		}
		out = append(out, s)
	}
	return out
}

// NewVia converts a grant of the analysis.
func NewVia(via rbac.Via) Via {
	if via.Builtin() {
		v := Via{Builtin: rbac.GroupMasters}
		if via.Through != "" {
			v.Through = &via.Through
		}
		return v
	}
	b := via.Binding
	return Via{
		Binding: &ObjectRef{Kind: b.Kind, Namespace: b.Namespace, Name: b.Name},
		Role:    &ObjectRef{Kind: b.Role.Kind, Namespace: b.Role.Namespace, Name: b.Role.Name},
		Rule:    &via.Rule,
		Through: &via.Through,
	}
}
