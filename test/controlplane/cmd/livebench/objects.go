package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// The size of the cluster.
const (
	namespaces   = 300
	perNamespace = 20 // roles, and as many bindings
	accounts     = 4  // service accounts of a namespace, which share its bindings
	writers      = 16 // namespaces that are filled at once
)

// load makes the objects.
func load(ctx context.Context, client kubernetes.Interface) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i := range namespaces {
		group.Go(func() error {
			name := fmt.Sprintf("team-%03d", i)
			if err := fill(ctx, client, name, i); err != nil {
				return fmt.Errorf("fill namespace %s: %w", name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func fill(ctx context.Context, client kubernetes.Interface, name string, number int) error {
	opts := metav1.CreateOptions{FieldManager: "helm"}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, opts); err != nil {
		return err
	}
	for j := range accounts {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: accountName(j)}}
		if _, err := client.CoreV1().ServiceAccounts(name).Create(ctx, account, opts); err != nil {
			return err
		}
	}
	for j := range perNamespace {
		role, binding := roleAndBinding(name, number, j)
		if _, err := client.RbacV1().Roles(name).Create(ctx, role, opts); err != nil {
			return err
		}
		if _, err := client.RbacV1().RoleBindings(name).Create(ctx, binding, opts); err != nil {
			return err
		}
	}
	return nil
}

func accountName(j int) string { return fmt.Sprintf("account-%d", j%accounts) }

// roleAndBinding are those of one application: half of the roles allow pods
// to be read, and each is given to a service account and to a group of people.
func roleAndBinding(namespace string, number, j int) (*rbacv1.Role, *rbacv1.RoleBinding) {
	resources := [][]string{{"pods", "services"}, {"configmaps"}}[j%2]
	meta := metav1.ObjectMeta{
		Namespace: namespace, Name: fmt.Sprintf("app-%02d", j),
		Labels: map[string]string{"app.kubernetes.io/managed-by": "helm", "app.kubernetes.io/instance": fmt.Sprintf("app-%02d", j)},
	}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: resources, Verbs: []string{"get", "list", "watch"}},
		{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "update"}},
	}}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
		Subjects: []rbacv1.Subject{
			{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: accountName(j / 2)},
			{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: fmt.Sprintf("team-%d", number%50)},
		},
	}
	return role, binding
}
