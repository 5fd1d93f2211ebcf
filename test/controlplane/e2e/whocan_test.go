package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// reviewers is how many SubjectAccessReviews are asked at the same time.
const reviewers = 16

// question is one question in the words of the product and in those of the
// API server. It is asked in each of the namespaces.
type question struct {
	name       string
	args       []string
	namespaces []string // "" is: in no namespace, or in all
	resource   authorizationv1.ResourceAttributes
	path       string
}

func questions() []question {
	everywhere := []string{"", "shop", "billing", "default", "kube-system", "kube-public"}
	return []question{
		{name: "list in a namespace", args: []string{"list", "secrets", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "list", Resource: "secrets"}},
		{name: "get one by name", args: []string{"get", "secret/database", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "get", Resource: "secrets", Name: "database"}},
		{name: "get another by name", args: []string{"get", "secret/other", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "get", Resource: "secrets", Name: "other"}},
		{name: "get any", args: []string{"get", "secrets", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "get", Resource: "secrets"}},
		{name: "in every namespace", args: []string{"list", "secrets", "-A"}, namespaces: everywhere, resource: authorizationv1.ResourceAttributes{Verb: "list", Resource: "secrets"}},
		{name: "pods everywhere", args: []string{"get", "po", "-A"}, namespaces: everywhere, resource: authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods"}},
		{name: "subresource", args: []string{"create", "pods/exec", "-n", "billing"}, namespaces: []string{"billing"}, resource: authorizationv1.ResourceAttributes{Verb: "create", Resource: "pods", Subresource: "exec"}},
		{name: "cluster-scoped", args: []string{"list", "nodes"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "list", Resource: "nodes"}},
		{name: "subresource of a cluster-scoped type", args: []string{"update", "nodes/status"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "update", Resource: "nodes", Subresource: "status"}},
		{name: "a role by kind", args: []string{"list", "ClusterRole"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "list", Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}},
		{name: "escalate", args: []string{"escalate", "clusterroles"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "escalate", Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}},
		{name: "impersonate by name", args: []string{"impersonate", "users", "auditor@shop.example"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "impersonate", Resource: "users", Name: "auditor@shop.example"}},
		{name: "invented verb", args: []string{"frobnicate", "deployments.apps", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "frobnicate", Group: "apps", Resource: "deployments"}},
		{name: "access reviews", args: []string{"create", "subjectaccessreviews"}, namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "create", Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}},
		{name: "unknown group", args: []string{"get", "things.nowhere.example", "-n", "shop"}, namespaces: []string{"shop"}, resource: authorizationv1.ResourceAttributes{Verb: "get", Group: "nowhere.example", Resource: "things"}},
		{name: "path", args: []string{"get", "/version"}, path: "/version", namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "get"}},
		{name: "path below a prefix", args: []string{"get", "/apis/apps"}, path: "/apis/apps", namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "get"}},
		{name: "path that few may read", args: []string{"get", "/logs"}, path: "/logs", namespaces: []string{""}, resource: authorizationv1.ResourceAttributes{Verb: "get"}},
	}
}

// TestWhoCanAnswersAsTheServer asks the product each question once and the API
// server, by SubjectAccessReviews, for every principal of the cluster in
// every namespace of the question. The two must agree on each.
func TestWhoCanAnswersAsTheServer(t *testing.T) {
	t.Parallel()
	admin := clientOf(t, shared.cluster, harness.Admin)
	everybody := principals(t.Context(), t, admin)
	var asked, allowed atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d questions about %d principals: %d reviews, %d allowed", len(questions()), len(everybody), asked.Load(), allowed.Load())
	})
	for _, q := range questions() {
		t.Run(q.name, func(t *testing.T) {
			t.Parallel()
			want, err := q.review(t.Context(), admin, everybody)
			if err != nil {
				t.Fatal(err)
			}
			asked.Add(int64(len(everybody) * len(q.namespaces)))
			allowed.Add(int64(len(want)))
			got := q.answer(t)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("kubectl-secure who-can %q (-API server +product):\n%s", q.args, diff)
			}
		})
	}
}

// answer returns "PRINCIPAL in NAMESPACE" for what the product says. Who may
// do it everywhere may do it in each namespace of the question.
func (q question) answer(t *testing.T) []string {
	t.Helper()
	var report struct {
		Incomplete bool
		Subjects   []struct {
			Kind, Namespace, Name string
			Scopes                []struct{ Namespace string }
		}
	}
	// As the auditor: system:masters is not needed for a complete answer.
	stdout := mustRun(t, auditor, append([]string{"who-can", "-o", "json"}, q.args...)...)
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	if report.Incomplete {
		t.Error("the answer is incomplete")
	}
	var out []string
	for _, s := range report.Subjects {
		for _, ns := range q.namespaces {
			for _, scope := range s.Scopes {
				if scope.Namespace == "" || scope.Namespace == ns {
					out = append(out, principal{s.Kind, s.Namespace, s.Name}.String()+" in "+ns)
					break
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// review returns the same from the API server.
func (q question) review(ctx context.Context, c kubernetes.Interface, everybody []principal) ([]string, error) {
	var mu sync.Mutex
	var out []string
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(reviewers)
	for _, p := range everybody {
		for _, ns := range q.namespaces {
			group.Go(func() error {
				review := &authorizationv1.SubjectAccessReview{}
				review.Spec.User, review.Spec.Groups = p.identity()
				if q.path != "" {
					review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: q.resource.Verb, Path: q.path}
				} else {
					attributes := q.resource
					attributes.Namespace = ns
					review.Spec.ResourceAttributes = &attributes
				}
				answer, err := c.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
				if err != nil {
					return err
				}
				if answer.Status.Allowed {
					mu.Lock()
					defer mu.Unlock()
					out = append(out, p.String()+" in "+ns)
				}
				return nil
			})
		}
	}
	err := group.Wait()
	slices.Sort(out)
	return out, err
}
