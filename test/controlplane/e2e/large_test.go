package e2e

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// The size of the large cluster: more than 500, the page size of the
// product's lists, of each RBAC type, and not a multiple of it.
const (
	largeNamespaces   = 62
	largePerNamespace = 10
	largeTotal        = largeNamespaces * largePerNamespace // of each type
)

// largeObjects are largeTotal ServiceAccounts, Roles, RoleBindings,
// ClusterRoles and ClusterRoleBindings. Each binding grants its own subject
// exactly one thing, so that an answer that misses a page misses subjects:
// service account app-J of namespace team-I may get pods there, user
// user-N may get nodes.
func largeObjects() []runtime.Object {
	var out []runtime.Object
	for i := range largeNamespaces {
		ns := fmt.Sprintf("team-%03d", i)
		out = append(out, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})
		for j := range largePerNamespace {
			out = append(out, namespacedGrant(ns, j)...)
			out = append(out, clusterGrant(i*largePerNamespace+j)...)
		}
	}
	return out
}

func namespacedGrant(ns string, j int) []runtime.Object {
	meta := metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("app-%d", j)}
	return []runtime.Object{
		&corev1.ServiceAccount{ObjectMeta: meta},
		&rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}},
		}},
		&rbacv1.RoleBinding{
			ObjectMeta: meta,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: meta.Name}},
		},
	}
}

func clusterGrant(n int) []runtime.Object {
	meta := metav1.ObjectMeta{Name: fmt.Sprintf("large-%04d", n)}
	return []runtime.Object{
		&rbacv1.ClusterRole{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"nodes"}},
		}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: meta,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: meta.Name},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: fmt.Sprintf("user-%04d", n)}},
		},
	}
}
