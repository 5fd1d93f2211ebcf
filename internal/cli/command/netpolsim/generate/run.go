package generate

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// systemNamespace is left out where all namespaces are meant: what isolates it
// may take the cluster down.
const systemNamespace = "kube-system"

// Run writes the policies.
func (o *Options) Run(ctx context.Context) error {
	o.source.ReadAlso(network.Namespaces(o.workloads...)...)
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	drafter := draft.New(c)
	units, err := o.units(c, drafter)
	if err != nil {
		return err
	}
	subjects, refused := generate.Selectable(drafter, units)
	if len(subjects) == 0 {
		return nothing(c, o.namespace, refused)
	}
	o.generate.Subjects = subjects
	flows, notes, left, err := o.needed(ctx, c, drafter)
	if err != nil {
		return err
	}
	result, err := generate.Generate(c, drafter, flows, o.generate)
	if err != nil {
		return err
	}
	result.Left = append(result.Left, left...)
	if len(result.Closed) > 0 {
		notes = append(notes, "there is no flow of "+names(result.Closed)+": the policies close what they do not need to resolve names")
	}
	if o.namespace == "" {
		notes = append(notes, "the workloads of "+systemNamespace+" are left out: -n "+systemNamespace+" asks for them")
	}
	if slices.ContainsFunc(subjects, func(u *draft.Unit) bool { return u.Namespace == systemNamespace }) {
		notes = append(notes, "the whole cluster depends on "+systemNamespace+", as for resolving names: see that no flow is missing")
	}
	for _, refusal := range refused {
		notes = append(notes, "no policy for it: "+refusal)
	}
	r := o.report(c, result, slices.Concat(notes, result.Notes, c.Remarks(), snap.Warnings()))
	return o.print(r)
}

func nothing(c *netpol.Cluster, namespace string, refused []string) error {
	if err := network.Nothing(c, namespace); err != nil {
		return err
	}
	err := fmt.Errorf("there are no workloads in namespace %s", namespace)
	switch {
	case len(refused) > 0:
		err = fmt.Errorf("there is no workload that a policy could be for: %s", refused[0])
	case namespace == "":
		err = fmt.Errorf("there are no workloads outside of namespace %s", systemNamespace)
	}
	return fault.WithHelp(err, "name workloads, or another namespace with --namespace")
}

// units are the workloads that policies are for.
func (o *Options) units(c *netpol.Cluster, d *draft.Drafter) ([]*draft.Unit, error) {
	var units []*draft.Unit
	for _, ref := range o.workloads {
		found, err := c.Resolve(ref)
		if err != nil {
			return nil, network.Fault(err)
		}
		for _, e := range found {
			if u := d.Unit(e); !slices.Contains(units, u) {
				units = append(units, u)
			}
		}
	}
	if len(o.workloads) > 0 {
		return units, nil
	}
	return slices.DeleteFunc(d.Units(o.namespace), func(u *draft.Unit) bool {
		return o.namespace == "" && u.Namespace == systemNamespace
	}), nil
}

// report describes the result.
func (o *Options) report(c *netpol.Cluster, result *generate.Result, notes []string) *v1alpha1.GeneratedPoliciesReport {
	gaps := slices.Concat(
		c.GapsFor(netpol.Question{From: netpol.Reference{Type: "Deployment"}, To: netpol.Reference{Type: "Service"}}),
		c.GapsFor(netpol.Question{From: netpol.Reference{Type: "Node"}, To: netpol.Reference{Type: "Job"}}),
	)
	r := &v1alpha1.GeneratedPoliciesReport{
		Meta:     v1alpha1.NewMeta("GeneratedPoliciesReport"),
		Coverage: v1alpha1.NewCoverage(c.Snapshot(), snapshot.SortGaps(gaps), notes),
		From:     o.flows, Replaced: o.generate.Replace, Workloads: []string{},
	}
	for _, u := range o.generate.Subjects {
		r.Workloads = append(r.Workloads, u.String())
	}
	r.SetResult(result)
	return r
}
