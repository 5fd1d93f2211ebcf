package why

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// The server is asked for the same person, groups and request, and its answer
// is compared with ours.
func TestVerified(t *testing.T) {
	get := rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}
	bob := rbac.Explanation{Identity: rbac.Identity{Subject: rbac.User("bob")}, Groups: []rbac.InGroup{{Name: "g"}}}
	yes := bob
	yes.Scopes = []rbac.Scope{{Namespace: "dev"}}
	for _, tt := range []struct {
		name    string
		e       rbac.Explanation
		verdict verify.Verdict
		asked   verify.Review
		want    v1alpha1.Verified
	}{
		{"no and no", bob, verify.Verdict{}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Agrees, Namespace: "dev"}},
		{"yes and yes", yes, verify.Verdict{Allowed: true}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Agrees, Namespace: "dev"}},
		{"a webhook allows it", bob, verify.Verdict{Allowed: true, Reason: "IAM"}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Differs, Namespace: "dev", Detail: "the API server allows it: IAM"}},
		{"the Node authorizer allows it, and says nothing", bob, verify.Verdict{Allowed: true, Reason: " "}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Differs, Namespace: "dev", Detail: "the API server allows it"}},
		{"a webhook denies it", yes, verify.Verdict{Reason: "no"}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Differs, Namespace: "dev", Detail: "the API server does not allow it: no"}},
		{"no answer is no agreement", bob, verify.Verdict{Err: errors.New("forbidden")}, verify.Review{User: "bob", Groups: []string{"g"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.NoAnswer, Namespace: "dev", Detail: "the API server did not answer: forbidden"}},
		{"a group alone", rbac.Explanation{Identity: rbac.Identity{Subject: rbac.Group("sre")}}, verify.Verdict{}, verify.Review{Groups: []string{"sre"}, Request: get}, v1alpha1.Verified{Verdict: v1alpha1.Agrees, Namespace: "dev"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked verify.Review
			o := &Options{env: &env.Env{Name: "kubectl secure"}, ask: func(_ context.Context, r verify.Review) verify.Verdict {
				asked = r
				return tt.verdict
			}}
			got, err := o.verified(t.Context(), tt.e, get)
			if unanswered := tt.want.Verdict == v1alpha1.NoAnswer; (err != nil) != unanswered {
				t.Errorf("error %v, unanswered: %t", err, unanswered)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}
