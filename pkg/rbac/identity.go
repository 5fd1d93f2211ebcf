package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Reference is how a person names someone: a subject, a pod that runs as one,
// or the caller.
type Reference struct {
	Subject Subject // zero where Pod or Me stands for it
	Pod     PodName
	Me      bool
}

// PodName names a pod; the zero PodName is none.
type PodName struct{ Namespace, Name string }

// ParseReference reads SUBJECT: sa/NAME (in the namespace), sa/NS/NAME,
// NS/sa/NAME, user/NAME, group/NAME (the rest is the name, slashes included),
// pod/NAME, NS/pod/NAME, pod/NS/NAME, system:serviceaccount:NS:NAME, or me.
func ParseReference(typed, namespace string) (Reference, error) {
	kind, rest, slash := strings.Cut(typed, "/")
	switch {
	case typed == "me":
		return Reference{Me: true}, nil
	case strings.HasPrefix(typed, serviceAccountPrefix):
		subject := User(typed)
		if subject.Kind != rbacv1.ServiceAccountKind {
			return Reference{}, fmt.Errorf("%q is not system:serviceaccount:NAMESPACE:NAME", typed)
		}
		return Reference{Subject: subject}, nil
	case !slash:
		return Reference{}, fmt.Errorf("%q does not say whether it is a service account, a user, a group or a pod: write sa/%[1]s, user/%[1]s, group/%[1]s or pod/%[1]s", typed)
	case rest == "":
		return Reference{}, fmt.Errorf("no name follows the slash in %q", typed)
	}
	switch kindOf(kind) {
	case rbacv1.UserKind:
		return Reference{Subject: User(rest)}, nil
	case rbacv1.GroupKind:
		return Reference{Subject: Group(rest)}, nil
	case "":
		// NAMESPACE/TYPE/NAME, as objects are named everywhere.
		inner, name, ok := strings.Cut(rest, "/")
		if k := kindOf(inner); ok && (k == rbacv1.ServiceAccountKind || k == podKind) {
			return namespacedReference(typed, k, kind, name)
		}
		return Reference{}, fmt.Errorf("%q is not a subject: write sa/[NAMESPACE/]NAME, user/NAME, group/NAME or pod/[NAMESPACE/]NAME", typed)
	}
	if ns, name, ok := strings.Cut(rest, "/"); ok {
		return namespacedReference(typed, kindOf(kind), ns, name)
	}
	return namespacedReference(typed, kindOf(kind), namespace, rest)
}

const podKind = "Pod"

// kindOf maps what is typed before the slash to a kind, "" if it is none.
func kindOf(word string) string {
	forms := map[string][]string{
		rbacv1.UserKind:           {"user", "users", "u"},
		rbacv1.GroupKind:          {"group", "groups", "g"},
		rbacv1.ServiceAccountKind: {"sa", "serviceaccount", "serviceaccounts"},
		podKind:                   {"pod", "pods", "po"},
	}
	for kind, words := range forms {
		if slices.Contains(words, strings.ToLower(word)) {
			return kind
		}
	}
	return ""
}

func namespacedReference(typed, kind, namespace, name string) (Reference, error) {
	switch {
	case namespace == "" || name == "" || strings.ContainsAny(name+namespace, "/:"):
		return Reference{}, fmt.Errorf("%q is not TYPE/NAME or TYPE/NAMESPACE/NAME", typed)
	case kind == podKind:
		return Reference{Pod: PodName{namespace, name}}, nil
	default:
		return Reference{Subject: ServiceAccount(namespace, name)}, nil
	}
}

// Identity is someone who makes a request.
type Identity struct {
	Subject Subject
	// Groups are groups that the subject is said to be in, beside those that
	// Kubernetes and the membership know of.
	Groups []string
}

// GroupSource says how it is known that someone is in a group.
type GroupSource string

// The sources of group membership.
const (
	GroupBuiltin GroupSource = "builtin" // Kubernetes itself puts the subject there
	GroupKnown   GroupSource = "known"   // a membership says so: the cluster's own record, or a file
	GroupGiven   GroupSource = "given"   // whoever asks says so
)

// InGroup is a group that someone is in.
type InGroup struct {
	Name   string
	Source GroupSource
}

// GroupsOf returns the groups that the identity is in, by source and name,
// each once.
func (x *Index) GroupsOf(id Identity) []InGroup {
	var groups []InGroup
	add := func(name string, source GroupSource) {
		if !slices.ContainsFunc(groups, func(g InGroup) bool { return g.Name == name }) {
			groups = append(groups, InGroup{name, source})
		}
	}
	for _, name := range id.Subject.BuiltinGroups() {
		add(name, GroupBuiltin)
	}
	var recorded []string
	for group, users := range x.known {
		if id.Subject.Kind != rbacv1.GroupKind && slices.ContainsFunc(users, func(u string) bool { return User(u) == id.Subject }) {
			recorded = append(recorded, group)
		}
	}
	slices.Sort(recorded)
	for _, name := range recorded {
		add(name, GroupKnown)
	}
	for _, name := range id.Groups {
		add(name, GroupGiven)
	}
	return groups
}

// groupsOfMembers returns the groups that every member of a group is in
// beside it: whoever is in one was authenticated.
// Source: group_adder in apiserver/pkg/authentication/group.
func groupsOfMembers(s Subject) []string {
	if s.Kind != rbacv1.GroupKind || s.Name == GroupUnauthenticated || s.Name == GroupAuthenticated {
		return nil
	}
	if strings.HasPrefix(s.Name, GroupServiceAccounts+":") {
		return []string{GroupServiceAccounts, GroupAuthenticated}
	}
	return []string{GroupAuthenticated}
}
