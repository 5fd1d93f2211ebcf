package verify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// many is a report in which n users are allowed in one namespace each.
func many(t *testing.T, n int) (*rbac.Index, rbac.Plan, *v1alpha1.WhoCanReport) {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(testkit.ClusterRole("reader", testkit.Rule("get", "", "pods")))
	report := &v1alpha1.WhoCanReport{}
	for i := range n {
		user := fmt.Sprintf("user-%03d", i)
		b.Add(testkit.RoleBinding("dev", user, "ClusterRole/reader", testkit.User(user)))
		report.Subjects = append(report.Subjects, v1alpha1.SubjectAccess{
			Subject: v1alpha1.Subject{Kind: "User", Name: user},
			Scopes:  []v1alpha1.Scope{{Namespace: "dev"}, {Namespace: "prod"}},
		})
	}
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	return rbac.NewIndex(s, nil), rbac.Plan{Request: rbac.Request{Verb: "get", Resource: "pods"}, Anywhere: true}, report
}

func TestNothingIsAnswered(t *testing.T) {
	refused := apierrors.NewForbidden(schema.GroupResource{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}, "", errors.New("no"))
	x, plan, report := many(t, 200)
	server := &recorder{allow: func(verify.Review) verify.Verdict { return verify.Verdict{Err: refused} }}
	err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil)

	nothing, ok := errors.AsType[*verify.NoAnswerError](err)
	if !ok || !errors.Is(err, refused) {
		t.Fatalf("error %v, want a NoAnswerError because of the server's", err)
	}
	sum, sent := report.Verification, len(server.asked)
	if diff := cmp.Diff(&v1alpha1.Verification{Asked: sent, Failed: sent, NotAsked: 410 - sent, LeftOut: 190, Others: []v1alpha1.OtherAccess{}}, sum); diff != "" {
		t.Errorf("verification after %d reviews (-want +got):\n%s", sent, diff)
	}
	if sum.NotAsked < 300 || nothing.Asked != sum.Asked || nothing.NotAsked != sum.NotAsked {
		t.Errorf("error %+v, verification %+v", nothing, sum)
	}
	if len(report.Notes) > 0 {
		t.Errorf("notes %q on answers that there are not", report.Notes)
	}
	if last := report.Subjects[199]; last.Verified != nil {
		t.Errorf("who was not asked about has no verdict, not %+v", last.Verified)
	}
	for _, s := range report.Subjects {
		asked := slices.ContainsFunc(server.asked, func(sent string) bool { return strings.HasPrefix(sent, s.Name+" in ") })
		if asked != (s.Verified != nil) || asked && s.Verified.Verdict != v1alpha1.NoAnswer {
			t.Errorf("%s, asked about in vain: %v, verified %+v", s.Name, asked, s.Verified)
		}
	}
	if len(report.Gaps) != 1 || report.Gaps[0].Reason != snapshot.Forbidden {
		t.Errorf("gaps %+v, want one: forbidden", report.Gaps)
	}
}

// A subject that was asked about in one scope and not in the next has no
// agreement.
func TestPartlyAskedIsNoAgreement(t *testing.T) {
	x, plan, report := many(t, 1)
	report.Subjects[0].Scopes = nil
	for i := range 200 {
		report.Subjects[0].Scopes = append(report.Subjects[0].Scopes, v1alpha1.Scope{Namespace: fmt.Sprintf("ns-%03d", i)})
	}
	// Reviews are asked side by side: the server goes only when all that it
	// shall answer have reached it.
	var early sync.WaitGroup
	early.Add(20)
	ask := func(_ context.Context, r verify.Review) verify.Verdict {
		if r.Request.Namespace < "ns-020" {
			early.Done()
			return verify.Verdict{Allowed: true}
		}
		early.Wait()
		return verify.Verdict{Err: errors.New("the server is gone")}
	}
	if err := verify.Report(t.Context(), ask, x, plan, report, 0, nil); err != nil {
		t.Errorf("some reviews were answered: %v", err)
	}
	if v := report.Subjects[0].Verified; v == nil || v.Verdict != v1alpha1.NoAnswer {
		t.Errorf("verified %+v, want no answer", v)
	}
	if sum := report.Verification; sum.Agreed != 20 || sum.NotAsked == 0 || sum.Asked+sum.NotAsked != 200 {
		t.Errorf("verification %+v", sum)
	}
}

// Also an answer that differs is one.
func TestNothingAgreesIsAnAnswer(t *testing.T) {
	x, plan, report := many(t, 2)
	server := &recorder{allow: func(r verify.Review) verify.Verdict {
		if r.User == "user-000" {
			return verify.Verdict{Err: errors.New("connection reset")}
		}
		return verify.Verdict{}
	}}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 0, nil); err != nil {
		t.Errorf("two reviews were answered: %v", err)
	}
	if sum := report.Verification; sum.Differed != 2 || sum.Failed != 2 || sum.Agreed != 0 {
		t.Errorf("verification %+v", sum)
	}
}

func TestNobodyToAskIsNoFailure(t *testing.T) {
	x, plan, _ := many(t, 0)
	report := &v1alpha1.WhoCanReport{}
	if err := verify.Report(t.Context(), nil, x, plan, report, 0, nil); err != nil || report.Incomplete {
		t.Errorf("error %v, incomplete %v", err, report.Incomplete)
	}
}

func TestNoAnswerErrorCounts(t *testing.T) {
	for want, err := range map[string]*verify.NoAnswerError{
		"--verify: the API server answered no review (2 asked): gone":                       {Asked: 2, Err: errors.New("gone")},
		"--verify: the API server answered no review (5 asked, 7 not asked any more): gone": {Asked: 5, NotAsked: 7, Err: errors.New("gone")},
	} {
		if got := err.Error(); got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	}
}

func TestReasonOfTheGap(t *testing.T) {
	reviews := schema.GroupResource{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}
	for reason, errs := range map[snapshot.Reason][]error{
		snapshot.Forbidden: {apierrors.NewForbidden(reviews, "", errors.New("no")), apierrors.NewUnauthorized("token")},
		snapshot.NotServed: {apierrors.NewNotFound(reviews, ""), apierrors.NewMethodNotSupported(reviews, "create")},
		snapshot.TimedOut:  {context.DeadlineExceeded, errors.New("connection reset"), apierrors.NewTooManyRequests("wait", 1)},
	} {
		for _, cause := range errs {
			x, plan, report := question(t)
			server := &recorder{allow: func(verify.Review) verify.Verdict { return verify.Verdict{Err: cause} }}
			_ = verify.Report(t.Context(), server.ask, x, plan, report, 0, nil)
			if len(report.Gaps) != 1 || report.Gaps[0].Reason != reason {
				t.Errorf("%v: gaps %+v, want the reason %s", cause, report.Gaps, reason)
			}
		}
	}
}
