package why

import (
	"context"
	"errors"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// addAsker prepares the question to the API server: with --verify, and about
// the caller, whom every cluster lets ask about themselves.
func (f *Flags) addAsker(o *Options) error {
	self := o.who.Me && len(f.groups) == 0 // a review of oneself knows the groups that one has
	switch {
	case !f.verify && (!self || o.source.HasOverlay() || f.access.AllNamespaces):
		return nil
	case o.source.HasOverlay():
		return fault.Usage("--verify asks the API server about the cluster as it is: it cannot be used with --with or --without")
	case f.access.AllNamespaces:
		return fault.Usage("--verify asks one question of the API server: name a namespace instead of --all-namespaces")
	}
	if err := o.source.RequireLive("--verify"); err != nil {
		return err
	}
	config, err := o.source.RESTConfig()
	if err != nil {
		return err
	}
	newAsker := verify.NewAsker
	if self {
		newAsker = verify.NewSelfAsker
	}
	o.ask, err = newAsker(config)
	o.verify = f.verify
	return err
}

// askServer asks the API server where it is to be asked: without --verify only
// where the answer is in doubt. The error says that it did not answer, and
// what to do.
func (o *Options) askServer(ctx context.Context, e rbac.Explanation, request rbac.Request, r *v1alpha1.WhyReport) error {
	if o.ask == nil || !o.verify && (e.Allowed() || !r.Incomplete) {
		return nil
	}
	verified, unanswered := o.verified(ctx, e, request)
	if unanswered != nil && !o.verify {
		r.Notes = append(r.Notes, verified.Detail)
		return nil
	}
	r.Verified = verified
	return unanswered
}

// verified asks the API server the same question. The error says that it did
// not answer, and what to do.
func (o *Options) verified(ctx context.Context, e rbac.Explanation, r rbac.Request) (*v1alpha1.Verified, error) {
	review := verify.Review{User: e.Identity.Subject.UserName(), Request: r}
	for _, group := range e.Groups {
		review.Groups = append(review.Groups, group.Name)
	}
	if review.User == "" {
		review.Groups = []string{e.Identity.Subject.Name}
	}
	verdict := o.ask(ctx, review)
	v := &v1alpha1.Verified{Verdict: v1alpha1.Agrees, Namespace: r.Namespace}
	switch {
	case verdict.Err != nil:
		v.Verdict, v.Detail = v1alpha1.NoAnswer, "the API server did not answer: "+verdict.Err.Error()
		return v, verify.Fault(&verify.NoAnswerError{Asked: 1, Err: verdict.Err}, o.env.Name, "why")
	case verdict.Allowed == e.Allowed():
		return v, nil
	case verdict.Allowed:
		v.Verdict, v.Detail = v1alpha1.Differs, "the API server allows it"
	default:
		v.Verdict, v.Detail = v1alpha1.Differs, "the API server does not allow it"
	}
	if reason := strings.TrimSpace(verdict.Reason); reason != "" {
		v.Detail += ": " + reason
	}
	return v, nil
}

// needless tells why no change is to be proposed, nil where one may be: a
// grant for what is allowed already stays when nobody needs it any more.
func (o *Options) needless(r *v1alpha1.WhyReport) error {
	asked := r.Verified != nil && r.Verified.Verdict != v1alpha1.NoAnswer
	switch {
	case asked && r.Verified.Verdict == v1alpha1.Differs:
		return errors.New(r.Verified.Detail + ", and RBAC as read says otherwise")
	case *r.Allowed, asked, !r.Incomplete, r.Query.AllNamespaces: // that has a reason of its own
		return nil
	case o.source.Live() && !o.source.HasOverlay() && r.Verified == nil:
		return errors.New("what could not be read may allow it already; --verify asks the server")
	default:
		return errors.New("what could not be read may allow it already")
	}
}

// differs reports whether the API server's word is another one than RBAC's.
func (v *view) differs() bool {
	return v.report.Verified != nil && v.report.Verified.Verdict == v1alpha1.Differs
}

// agrees reports whether the API server says the same.
func (v *view) agrees() bool {
	return v.report.Verified != nil && v.report.Verified.Verdict == v1alpha1.Agrees
}

// serverSays tells how it comes that the API server says otherwise.
func (v *view) serverSays() string {
	_, reason, given := strings.Cut(v.report.Verified.Detail, ": ")
	switch {
	case given:
		return "the API server's reason: " + reason
	case *v.report.Allowed:
		return "the API server gives no reason: another authorizer refuses it, or RBAC was changed just now"
	case v.report.Incomplete:
		return "the API server says so; what could be read does not tell why"
	default:
		return "the API server gives no reason: another authorizer allows it, or a group of the subject that is not known here"
	}
}

// verification is the API server's word where it is no news.
func (v *view) verification() printer.Printable {
	if !v.agrees() {
		return printer.Block{} // the answer tells what differs, and the command ends with what is unanswered
	}
	return printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Concat(
		printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" the API server says the same"))}}}
}
