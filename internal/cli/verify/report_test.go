package verify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// question is "get pods" in a cluster where alice may in dev and in prod, a
// group may everywhere, and two service accounts and bob may not.
func question(t *testing.T) (*rbac.Index, rbac.Plan, *v1alpha1.WhoCanReport) {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(
		testkit.ClusterRole("reader", testkit.Rule("get", "", "pods")),
		testkit.ClusterRole("other", testkit.Rule("get", "", "nodes")),
		testkit.RoleBinding("dev", "r", "ClusterRole/reader", testkit.User("alice")),
		testkit.RoleBinding("prod", "r", "ClusterRole/reader", testkit.User("alice")),
		testkit.ClusterRoleBinding("ops", "reader", testkit.Group("ops")),
		testkit.ClusterRoleBinding("bob", "other", testkit.User("bob")),
		testkit.ServiceAccount("dev", "a"), testkit.ServiceAccount("dev", "b"),
	)
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	x := rbac.NewIndex(s, nil)
	plan := rbac.Plan{Request: rbac.Request{Verb: "get", Resource: "pods"}, Anywhere: true}
	report := &v1alpha1.WhoCanReport{}
	for _, a := range x.WhoCan(plan.Request, plan.Anywhere) {
		report.Subjects = append(report.Subjects, v1alpha1.SubjectAccess{Subject: v1alpha1.NewSubject(a.Subject), Scopes: v1alpha1.NewScopes(a.Scopes)})
	}
	return x, plan, report
}

// recorder is an API server that allows what allow says.
type recorder struct {
	allow func(verify.Review) verify.Verdict

	mu    sync.Mutex
	asked []string
}

func (r *recorder) ask(_ context.Context, review verify.Review) verify.Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := review.User
	if name == "" {
		name = "groups:" + review.Groups[0]
	}
	r.asked = append(r.asked, name+" in "+review.Request.Namespace)
	return r.allow(review)
}

// rbacOnly allows what the objects of question allow.
func rbacOnly(review verify.Review) verify.Verdict {
	allowed := review.User == "alice" && review.Request.Namespace != "" || slices.Contains(review.Groups, "ops") || slices.Contains(review.Groups, "system:masters")
	return verify.Verdict{Allowed: allowed, Reason: "RBAC"}
}

func TestReportAsksEveryScope(t *testing.T) {
	x, plan, report := question(t)
	server := &recorder{allow: rbacOnly}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"alice in ", "alice in dev", "alice in prod", "bob in ", "groups:ops in ", "groups:system:masters in ",
		"system:serviceaccount:dev:a in ", "system:serviceaccount:dev:b in ",
	}
	slices.Sort(server.asked)
	if diff := cmp.Diff(want, server.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&v1alpha1.Verification{Asked: 8, Agreed: 8, Others: []v1alpha1.OtherAccess{}}, report.Verification); diff != "" {
		t.Errorf("verification (-want +got):\n%s", diff)
	}
	for _, s := range report.Subjects {
		if diff := cmp.Diff(&v1alpha1.Verified{Verdict: v1alpha1.Agrees}, s.Verified); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Ref(), diff)
		}
	}
}

func TestReportNamesTheScopeThatDiffers(t *testing.T) {
	x, plan, report := question(t)
	server := &recorder{allow: func(r verify.Review) verify.Verdict {
		if r.User == "alice" && r.Request.Namespace == "prod" {
			return verify.Verdict{Reason: " a webhook says no "}
		}
		return rbacOnly(r)
	}}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil); err != nil {
		t.Fatal(err)
	}
	alice := report.Subjects[0]
	want := &v1alpha1.Verified{Verdict: v1alpha1.Differs, Namespace: "prod", Detail: "the API server does not allow it: a webhook says no"}
	if diff := cmp.Diff(want, alice.Verified); alice.Name != "alice" || diff != "" {
		t.Errorf("%s (-want +got):\n%s", alice.Ref(), diff)
	}
	if v := report.Verification; v.Differed != 1 || v.Agreed != 7 {
		t.Errorf("verification = %+v", v)
	}
}

func TestReportFindsOthers(t *testing.T) {
	x, plan, report := question(t)
	server := &recorder{allow: func(r verify.Review) verify.Verdict {
		if r.User == "bob" {
			return verify.Verdict{Allowed: true, Reason: "IAM"}
		}
		return rbacOnly(r)
	}}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil); err != nil {
		t.Fatal(err)
	}
	want := []v1alpha1.OtherAccess{{Subject: v1alpha1.Subject{Kind: "User", Name: "bob"}, Reason: "IAM"}}
	if diff := cmp.Diff(want, report.Verification.Others); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
}

func TestReportLimitsOthers(t *testing.T) {
	for limit, leftOut := range map[int]int{0: 4, 1: 3, 4: 0, 9: 0} {
		x, plan, report := question(t)
		server := &recorder{allow: rbacOnly}
		total := 0
		err := verify.Report(t.Context(), server.ask, x, plan, report, limit, func(_, n int) { total = n })
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Verification.LeftOut; got != leftOut {
			t.Errorf("limit %d: %d left out, want %d", limit, got, leftOut)
		}
		if want := 4 + min(limit, 4); total != want || len(server.asked) != want {
			t.Errorf("limit %d: asked %d of %d, want %d", limit, len(server.asked), total, want)
		}
	}
}

func TestReportCountsFailures(t *testing.T) {
	x, plan, report := question(t)
	server := &recorder{allow: func(r verify.Review) verify.Verdict {
		if r.User == "alice" && r.Request.Namespace != "" {
			return verify.Verdict{Err: errors.New("connection reset")}
		}
		return rbacOnly(r)
	}}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil); err != nil {
		t.Fatal(err)
	}
	if v := report.Verification; v.Failed != 2 || v.Agreed != 6 || v.Differed != 0 {
		t.Errorf("verification = %+v", v)
	}
	if got := report.Subjects[0].Verified; got.Verdict != v1alpha1.NoAnswer || got.Namespace != "dev" || got.Detail != "connection reset" {
		t.Errorf("alice = %+v", got)
	}
	want := []snapshot.Gap{{
		Group: "authorization.k8s.io", Resource: "subjectaccessreviews", Reason: snapshot.TimedOut,
		Detail: "2 of 8 reviews of --verify: connection reset",
	}}
	if diff := cmp.Diff(want, report.Gaps); diff != "" || !report.Incomplete {
		t.Errorf("incomplete %v, gaps (-want +got):\n%s", report.Incomplete, diff)
	}
}

// In all namespaces, those who are allowed in some are asked about too: an
// authorizer beside RBAC may allow them everywhere.
func TestReportFindsMoreOfTheAllowed(t *testing.T) {
	x, plan, report := question(t)
	server := &recorder{allow: func(r verify.Review) verify.Verdict {
		if r.User == "alice" {
			return verify.Verdict{Allowed: true, Reason: "IAM"}
		}
		return rbacOnly(r)
	}}
	if err := verify.Report(t.Context(), server.ask, x, plan, report, 10, nil); err != nil {
		t.Fatal(err)
	}
	want := []v1alpha1.OtherAccess{{Subject: v1alpha1.Subject{Kind: "User", Name: "alice"}, Reason: "IAM"}}
	if diff := cmp.Diff(want, report.Verification.Others); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
}

// What was not asked is said: others are not asked about in each namespace.
func TestReportTellsWhereOthersWereAsked(t *testing.T) {
	tests := []struct {
		name     string
		anywhere bool
		limit    int
		want     bool
	}{
		{name: "in all namespaces", anywhere: true, limit: 10, want: true},
		{name: "nobody else asked", anywhere: true},
		{name: "in one namespace", limit: 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, plan, report := question(t)
			if plan.Anywhere = tt.anywhere; !tt.anywhere {
				plan.Request.Namespace = "dev"
			}
			if err := verify.Report(t.Context(), (&recorder{allow: rbacOnly}).ask, x, plan, report, tt.limit, nil); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(strings.Join(report.Notes, "\n"), "cluster-wide only"); got != tt.want {
				t.Errorf("notes %q, want one on the scope: %v", report.Notes, tt.want)
			}
		})
	}
}

func TestReportIsInterrupted(t *testing.T) {
	x, plan, report := question(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := verify.Report(ctx, func(context.Context, verify.Review) verify.Verdict {
		cancel()
		return verify.Verdict{Err: ctx.Err()}
	}, x, plan, report, 10, nil)
	if !errors.Is(err, context.Canceled) || report.Verification != nil {
		t.Errorf("error %v, verification %+v", err, report.Verification)
	}
}
