package rbac

// Access is what one subject was found to be allowed.
type Access struct {
	Subject Subject
	// Scopes are where: cluster-wide first, then by namespace. Never empty.
	Scopes []Scope
}

// Scope is one place in which a request is allowed, and why.
type Scope struct {
	Namespace string // "" for the whole cluster
	Via       []Via  // every grant that allows it, never empty
}

// Via is one grant: a rule of a role, through a binding.
type Via struct {
	// Binding is nil for the built-in right of GroupMasters.
	Binding *Binding
	Rule    int // index in Binding.Role.Rules
	// Through is the group that the binding names instead of the subject; ""
	// where it names the subject itself.
	Through string
}

// Builtin reports whether no binding grants this: members of GroupMasters
// pass before any authorizer is asked
// (apiserver/pkg/authorization/authorizerfactory, NewPrivilegedGroups).
func (v Via) Builtin() bool { return v.Binding == nil }

// Direct reports whether a grant names the subject itself, not only groups
// that it is in.
func (a Access) Direct() bool {
	for _, scope := range a.Scopes {
		for _, via := range scope.Via {
			if via.Through == "" {
				return true
			}
		}
	}
	return false
}
