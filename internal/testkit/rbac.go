package testkit

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Rule returns a rule of comma-separated verbs, API groups ("" is the core
// group) and resources, limited to names where there are any:
// Rule("get,list", "", "pods").
func Rule(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: split(verbs), APIGroups: split(groups), Resources: split(resources), ResourceNames: names}
}

// URLRule returns a rule of comma-separated verbs and non-resource URLs.
func URLRule(verbs, urls string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: split(verbs), NonResourceURLs: split(urls)}
}

// Role returns a role of the rules.
func Role(namespace, name string, rules ...rbacv1.PolicyRule) *rbacv1.Role {
	return &rbacv1.Role{ObjectMeta: meta("Role", namespace, name), Rules: rules}
}

// ClusterRole returns a cluster role of the rules.
func ClusterRole(name string, rules ...rbacv1.PolicyRule) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{ObjectMeta: meta("ClusterRole", "", name), Rules: rules}
}

// RoleBinding binds subjects to a role, given as "Role/NAME" or
// "ClusterRole/NAME".
func RoleBinding(namespace, name, role string, subjects ...rbacv1.Subject) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{ObjectMeta: meta("RoleBinding", namespace, name), RoleRef: roleRef(role), Subjects: subjects}
}

// ClusterRoleBinding binds subjects to the cluster role of the name.
func ClusterRoleBinding(name, clusterRole string, subjects ...rbacv1.Subject) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: meta("ClusterRoleBinding", "", name),
		RoleRef:    roleRef("ClusterRole/" + clusterRole),
		Subjects:   subjects,
	}
}

func roleRef(role string) rbacv1.RoleRef {
	kind, name, _ := strings.Cut(role, "/")
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

// User returns a user as a subject.
func User(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}
}

// Group returns a group as a subject.
func Group(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: name}
}

// SA returns a service account as a subject.
func SA(namespace, name string) rbacv1.Subject {
	return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}
