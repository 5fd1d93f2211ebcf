package diff

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run compares the two states.
func (o *Options) Run(ctx context.Context) error {
	var log *observed.Log
	if o.flows != "" {
		var err error
		if log, err = o.readFlows(ctx); err != nil {
			return err
		}
	}
	before, after, err := o.load(ctx)
	if err != nil {
		return err
	}
	if err := o.exists(before, after); err != nil {
		return err
	}
	c := newComparison(o, netpol.NewCluster(before, o.profile), netpol.NewCluster(after, o.profile))
	r := c.report()
	if log != nil {
		r.Observed = c.observe(log)
		r.Notes = append(r.Notes, observedNotes(r.Observed)...)
	}
	return o.print(r)
}

// exists refuses a namespace that is in neither state: that nothing changes in
// it would be no answer.
func (o *Options) exists(before, after *snapshot.Snapshot) error {
	if !o.limited || len(access.NamespaceNotes(before, o.namespace)) == 0 || len(access.NamespaceNotes(after, o.namespace)) == 0 {
		return nil
	}
	return fmt.Errorf("there is no namespace %s: nothing is in it, before or after", o.namespace)
}

// load returns both states, of one reading of the source.
func (o *Options) load(ctx context.Context) (before, after *snapshot.Snapshot, err error) {
	if len(o.base) > 0 {
		if before, err = o.source.LoadBase(ctx, "--base", o.base); err != nil {
			return nil, nil, err
		}
	}
	if after, err = o.source.Load(ctx, network.Needs()); err != nil {
		return nil, nil, err
	}
	if before == nil {
		before = after.Base()
	}
	return before, after, nil
}

// print prints the answer and ends the command as --fail-on asks.
func (o *Options) print(r *v1alpha1.FlowDiffReport) error {
	var err error
	switch o.printer.Format() {
	case formatCSV:
		err = writeCSV(o.env.Out, r, !o.printer.NoHeaders())
	case formatMarkdown:
		err = writeMarkdown(o.env.Out, r)
	case formatJUnit:
		err = writeJUnit(o.env.Out, r, o.judge(r), o.requireComplete)
	default:
		v := &view{report: r, wide: o.printer.Wide()}
		err = o.printer.Print(r, v.render)
	}
	if err != nil {
		return err
	}
	outcomes := o.judge(r)
	coverage := r.Coverage
	coverage.Incomplete = coverage.Incomplete || slices.ContainsFunc(outcomes, func(a outcome) bool { return a.unproven })
	if err := o.printer.Finish(coverage); err != nil {
		return err
	}
	if slices.ContainsFunc(outcomes, func(a outcome) bool { return a.failed }) {
		return fault.Findings()
	}
	return nil
}
