package e2e

import (
	"context"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// clientOf returns a client of a cluster that acts as a user.
func clientOf(t *testing.T, cp *harness.ControlPlane, user string) *kubernetes.Clientset {
	t.Helper()
	c, err := kubernetes.NewForConfig(cp.Client(user))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestControlPlane checks the premises of all other tests: the shared cluster
// is there, and its users may do what users_test.go says and no more.
func TestControlPlane(t *testing.T) {
	t.Parallel()
	roles := func(ns string) func(context.Context, *kubernetes.Clientset) error {
		return func(ctx context.Context, c *kubernetes.Clientset) error {
			_, err := c.RbacV1().Roles(ns).List(ctx, metav1.ListOptions{})
			return err
		}
	}
	secrets := func(ctx context.Context, c *kubernetes.Clientset) error {
		_, err := c.CoreV1().Secrets("shop").List(ctx, metav1.ListOptions{})
		return err
	}
	review := func(ctx context.Context, c *kubernetes.Clientset) error {
		_, err := c.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{User: "x", NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: "get", Path: "/"}},
		}, metav1.CreateOptions{})
		return err
	}
	tests := []struct {
		name, user string
		request    func(context.Context, *kubernetes.Clientset) error
		allowed    bool
	}{
		{"admin reads secrets", harness.Admin, secrets, true},
		{"nobody reads nothing", nobody, roles("shop"), false},
		{"auditor reads all roles", auditor, roles(""), true},
		{"auditor reads no secrets", auditor, secrets, false},
		{"auditor asks no reviews", auditor, review, false},
		{"operator reads all roles", operator, roles(""), true},
		{"operator asks reviews", operator, review, true},
		{"team lead reads roles of shop", teamLead, roles("shop"), true},
		{"team lead reads no roles of billing", teamLead, roles("billing"), false},
		{"team lead reads no roles of all namespaces", teamLead, roles(""), false},
		{"deputy reads nothing", deputy, roles("shop"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.request(t.Context(), clientOf(t, shared.cluster, tt.user))
			if tt.allowed && err != nil || !tt.allowed && !apierrors.IsForbidden(err) {
				t.Errorf("got %v, want allowed: %t", err, tt.allowed)
			}
		})
	}
}

// TestLargeClusterNeedsPages checks that the large cluster does not fit in one
// page of any type that it is made for.
func TestLargeClusterNeedsPages(t *testing.T) {
	t.Parallel()
	c := clientOf(t, largeCluster(t), harness.Admin)
	page := metav1.ListOptions{Limit: 500}
	lists := map[string]func(context.Context) (metav1.ListInterface, error){
		"service accounts": func(ctx context.Context) (metav1.ListInterface, error) {
			return c.CoreV1().ServiceAccounts("").List(ctx, page)
		},
		"roles": func(ctx context.Context) (metav1.ListInterface, error) { return c.RbacV1().Roles("").List(ctx, page) },
		"role bindings": func(ctx context.Context) (metav1.ListInterface, error) {
			return c.RbacV1().RoleBindings("").List(ctx, page)
		},
		"cluster roles": func(ctx context.Context) (metav1.ListInterface, error) {
			return c.RbacV1().ClusterRoles().List(ctx, page)
		},
		"cluster role bindings": func(ctx context.Context) (metav1.ListInterface, error) {
			return c.RbacV1().ClusterRoleBindings().List(ctx, page)
		},
	}
	for name, list := range lists {
		t.Run(name, func(t *testing.T) {
			got, err := list(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.GetContinue() == "" {
				t.Error("the list fits in one page")
			}
		})
	}
}
