package why

import (
	"context"
	"errors"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run answers the question, or explains the message.
func (o *Options) Run(ctx context.Context) error {
	if len(o.denials) > 0 && o.denials[0].Kind != rbac.DeniedByAuthorizer {
		return o.explainOther(o.denials[0])
	}
	plan := o.question.Plan()
	if len(o.denials) > 0 {
		plan = rbac.Plan{Request: o.denials[0].Request}
	}
	needs := append(access.WideNeeds(plan.Request.Namespace), access.SubjectNeeds(o.who)...)
	index, inputNotes, err := access.Load(ctx, o.source, needs, o.groupsFile)
	if err != nil {
		return err
	}
	id, err := o.identify(ctx, index.Snapshot())
	if err != nil {
		return err
	}
	e := index.Why(id, plan.Request, plan.Anywhere)
	r := o.report(plan, e)
	r.Coverage = v1alpha1.NewCoverage(index.Snapshot(), slices.Concat(index.GapsFor(plan), absent(index, plan, e), index.UnsettledFor(plan, e.Identity)),
		slices.Concat(plan.Notes, inputNotes, access.NamespaceNotes(index.Snapshot(), plan.Request.Namespace), o.notes(index, plan, e)))
	unanswered := o.askServer(ctx, e, plan.Request, r)
	if err := ctx.Err(); err != nil {
		return err
	}
	if unanswered != nil && o.printer.Format() == formatFix {
		return unanswered // nothing for a pipe to apply
	}
	return verify.Outcome(o.print(index, plan, e, r), unanswered)
}

// absent are the roles that might allow a refused request if the input held
// them.
func absent(x *rbac.Index, plan rbac.Plan, e rbac.Explanation) []snapshot.Gap {
	if e.Allowed() {
		return nil
	}
	dangling := slices.DeleteFunc(x.WhatCan(e.Identity).Dangling, func(b *rbac.Binding) bool {
		return b.Namespace != "" && !plan.Anywhere && b.Namespace != plan.Request.Namespace
	})
	return x.AbsentRoles(dangling)
}

// identify finds out who is meant.
func (o *Options) identify(ctx context.Context, snap *snapshot.Snapshot) (rbac.Identity, error) {
	if len(o.denials) > 0 {
		d := o.denials[0]
		return rbac.Identity{Subject: rbac.User(d.User), Groups: append(d.Groups, o.groups...)}, nil
	}
	return access.Identify(ctx, o.source, snap, o.who, o.groups)
}

// print prints the report, or with -o fix the change alone.
func (o *Options) print(x *rbac.Index, plan rbac.Plan, e rbac.Explanation, r *v1alpha1.WhyReport) error {
	noFix := o.needless(r)
	if !e.Allowed() && noFix == nil {
		fix, err := x.Fix(e, plan.Request, plan.Anywhere)
		switch {
		case errors.Is(err, rbac.ErrAllNamespaces), errors.Is(err, rbac.ErrNoSafeFix):
			noFix = err
		case err != nil:
			return err
		default:
			r.Fix = v1alpha1.NewFix(fix)
			if r.Incomplete {
				r.Fix.Remarks = append(r.Fix.Remarks, "tried on what could be read: look first whether other objects have these names")
			}
		}
	}
	if o.printer.Format() == formatFix {
		return o.printFix(r, noFix)
	}
	v := &view{report: r, index: x, program: o.env.Name, noFix: noFix, wide: o.printer.Wide()}
	coverage := r.Coverage
	if !o.printer.Machine() {
		// Said at once, not after a change for someone who does not exist.
		v.unknown = existence(x, plan, e.Identity.Subject)
		coverage.Notes = slices.DeleteFunc(slices.Clone(r.Notes), func(note string) bool { return slices.Contains(v.unknown, note) })
	}
	return o.printer.Report(r, coverage, func() []printer.Printable { return v.render() })
}

// report converts an explanation.
func (o *Options) report(plan rbac.Plan, e rbac.Explanation) *v1alpha1.WhyReport {
	allowed := e.Allowed()
	r := &v1alpha1.WhyReport{
		Meta:             v1alpha1.NewMeta("WhyReport"),
		Query:            v1alpha1.NewQuery(plan),
		Subject:          v1alpha1.NewSubject(e.Identity.Subject),
		Groups:           v1alpha1.NewSubjectGroups(e.Groups),
		Allowed:          &allowed,
		Scopes:           v1alpha1.NewScopes(e.Scopes),
		NearMisses:       v1alpha1.NewNearMisses(e.NearMisses),
		RolesThatWouldDo: make([]v1alpha1.ObjectRef, 0, len(e.WouldDo)),
	}
	for _, role := range e.WouldDo {
		r.RolesThatWouldDo = append(r.RolesThatWouldDo, v1alpha1.NewRoleRef(role))
	}
	if pod := o.who.Pod; pod != (rbac.PodName{}) {
		r.Pod = &v1alpha1.PodRef{Namespace: pod.Namespace, Name: pod.Name}
	}
	if len(o.denials) > 0 {
		r.Denial = newDenial(o.denials[0])
	}
	return r
}
