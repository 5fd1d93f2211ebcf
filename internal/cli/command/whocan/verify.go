package whocan

import (
	"context"
	"errors"
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/progress"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// verifier asks the API server whether it agrees with an answer.
type verifier struct {
	env   *env.Env
	ask   verify.Asker
	limit int

	failed error // that the server answered nothing; see outcome
}

func newVerifier(e *env.Env, src *source.Source, limit int) (*verifier, error) {
	if limit < 0 {
		return nil, fault.Usage("--verify-limit must not be negative")
	}
	if err := src.RequireLive("--verify"); err != nil {
		return nil, err
	}
	if src.HasOverlay() {
		return nil, fault.Usage("--verify asks the API server about the cluster as it is: it cannot be used with --with or --without")
	}
	config, err := src.RESTConfig()
	if err != nil {
		return nil, err
	}
	ask, err := verify.NewAsker(config)
	if err != nil {
		return nil, err
	}
	return &verifier{env: e, ask: ask, limit: limit}, nil
}

// check fills in what the server says. That it says nothing is told at the end
// of the run: RBAC's answer stands.
func (v *verifier) check(ctx context.Context, x *rbac.Index, plan rbac.Plan, r *v1alpha1.WhoCanReport) error {
	line := progress.Start(v.env)
	defer line.Erase()
	err := verify.Report(ctx, v.ask, x, plan, r, v.limit, func(done, total int) {
		line.Show("asking the API server: %d of %d", done, total)
	})
	if nothing, ok := errors.AsType[*verify.NoAnswerError](err); ok {
		v.failed = verify.Fault(nothing, v.env.Name, "who-can")
		return nil
	}
	return err
}

// outcome is how the command ends.
func (v *verifier) outcome(err error) error {
	if v == nil {
		return err
	}
	return verify.Outcome(err, v.failed)
}

// verified is the cell of the column VERIFIED.
func verified(v *v1alpha1.Verified) printer.Text {
	switch {
	case v == nil:
		return printer.Plain("not asked")
	case v.Verdict == v1alpha1.NoAnswer:
		return printer.Concat(printer.Sign(printer.RoleWarn, printer.GlyphUnknown), printer.Plain(" no answer"))
	case v.Verdict == v1alpha1.Agrees:
		return printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" agrees"))
	default:
		return printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Plain(" differs"))
	}
}

// verification tells what was asked beside the rows, and who else is allowed.
func (v *view) verification() []printer.Printable {
	sum := v.report.Verification
	if sum == nil {
		return nil
	}
	text := fmt.Sprintf("The API server was asked %d %s: %d %s, %d %s, %d got no answer.", sum.Asked, form(sum.Asked, "time", "times"),
		sum.Agreed, form(sum.Agreed, "agrees", "agree"), sum.Differed, form(sum.Differed, "differs", "differ"), sum.Failed)
	if sum.NotAsked > 0 {
		text += fmt.Sprintf(" %d more %s not asked, since it did not answer.", sum.NotAsked, form(sum.NotAsked, "was", "were"))
	}
	if sum.LeftOut > 0 {
		text += fmt.Sprintf(" %d known %s that RBAC does not allow %s not asked for (--verify-limit).",
			sum.LeftOut, form(sum.LeftOut, "subject", "subjects"), form(sum.LeftOut, "was", "were"))
	}
	out := []printer.Printable{printer.Heading{Title: printer.Plain(text)}}
	if len(sum.Others) == 0 {
		return out
	}
	others := &printer.Table{Columns: []printer.Column{
		{Name: "also allowed", Role: printer.RoleBad}, {Name: "scope"}, {Name: "reason", Shrink: 1},
	}}
	for _, other := range sum.Others {
		others.Add(printer.Plain(other.Ref()), printer.Plain(access.ScopeName(other.ScopeNamespace)), printer.Plain(other.Reason))
	}
	return append(out, others)
}

// form is the form of a word that goes with n.
func form(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
