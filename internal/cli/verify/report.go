package verify

import (
	"context"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Report asks the server about every subject and scope of a who-can report,
// and about up to limit known service accounts and users that RBAC does not
// allow, since another authorizer may. It fills Verification and the
// subjects' Verified; reviews without an answer are a Gap. The error is the
// context's, or a *NoAnswerError beside a report that is filled all the same.
func Report(ctx context.Context, ask Asker, x *rbac.Index, plan rbac.Plan, r *v1alpha1.WhoCanReport, limit int, progress func(done, total int)) error {
	rows, reviews := rowReviews(x, plan, r)
	others, leftOut := otherSubjects(x, plan, r, limit)
	for _, subject := range others {
		reviews = append(reviews, review(x, subject, plan.Request))
	}
	verdicts := Ask(ctx, ask, reviews, func(done int) {
		if progress != nil {
			progress(done, len(reviews))
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	sum := &v1alpha1.Verification{LeftOut: leftOut, Others: []v1alpha1.OtherAccess{}}
	for k, at := range rows {
		count(sum, verdicts[k], true)
		note(&r.Subjects[at.subject], r.Subjects[at.subject].Scopes[at.scope].Namespace, verdicts[k])
	}
	clearUnasked(r, rows, verdicts)
	for k, v := range verdicts[len(rows):] {
		count(sum, v, false)
		if v.Err == nil && v.Allowed {
			sum.Others = append(sum.Others, v1alpha1.OtherAccess{Subject: others[k], ScopeNamespace: plan.Request.Namespace, Reason: v.Reason})
		}
	}
	r.Verification = sum
	if err := unanswered(r, verdicts); err != nil {
		return err
	}
	if plan.Anywhere && len(others) > 0 {
		r.Notes = append(r.Notes, "--verify asked cluster-wide only about subjects that RBAC does not allow: what another authorizer allows them in one namespace shows with -n NAMESPACE")
	}
	return nil
}

// row is one scope of one subject of a report.
type row struct{ subject, scope int }

// rowReviews asks for every row of the answer.
func rowReviews(x *rbac.Index, plan rbac.Plan, r *v1alpha1.WhoCanReport) (rows []row, reviews []Review) {
	for i, subject := range r.Subjects {
		for j, scope := range subject.Scopes {
			rows = append(rows, row{i, j})
			reviews = append(reviews, review(x, subject.Subject, inScope(plan, scope.Namespace)))
		}
	}
	return rows, reviews
}

// otherSubjects are the known users and service accounts that the answer does
// not call allowed, up to limit of them. With "anywhere" that includes those
// who are allowed in some namespaces: an authorizer may let them do it in all.
// Each namespace is not asked for: subjects times namespaces are too many.
func otherSubjects(x *rbac.Index, plan rbac.Plan, r *v1alpha1.WhoCanReport, limit int) (others []v1alpha1.Subject, leftOut int) {
	allowed := map[v1alpha1.Subject]bool{}
	for _, subject := range r.Subjects {
		for _, scope := range subject.Scopes {
			if !plan.Anywhere || scope.Namespace == "" {
				allowed[subject.Subject] = true
			}
		}
	}
	for _, s := range x.Subjects() {
		subject := v1alpha1.NewSubject(s)
		switch {
		case subject.Kind == "Group" || allowed[subject]:
		case len(others) == limit:
			leftOut++
		default:
			others = append(others, subject)
		}
	}
	return others, leftOut
}

// inScope is the request that a row of the answer stands for. Without
// "anywhere" it is the question itself, also for cluster-wide grants.
func inScope(plan rbac.Plan, namespace string) rbac.Request {
	request := plan.Request
	if plan.Anywhere {
		request.Namespace = namespace
	}
	return request
}

// review asks for a subject with all groups that it is known to be in. A
// group is asked for alone, without a user.
func review(x *rbac.Index, s v1alpha1.Subject, request rbac.Request) Review {
	subject := rbac.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
	if s.Kind == "Group" {
		return Review{Groups: []string{s.Name}, Request: request}
	}
	return Review{User: subject.UserName(), Groups: x.KnownGroups(subject), Request: request}
}

func count(sum *v1alpha1.Verification, v Verdict, expected bool) {
	if v.NotAsked {
		sum.NotAsked++
		return
	}
	sum.Asked++
	switch {
	case v.Err != nil:
		sum.Failed++
	case v.Allowed == expected:
		sum.Agreed++
	default:
		sum.Differed++
	}
}

// note keeps the first scope in which the server differs or gave no answer.
func note(subject *v1alpha1.SubjectAccess, namespace string, v Verdict) {
	if subject.Verified == nil {
		subject.Verified = &v1alpha1.Verified{Verdict: v1alpha1.Agrees}
	}
	if subject.Verified.Verdict != v1alpha1.Agrees {
		return
	}
	switch {
	case v.Err != nil:
		*subject.Verified = v1alpha1.Verified{Verdict: v1alpha1.NoAnswer, Namespace: namespace, Detail: v.Err.Error()}
	case !v.Allowed:
		detail := "the API server does not allow it"
		if reason := strings.TrimSpace(v.Reason); reason != "" {
			detail += ": " + reason
		}
		*subject.Verified = v1alpha1.Verified{Verdict: v1alpha1.Differs, Namespace: namespace, Detail: detail}
	}
}
