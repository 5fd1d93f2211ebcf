package check

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const (
	// maxExamples is how many flows of one assertion are shown that are not as
	// expected.
	maxExamples = 3
	// maxExplained is how many failed assertions are explained: a file that is
	// meant for another cluster fails in every line.
	maxExplained = 1000
)

// Run checks all assertions.
func (o *Options) Run(ctx context.Context) error {
	for _, a := range o.assertions {
		o.source.ReadAlso(network.Namespaces(a.From, a.To, a.Via)...)
	}
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	outcomes, err := outcomes(ctx, c, o.assertions)
	if err != nil {
		return err
	}
	report := o.report(c, outcomes)
	if o.printer.Format() == assertions.FormatJUnit {
		if err := writeJUnit(o.env.Out, report, o.requireComplete); err != nil {
			return err
		}
	} else if err := o.printer.Print(report, func() []printer.Printable { return view(report, o.printer.Wide()) }); err != nil {
		return err
	}
	return assertions.Finish(o.printer, report.Coverage, report.Unproven, report.Failed)
}

// share is how many assertions are taken from the queue at once.
const share = 64

// outcomes checks the assertions on all processors.
func outcomes(ctx context.Context, c *netpol.Cluster, all []assertion) ([]netpol.CheckOutcome, error) {
	found := make([]netpol.CheckOutcome, len(all))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for ctx.Err() == nil {
				first := int(next.Add(share)) - share
				if first >= len(all) {
					return
				}
				for i := first; i < min(first+share, len(all)); i++ {
					found[i] = c.Check(all[i].Assertion, maxExamples)
				}
			}
		})
	}
	wait.Wait()
	return found, ctx.Err()
}

// report says what became of the assertions, in their order.
func (o *Options) report(c *netpol.Cluster, outcomes []netpol.CheckOutcome) *v1alpha1.FlowCheckReport {
	report := &v1alpha1.FlowCheckReport{
		Meta: v1alpha1.NewMeta("FlowCheckReport"), Strict: o.strict, Profile: string(o.profile),
		Results: make([]v1alpha1.FlowCheck, 0, len(outcomes)),
	}
	remarks := newRemarks(c)
	explained := 0
	for i, outcome := range outcomes {
		a := &o.assertions[i]
		f := v1alpha1.FlowCheck{
			From: a.From.String(), To: a.To.String(), Port: a.port, Expect: string(a.Expect), File: o.file, Line: a.line, Why: a.why,
			Unproven: remarks.unproven(a.Question), Slips: remarks.slips(a.Question),
		}
		if f.Port == "" {
			f.Port = "*"
		}
		f.Notes = slices.Concat(f.Slips, outcome.Notes)
		outcome.Doubts = meant(outcome)
		if a.Expect != "" && !outcome.Passed {
			if explained < maxExplained {
				f.Failures = failures(c, outcome.Examples, len(outcome.Families) > 0)
			}
			explained++
		}
		report.Add(f, outcome)
	}
	notes := slices.Concat(c.Remarks(), c.Snapshot().Warnings())
	if explained > maxExplained {
		notes = append(notes, fmt.Sprintf("only the first %d assertions that fail are explained", maxExplained))
	}
	report.Coverage = v1alpha1.NewCoverage(c.Snapshot(), remarks.gaps(), notes)
	return report
}

// failures explains examples, naming address families where they differ.
func failures(c *netpol.Cluster, examples []netpol.Example, families bool) []v1alpha1.FlowFailure {
	list := make([]v1alpha1.FlowFailure, 0, len(examples))
	for _, e := range examples {
		f := v1alpha1.FlowFailure{FlowResult: v1alpha1.FlowResult{
			From: v1alpha1.NewFlowEnd(e.Flow.From), To: v1alpha1.NewFlowEnd(e.Flow.To), Family: int(e.Flow.Family),
			Ports: []v1alpha1.PortVerdict{v1alpha1.NewPortVerdict(e.Open, c.ExplainPorts(e.Flow, e.Open.Ports))}, Doubts: v1alpha1.NewDoubts(e.Doubts),
		}}
		if e.Backend != nil {
			f.ServicePort = e.Backend.ServicePort.String()
		}
		f.Summary = summary(&f.FlowResult, families)
		list = append(list, f)
	}
	return list
}
