package lint

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/findings"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run checks the policies.
func (o *Options) Run(ctx context.Context) error {
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	if err := o.exists(c); err != nil {
		return err
	}
	result := lint.Run(c, o.options)
	r := &v1alpha1.NetpolLintReport{
		Meta: v1alpha1.NewMeta("NetpolLintReport"), Namespace: o.options.Namespace, Profile: string(o.profile),
		Coverage: v1alpha1.NewCoverage(snap, gaps(c), slices.Concat(result.Notes, c.Remarks(), snap.Warnings())),
	}
	r.SetResult(result)
	if err := o.print(r); err != nil {
		return err
	}
	return o.limits.Fail(r.Findings)
}

// exists refuses a namespace that is not there: that nothing is wrong in it
// would be no answer.
func (o *Options) exists(c *netpol.Cluster) error {
	name := o.options.Namespace
	_, known := c.NamespaceLabels(name)
	unread := slices.ContainsFunc(c.Snapshot().Gaps(), func(g snapshot.Gap) bool { return g.Resource == "namespaces" || g.Resource == "" })
	switch {
	case name == "" || known || len(c.Pods(name)) > 0 || unread:
		return nil
	case slices.ContainsFunc(c.Policies(), func(p *netpol.Policy) bool { return p.Namespace == name }):
		return nil
	case c.Snapshot().Info().CoverageKnown() && snapshot.Count[corev1.Namespace](c.Snapshot()) > 0:
		return fmt.Errorf("there is no namespace %s", name)
	}
	return fmt.Errorf("nothing in the input is in namespace %s", name)
}

func (o *Options) print(r *v1alpha1.NetpolLintReport) error {
	if o.printer.Format() == findings.FormatSARIF {
		log := findings.Log{Version: o.env.Build.Version, Found: r.Findings, Ignored: r.Ignored, Notes: r.Notes}
		for _, c := range lint.Checks() {
			log.Rules = append(log.Rules, findings.Rule{ID: c.ID(), Summary: c.Summary, Severity: c.Severity})
		}
		if err := findings.WriteSARIF(o.env.Out, log); err != nil {
			return err
		}
		return o.printer.Finish(r.Coverage)
	}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return view(r, o.printer.Wide()) })
}

// gaps are what may be missing from the snapshot and bears on policies.
// Policies that API servers refuse are findings.
func gaps(c *netpol.Cluster) []snapshot.Gap {
	var found []snapshot.Gap
	for _, gap := range c.Snapshot().Gaps() {
		if gap.Resource == "" || slices.ContainsFunc(network.Needs(), func(n snapshot.Need) bool {
			return n.Type.Group == gap.Group && n.Type.Resource == gap.Resource && !network.IsEntry(n.Type)
		}) {
			found = append(found, gap)
		}
	}
	return snapshot.SortGaps(append(found, c.NotModelled()...))
}
