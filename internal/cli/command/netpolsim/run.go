package netpolsim

import (
	"context"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/suggest"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run answers the question.
func (o *Options) Run(ctx context.Context) error {
	o.source.ReadAlso(network.Namespaces(o.question.From, o.question.To, o.question.Via)...)
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	answer, err := c.Answer(o.question)
	if err != nil {
		return network.Fault(err)
	}
	r := o.report(c, answer)
	if o.suggest {
		s, err := suggest.For(c, o.question, answer)
		if err != nil {
			return err
		}
		r.Suggestion = v1alpha1.NewFlowSuggestion(s)
	}
	v := &view{report: r, wide: o.printer.Wide(), entryUnknown: o.question.From.IsEntry() && r.Query.EntryFrom == ""}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return v.render() })
}

// report is the answer with a proof for every range of ports.
func (o *Options) report(c *netpol.Cluster, a *netpol.Answer) *v1alpha1.FlowReport {
	snap := c.Snapshot()
	notes := slices.Concat(a.Notes, c.Remarks(), snap.Warnings(), access.NamespaceNotes(snap, o.question.To.Namespace))
	gaps := slices.DeleteFunc(c.GapsFor(o.question), func(g snapshot.Gap) bool { return !o.question.BearsOn(g) })
	r := &v1alpha1.FlowReport{
		Meta: v1alpha1.NewMeta("FlowReport"),
		Query: v1alpha1.FlowQuery{
			From: o.question.From.String(), To: o.question.To.String(), Ports: []string{},
			Family: int(o.question.Family), Profile: string(o.profile), EntryFrom: o.question.Via.String(),
		},
		Coverage: v1alpha1.NewCoverage(snap, gaps, notes),
		Verdict:  string(a.Verdict),
		Doubts:   v1alpha1.NewDoubts(a.Doubts),
		Flows:    make([]v1alpha1.FlowResult, 0, len(a.Flows)),
	}
	for _, port := range o.question.Ports {
		r.Query.Ports = append(r.Query.Ports, port.String())
	}
	for _, name := range o.question.Names {
		r.Query.Ports = append(r.Query.Ports, name.String())
	}
	for i := range a.Flows {
		r.Flows = append(r.Flows, flow(c, &a.Flows[i]))
	}
	return r
}

func flow(c *netpol.Cluster, f *netpol.FlowAnswer) v1alpha1.FlowResult {
	result := v1alpha1.FlowResult{
		From: v1alpha1.NewFlowEnd(f.Flow.From), To: v1alpha1.NewFlowEnd(f.Flow.To), Family: int(f.Flow.Family),
		Ports: make([]v1alpha1.PortVerdict, 0, len(f.Ports)), Doubts: v1alpha1.NewDoubts(f.Doubts),
	}
	if f.Backend != nil {
		result.ServicePort = f.Backend.ServicePort.String()
	}
	for _, open := range f.Ports {
		result.Ports = append(result.Ports, v1alpha1.NewPortVerdict(open, c.ExplainPorts(f.Flow, open.Ports)))
	}
	return result
}
