package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// NoAnswerError says that the server answered none of the reviews: nothing is
// confirmed, and nothing refuted.
type NoAnswerError struct {
	Asked, NotAsked int
	Err             error // of the first review
}

// Error names the first cause.
func (e *NoAnswerError) Error() string {
	counts := fmt.Sprintf("%d asked", e.Asked)
	if e.NotAsked > 0 {
		counts += fmt.Sprintf(", %d not asked any more", e.NotAsked)
	}
	return fmt.Sprintf("--verify: the API server answered no review (%s): %v", counts, e.Err)
}

// Unwrap returns the first cause.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// Fault adds what to do where the server answers no review; program and command
// are what the user called.
func Fault(err *NoAnswerError, program, command string) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.WithHelp(err, "to wait longer: --request-timeout 2m")
	}
	return fault.WithHelp(err, "what --verify needs, and whether you have it: "+program+" permissions "+command)
}

// Outcome is how a command ends that printed its answer with err: a
// verification without a single answer is none (exit code 1), whatever else
// the answer lacks.
func Outcome(err, unanswered error) error {
	if unanswered == nil || err != nil && fault.Code(err) != fault.ExitIncomplete {
		return err
	}
	return unanswered
}

// clearUnasked leaves Verified empty for subjects that were not asked about in
// any scope: there is no word of the server.
func clearUnasked(r *v1alpha1.WhoCanReport, rows []row, verdicts []Verdict) {
	asked := make([]bool, len(r.Subjects))
	for k, at := range rows {
		asked[at.subject] = asked[at.subject] || !verdicts[k].NotAsked
	}
	for i := range r.Subjects {
		if !asked[i] {
			r.Subjects[i].Verified = nil
		}
	}
}

// unanswered makes reviews without an answer a Gap: somebody else may be
// allowed, or a row may be refused. That no review was answered is an error.
func unanswered(r *v1alpha1.WhoCanReport, verdicts []Verdict) error {
	sum := r.Verification
	first := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Err != nil && !v.NotAsked })
	if first < 0 {
		return nil
	}
	err := verdicts[first].Err
	r.Incomplete = true
	r.Gaps = snapshot.SortGaps(append(r.Gaps, snapshot.Gap{
		Group: authorizationv1.GroupName, Resource: "subjectaccessreviews", Reason: reason(err),
		Detail: fmt.Sprintf("%d of %d reviews of --verify: %v", sum.Failed+sum.NotAsked, len(verdicts), err),
	}))
	if sum.Agreed+sum.Differed > 0 {
		return nil
	}
	return &NoAnswerError{Asked: sum.Asked, NotAsked: sum.NotAsked, Err: err}
}

// reason says why a review has no answer, as reads of objects do.
func reason(err error) snapshot.Reason {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return snapshot.Forbidden
	case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
		return snapshot.NotServed
	default:
		return snapshot.TimedOut
	}
}
