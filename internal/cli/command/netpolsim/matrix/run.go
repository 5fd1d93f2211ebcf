package matrix

import (
	"bufio"
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Run answers for all endpoints.
func (o *Options) Run(ctx context.Context) error {
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	if ns := o.matrix.Namespace; ns != "" {
		if _, err := c.Resolve(netpol.Reference{Type: "Namespace", Name: ns}); err != nil {
			return network.Fault(err)
		}
	}
	if err := network.Nothing(c, o.matrix.Namespace); err != nil {
		return err
	}
	a := &answer{ctx: ctx, Options: o, m: c.Matrix(o.matrix), report: o.report(c)}
	if err := a.print(); err != nil {
		return err
	}
	return o.printer.Finish(a.report.Coverage)
}

// report is the answer without what there may be much of.
func (o *Options) report(c *netpol.Cluster) *v1alpha1.ReachabilityMatrix {
	snap := c.Snapshot()
	notes := slices.Concat(network.Nobody(c), c.Remarks(), snap.Warnings())
	return &v1alpha1.ReachabilityMatrix{
		Meta: v1alpha1.NewMeta("ReachabilityMatrix"),
		Query: v1alpha1.MatrixQuery{
			By: string(o.by), Namespace: o.matrix.Namespace, Ports: network.PortTexts(o.matrix.Ports),
			Family: int(o.matrix.Family), Profile: string(o.profile),
		},
		Coverage: v1alpha1.NewCoverage(snap, network.AllGaps(c), notes),
		Classes:  []v1alpha1.EndpointClass{}, Edges: []v1alpha1.ReachEdge{}, Pairs: []v1alpha1.ReachPair{},
	}
}

// answer prints one matrix.
type answer struct {
	*Options
	ctx    context.Context //nolint:containedctx // of one run: what is streamed asks it in between
	m      *netpol.Matrix
	report *v1alpha1.ReachabilityMatrix
}

// bufferSize is how much is written at once.
const bufferSize = 1 << 16

func (a *answer) print() error {
	switch format := a.printer.Format(); {
	case format == formatCSV || format == "json":
		out := bufio.NewWriterSize(a.env.Out, bufferSize)
		write := a.writeCSV
		if format == "json" {
			write = a.writeJSON
		}
		if err := write(out); err != nil {
			return fmt.Errorf("print the answer: %w", err)
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("print the answer: %w", err)
		}
		return nil
	case a.printer.Machine():
		a.fill()
		return a.printer.Print(a.report, nil)
	case format == formatDOT || format == formatMermaid:
		return a.draw(format)
	default:
		v := newView(a)
		return a.printer.Print(a.report, func() []printer.Printable { return v.render() })
	}
}
