package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

const (
	// startTimeout is generous: two seconds are usual, but test machines are
	// small and busy.
	startTimeout  = 2 * time.Minute
	checkInterval = 50 * time.Millisecond
)

// waitReady waits until the API server reports that it is ready and has made
// the namespaces, which /readyz does not wait for.
func (cp *ControlPlane) waitReady(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(cp.Client(Admin))
	if err != nil {
		return fmt.Errorf("wait for the API server: %w", err)
	}
	return cp.poll(ctx, "the API server is ready", func(ctx context.Context) error {
		if err := client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
			return err
		}
		for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
			if _, err := client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// waitControllers waits until the controllers have done what tests rely on:
// aggregated roles are filled and the namespaces have their default
// ServiceAccount.
func (cp *ControlPlane) waitControllers(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(cp.Client(Admin))
	if err != nil {
		return fmt.Errorf("wait for the controllers: %w", err)
	}
	return cp.poll(ctx, "the controllers have worked", func(ctx context.Context) error {
		roles, err := client.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if err := aggregated(roles.Items); err != nil {
			return err
		}
		return defaultServiceAccounts(ctx, client, "default", "kube-system", "kube-public", "kube-node-lease")
	})
}

func defaultServiceAccounts(ctx context.Context, client kubernetes.Interface, namespaces ...string) error {
	for _, ns := range namespaces {
		if _, err := client.CoreV1().ServiceAccounts(ns).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return fmt.Errorf("service account %s/default: %w", ns, err)
		}
	}
	return nil
}

// aggregated returns an error that names the first ClusterRole that lacks a
// rule of a role that it aggregates.
func aggregated(roles []rbacv1.ClusterRole) error {
	for _, role := range roles {
		if role.AggregationRule == nil {
			continue
		}
		for _, s := range role.AggregationRule.ClusterRoleSelectors {
			selector, err := metav1.LabelSelectorAsSelector(&s)
			if err != nil {
				return fmt.Errorf("cluster role %s: %w", role.Name, err)
			}
			for _, part := range roles {
				if part.Name != role.Name && selector.Matches(labels.Set(part.Labels)) && !containsRules(role.Rules, part.Rules) {
					return fmt.Errorf("cluster role %s has not all rules of %s yet", role.Name, part.Name)
				}
			}
		}
	}
	return nil
}

func containsRules(all, wanted []rbacv1.PolicyRule) bool {
	for _, w := range wanted {
		found := false
		for _, r := range all {
			found = found || equality.Semantic.DeepEqual(r, w)
		}
		if !found {
			return false
		}
	}
	return true
}

// poll calls check until it returns no error, a program of the control plane
// ends or the time is over.
func (cp *ControlPlane) poll(ctx context.Context, what string, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	var last error
	for {
		if err := cp.dead(); err != nil {
			return err
		}
		err := check(ctx)
		if err == nil {
			return nil
		}
		// What the deadline cut off says nothing about the reason.
		if ctx.Err() == nil {
			last = err
		}
		if apierrors.IsUnauthorized(err) {
			return fmt.Errorf("wait until %s: %w", what, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, errors.Join(ctx.Err(), last))
		case <-tick.C:
		}
	}
}
