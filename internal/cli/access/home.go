package access

import "github.com/kubectl-secure/kubectl-secure/pkg/rbac"

// Home is the namespace to ask about where none is named: a service account
// or pod has one of its own, others are asked about in that of the context.
func Home(who rbac.Reference, context string) string {
	switch {
	case who.Pod.Namespace != "":
		return who.Pod.Namespace
	case who.Subject.Namespace != "":
		return who.Subject.Namespace
	default:
		return context
	}
}
