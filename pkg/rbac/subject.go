package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Names that Kubernetes itself gives a meaning.
// Source: apiserver/pkg/authentication/user and .../serviceaccount.
const (
	GroupMasters         = "system:masters"         // bypasses every authorizer
	GroupAuthenticated   = "system:authenticated"   // everyone but UserAnonymous
	GroupUnauthenticated = "system:unauthenticated" // UserAnonymous
	GroupServiceAccounts = "system:serviceaccounts" // every service account; with ":NAMESPACE" those of one namespace
	GroupNodes           = "system:nodes"           // kubelets: users named system:node:NAME
	UserAnonymous        = "system:anonymous"

	serviceAccountPrefix = "system:serviceaccount:"
	nodePrefix           = "system:node:"
)

// Subject is someone that a binding can name.
type Subject struct {
	Kind      string // rbacv1.UserKind, GroupKind or ServiceAccountKind
	Namespace string // of a ServiceAccount, else ""
	Name      string
}

// User returns the user of that name. A user name of the form
// system:serviceaccount:NAMESPACE:NAME is that ServiceAccount; a malformed one
// is a user like any other, in none of the service accounts' groups.
// Source: SplitUsername in apiserver/pkg/authentication/serviceaccount.
func User(name string) Subject {
	if rest, ok := strings.CutPrefix(name, serviceAccountPrefix); ok {
		namespace, account, _ := strings.Cut(rest, ":")
		if canBeAccount(namespace, account) {
			return ServiceAccount(namespace, account)
		}
	}
	return Subject{Kind: rbacv1.UserKind, Name: name}
}

// account returns whoever authenticates as the service account of that
// namespace and name. Where no service account can have the name, only a user
// can, and a binding may name that user as well.
func account(namespace, name string) Subject {
	if canBeAccount(namespace, name) {
		return ServiceAccount(namespace, name)
	}
	return Subject{Kind: rbacv1.UserKind, Name: ServiceAccount(namespace, name).UserName()}
}

// canBeAccount reports whether namespace and name are such that the API server
// would accept them: a DNS label and a DNS subdomain.
func canBeAccount(namespace, name string) bool {
	if len(namespace) > 63 || strings.Contains(namespace, ".") || !isSubdomain(namespace) {
		return false
	}
	return len(name) <= 253 && isSubdomain(name)
}

// isSubdomain checks the characters of a DNS subdomain of RFC 1123. It stands
// for the regular expression of apimachinery, which is too slow for the
// subjects of ten thousand bindings.
func isSubdomain(s string) bool {
	afterAlphanumeric := false
	for i := range len(s) {
		c := s[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		switch {
		case alphanumeric, c == '-' && (afterAlphanumeric || i > 0 && s[i-1] == '-'):
		case c == '.' && afterAlphanumeric:
		default:
			return false
		}
		afterAlphanumeric = alphanumeric
	}
	return afterAlphanumeric
}

// Group returns the group of that name.
func Group(name string) Subject { return Subject{Kind: rbacv1.GroupKind, Name: name} }

// ServiceAccount returns the service account of that namespace and name.
func ServiceAccount(namespace, name string) Subject {
	return Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

// String returns KIND/NAME, or ServiceAccount/NAMESPACE/NAME.
func (s Subject) String() string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return s.Kind + "/" + s.Namespace + "/" + s.Name
	}
	return s.Kind + "/" + s.Name
}

// UserName returns the name under which the subject authenticates; "" for a
// Group, which does not.
func (s Subject) UserName() string {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return serviceAccountPrefix + s.Namespace + ":" + s.Name
	case rbacv1.UserKind:
		return s.Name
	default:
		return ""
	}
}

// BuiltinGroups returns the groups that Kubernetes itself puts the subject
// in. A Group is in none: it is evaluated alone.
func (s Subject) BuiltinGroups() []string {
	switch {
	case s.Kind == rbacv1.ServiceAccountKind:
		return []string{GroupServiceAccounts, GroupServiceAccounts + ":" + s.Namespace, GroupAuthenticated}
	case s.Kind == rbacv1.GroupKind:
		return nil
	case s.Name == UserAnonymous:
		return []string{GroupUnauthenticated}
	case strings.HasPrefix(s.Name, nodePrefix) && len(s.Name) > len(nodePrefix):
		return []string{GroupNodes, GroupAuthenticated}
	default:
		return []string{GroupAuthenticated}
	}
}

// resolveSubject returns whom a subject of a binding in the namespace ("" for
// a ClusterRoleBinding) stands for, or false for one that matches nobody.
// Source: appliesToUser in pkg/registry/rbac/validation/rule.go: a
// ServiceAccount without a namespace is of the binding's; unknown kinds match
// nobody; apiGroup is not looked at.
func resolveSubject(s rbacv1.Subject, namespace string) (Subject, bool) {
	switch s.Kind {
	case rbacv1.UserKind:
		return User(s.Name), true
	case rbacv1.GroupKind:
		return Group(s.Name), true
	case rbacv1.ServiceAccountKind:
		if s.Namespace != "" {
			namespace = s.Namespace
		}
		return account(namespace, s.Name), namespace != ""
	default:
		return Subject{}, false
	}
}

// compareSubjects orders users first, then groups, then service accounts,
// each by namespace and name.
func compareSubjects(a, b Subject) int {
	rank := func(s Subject) int {
		return slices.Index([]string{rbacv1.UserKind, rbacv1.GroupKind, rbacv1.ServiceAccountKind}, s.Kind)
	}
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Name, b.Name),
	)
}
