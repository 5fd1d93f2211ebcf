package e2e

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// principal is somebody whom an answer of who-can may name, and what the API
// server sees when they ask.
type principal struct {
	kind, namespace, name string
}

func (p principal) String() string { return p.kind + "/" + p.namespace + "/" + p.name }

// identity returns the user name and the groups of a request. A group is
// asked for alone, without a user.
func (p principal) identity() (user string, groups []string) {
	switch {
	case p.kind == rbacv1.GroupKind:
		return "", []string{p.name}
	case p.kind == rbacv1.ServiceAccountKind:
		return "system:serviceaccount:" + p.namespace + ":" + p.name,
			[]string{"system:serviceaccounts", "system:serviceaccounts:" + p.namespace, "system:authenticated"}
	case p.name == "system:anonymous":
		return p.name, []string{"system:unauthenticated"}
	default:
		return p.name, []string{"system:authenticated"}
	}
}

// principals returns everybody whom an answer must consider: the service
// accounts that exist, every subject of a binding, and system:masters.
func principals(ctx context.Context, t *testing.T, c kubernetes.Interface) []principal {
	t.Helper()
	found := map[principal]bool{{kind: rbacv1.GroupKind, name: "system:masters"}: true}
	accounts, err := c.CoreV1().ServiceAccounts("").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts.Items {
		found[principal{rbacv1.ServiceAccountKind, a.Namespace, a.Name}] = true
	}
	clusterBindings, err := c.RbacV1().ClusterRoleBindings().List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range clusterBindings.Items {
		addSubjects(found, b.Subjects)
	}
	bindings, err := c.RbacV1().RoleBindings("").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bindings.Items {
		addSubjects(found, b.Subjects)
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b principal) int { return strings.Compare(a.String(), b.String()) })
}

func addSubjects(found map[principal]bool, subjects []rbacv1.Subject) {
	for _, s := range subjects {
		p := principal{kind: s.Kind, namespace: s.Namespace, name: s.Name}
		if rest, ok := strings.CutPrefix(s.Name, "system:serviceaccount:"); ok && s.Kind == rbacv1.UserKind {
			ns, name, _ := strings.Cut(rest, ":")
			p = principal{rbacv1.ServiceAccountKind, ns, name}
		}
		if p.kind != rbacv1.ServiceAccountKind {
			p.namespace = ""
		}
		found[p] = true
	}
}
