package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// whatCan is the part of a WhatCanReport that says what is allowed.
type whatCan struct {
	Incomplete bool
	Subject    struct{ Kind, Namespace, Name string }
	Groups     []struct{ Name string }
	Scopes     []struct {
		Namespace string
		Rules     []grantedRule
	}
}

type grantedRule struct {
	rbacv1.PolicyRule
	Dead []struct{ Verbs, On []string }
}

func decodeWhatCan(t *testing.T, c command) whatCan {
	t.Helper()
	stdout, stderr, exit := c.run(t)
	var report whatCan
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || exit != 0 || report.Incomplete {
		t.Fatalf("exit %d, %v, incomplete %t, stderr:\n%s", exit, err, report.Incomplete, stderr)
	}
	return report
}

// TestWhatCanIsAllowed makes requests of every rule that what-can shows, so
// that each verb, type, name and URL is in one of them, and asks the API
// server whether it allows them to the subject.
func TestWhatCanIsAllowed(t *testing.T) {
	t.Parallel()
	cp := demoCluster(t)
	admin := clientOf(t, cp, harness.Admin)
	tests := [][]string{
		{"sa/shop/cart"},
		{"sa/shop/default"},
		{"sa/ci/deployer"},
		{"sa/ci/runner"},
		{"sa/payments/ledger"},
		{"sa/warehouse/inventory"},
		{"sa/monitoring/grafana"},
		{"sa/monitoring/prometheus"},
		{"sa/platform/argocd-application-controller"},
		{"sa/platform/developer-portal"},
		{"sa/kube-system/namespace-controller"},
		{"sa/kube-system/generic-garbage-collector"},
		{"user/alice@example.org", "--group", "oidc:oncall"},
		{"user/bob@example.org", "--group", "oidc:shop-leads"},
		{"user/dave@example.org", "--group", "oidc:warehouse-team"},
		{"user/system:kube-scheduler"},
		{"user/system:anonymous"},
		{"user/nobody"},
		{"group/oidc:platform"},
		{"group/oidc:support"},
		{"group/oidc:helpdesk"},
		{"group/oidc:auditors"},
		{"group/oidc:developers"},
		{"group/system:authenticated"},
		{"group/system:masters"},
	}
	for _, args := range tests {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			report := decodeWhatCan(t, command{cluster: cp, user: harness.Admin, args: append([]string{"what-can", "-A", "-o", "json"}, args...)})
			user, groups := principal{report.Subject.Kind, report.Subject.Namespace, report.Subject.Name}.identity()
			for _, g := range report.Groups {
				if !slices.Contains(groups, g.Name) {
					groups = append(groups, g.Name)
				}
			}
			var reviews []authorizationv1.SubjectAccessReviewSpec
			for _, scope := range report.Scopes {
				for _, rule := range scope.Rules {
					for _, review := range rule.sample(scope.Namespace) {
						review.User, review.Groups = user, groups
						reviews = append(reviews, review)
					}
				}
			}
			if len(reviews) == 0 {
				t.Error("what-can shows nothing: the subject is no test")
			}
			if err := allAllowed(t.Context(), admin, reviews); err != nil {
				t.Error(err)
			}
		})
	}
}

// sample returns requests that the rule allows in the scope, in which all
// that it lists occurs, but for what the report calls dead.
func (r *grantedRule) sample(namespace string) []authorizationv1.SubjectAccessReviewSpec {
	var out []authorizationv1.SubjectAccessReviewSpec
	names := r.ResourceNames
	if len(names) == 0 {
		names = []string{"", "anything"}
	}
	for i := range max(len(r.Verbs), len(r.Resources), len(r.APIGroups), len(names), len(r.NonResourceURLs)) {
		verb := nth(r.Verbs, i)
		if len(r.Resources) > 0 {
			group, resource := nth(r.APIGroups, i), nth(r.Resources, i)
			if !r.dead(verb, rbac.TypeName(group, resource)) {
				name, sub, _ := strings.Cut(resource, "/")
				out = append(out, authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
					Verb: instance(verb, "frobnicate"), Group: instance(group, "any.example"), Namespace: namespace,
					Resource: instance(name, "things"), Subresource: sub, Name: nth(names, i),
				}})
			}
		}
		if len(r.NonResourceURLs) > 0 && !r.dead(verb, nth(r.NonResourceURLs, i)) {
			path := nth(r.NonResourceURLs, i)
			if prefix, ok := strings.CutSuffix(path, "*"); ok {
				path = "/" + strings.TrimPrefix(prefix, "/") + "anything"
			}
			out = append(out, authorizationv1.SubjectAccessReviewSpec{NonResourceAttributes: &authorizationv1.NonResourceAttributes{
				Verb: instance(verb, "frobnicate"), Path: path,
			}})
		}
	}
	return out
}

func (r *grantedRule) dead(verb, on string) bool {
	for _, d := range r.Dead {
		if slices.Contains(d.Verbs, verb) && slices.Contains(d.On, on) {
			return true
		}
	}
	return false
}

// nth returns an element of the list as if it had no end.
func nth(list []string, i int) string { return list[i%len(list)] }

// instance returns something that the pattern matches.
func instance(pattern, some string) string {
	if pattern == "*" {
		return some
	}
	return pattern
}

func allAllowed(ctx context.Context, c kubernetes.Interface, reviews []authorizationv1.SubjectAccessReviewSpec) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(reviewers)
	for _, spec := range reviews {
		group.Go(func() error {
			answer, err := c.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			if !answer.Status.Allowed {
				return fmt.Errorf("what-can shows it, the API server refuses it: %+v %+v", spec.ResourceAttributes, spec.NonResourceAttributes)
			}
			return nil
		})
	}
	return group.Wait()
}

// TestWhatCanMe compares what-can me with what the API server itself says of
// the caller's rules.
func TestWhatCanMe(t *testing.T) {
	t.Parallel()
	cp := demoCluster(t)
	kubeconfigs := map[string]string{harness.Admin: cp.Kubeconfig(harness.Admin)}
	for _, u := range demoUsers() {
		kubeconfigs[u.Name] = cp.Kubeconfig(u.Name)
	}
	for _, account := range demoAccounts() {
		namespace, name, _ := strings.Cut(account, "/")
		file, err := cp.ServiceAccountKubeconfig(t.Context(), namespace, name)
		if err != nil {
			t.Fatal(err)
		}
		kubeconfigs[account] = file
	}
	for name, file := range kubeconfigs {
		for _, namespace := range []string{"shop", "payments", "monitoring"} {
			t.Run(name+" in "+namespace, func(t *testing.T) {
				t.Parallel()
				config, err := clientcmd.BuildConfigFromFlags("", file)
				if err != nil {
					t.Fatal(err)
				}
				client, err := kubernetes.NewForConfig(config)
				if err != nil {
					t.Fatal(err)
				}
				review, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), &authorizationv1.SelfSubjectRulesReview{
					Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace},
				}, metav1.CreateOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if review.Status.Incomplete {
					t.Fatalf("the API server's rules are incomplete: %s", review.Status.EvaluationError)
				}
				var want []string
				for _, r := range review.Status.ResourceRules {
					want = append(want, atoms(rbacv1.PolicyRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames})...)
				}
				for _, r := range review.Status.NonResourceRules {
					want = append(want, atoms(rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})...)
				}
				report := decodeWhatCan(t, command{kubeconfig: file, args: []string{"what-can", "me", "-n", namespace, "-o", "json"}})
				var got []string
				for _, scope := range report.Scopes {
					for _, rule := range scope.Rules {
						got = append(got, atoms(rule.PolicyRule)...)
					}
				}
				if diff := cmp.Diff(set(want), set(got)); diff != "" {
					t.Errorf("(-API server +product):\n%s", diff)
				}
			})
		}
	}
}

// atoms takes a rule apart: one line for each thing that it allows.
func atoms(r rbacv1.PolicyRule) []string {
	var out []string
	for _, verb := range r.Verbs {
		for _, path := range r.NonResourceURLs {
			out = append(out, verb+" "+path)
		}
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				if len(r.ResourceNames) == 0 {
					out = append(out, fmt.Sprintf("%s %q/%s", verb, group, resource))
				}
				for _, name := range r.ResourceNames {
					out = append(out, fmt.Sprintf("%s %q/%s named %q", verb, group, resource, name))
				}
			}
		}
	}
	return out
}

func set(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
