package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// pageSize is that of the product, and of kubectl.
const pageSize = 500

// bareLists lists the four types that decide a question, in parallel, with
// the typed clients, which ask for protobuf, and forgets the objects. It fails
// if there are fewer than were loaded.
func bareLists(ctx context.Context, client kubernetes.Interface) error {
	rbac := client.RbacV1()
	group, ctx := errgroup.WithContext(ctx)
	list := func(name string, least int, page func(metav1.ListOptions) (int, string, error)) {
		group.Go(func() error {
			found := 0
			for opts := (metav1.ListOptions{Limit: pageSize}); ; {
				n, next, err := page(opts)
				if err != nil {
					return fmt.Errorf("list %s: %w", name, err)
				}
				found += n
				if next == "" {
					break
				}
				opts.Continue = next
			}
			if found < least {
				return fmt.Errorf("list %s: found %d, there are %d", name, found, least)
			}
			return nil
		})
	}
	list("roles", namespaces*perNamespace, func(o metav1.ListOptions) (int, string, error) {
		l, err := rbac.Roles("").List(ctx, o)
		return len(l.Items), l.Continue, err
	})
	list("rolebindings", namespaces*perNamespace, func(o metav1.ListOptions) (int, string, error) {
		l, err := rbac.RoleBindings("").List(ctx, o)
		return len(l.Items), l.Continue, err
	})
	list("clusterroles", 1, func(o metav1.ListOptions) (int, string, error) {
		l, err := rbac.ClusterRoles().List(ctx, o)
		return len(l.Items), l.Continue, err
	})
	list("clusterrolebindings", 1, func(o metav1.ListOptions) (int, string, error) {
		l, err := rbac.ClusterRoleBindings().List(ctx, o)
		return len(l.Items), l.Continue, err
	})
	return group.Wait()
}
