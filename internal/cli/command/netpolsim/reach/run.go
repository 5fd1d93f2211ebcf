package reach

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Run answers for one endpoint, or several of one reference.
func (o *Options) Run(ctx context.Context) error {
	o.source.ReadAlso(network.Namespaces(o.endpoint)...)
	snap, err := o.source.Load(ctx, network.Needs())
	if err != nil {
		return err
	}
	c := netpol.NewCluster(snap, o.profile)
	a, err := o.answer(c)
	if err != nil {
		return network.Fault(err)
	}
	if o.printer.Format() == formatCSV {
		if err := a.writeCSV(); err != nil {
			return fmt.Errorf("print the answer: %w", err)
		}
		return o.printer.Finish(a.report.Coverage)
	}
	return o.printer.Report(a.report, a.report.Coverage, func() []printer.Printable { return a.render() })
}

// maxListed is how many workloads a list for people may be of.
const maxListed = 200

// answer is what is known of the endpoint.
type answer struct {
	*Options
	report *v1alpha1.ReachReport
	total  map[string]int // parties by their namespace, "" for nodes and addresses

	coarser bool // than by workload, since there are too many for people
}

func (o *Options) answer(c *netpol.Cluster) (*answer, error) {
	found, doubts, err := endpoints(c, o.endpoint)
	if err != nil {
		return nil, err
	}
	snap := c.Snapshot()
	notes := slices.Concat(network.Nobody(c), c.Remarks(), snap.Warnings(), access.NamespaceNotes(snap, o.endpoint.Namespace))
	a := &answer{Options: o, total: map[string]int{}, report: &v1alpha1.ReachReport{
		Meta: v1alpha1.NewMeta("ReachReport"),
		Query: v1alpha1.ReachQuery{
			Endpoint: o.endpoint.String(), From: o.from, To: o.to, By: string(cmp.Or(o.by, netpol.ByWorkload)), Ports: network.PortTexts(o.matrix.Ports),
			Family: int(o.matrix.Family), Profile: string(o.profile),
		},
		Coverage:  v1alpha1.NewCoverage(snap, network.AllGaps(c), notes),
		Endpoints: []string{}, Reaches: []v1alpha1.Reached{}, ReachedFrom: []v1alpha1.Reached{}, Doubts: v1alpha1.NewDoubts(doubts),
	}}
	m := c.Matrix(o.matrix)
	subject := netpol.Party{Name: o.endpoint.String()}
	for _, e := range found {
		a.report.Endpoints = append(a.report.Endpoints, name(e))
		if own := m.Own(e); !slices.Contains(subject.Members, own) {
			subject.Members = append(subject.Members, own)
		}
	}
	parties := m.Parties(cmp.Or(o.by, netpol.ByWorkload))
	if o.by == "" && len(parties) > maxListed && !o.printer.Machine() && o.printer.Format() != formatCSV && !o.printer.Wide() {
		a.coarser = true
		a.report.Query.By = string(netpol.ByNamespace)
		parties = m.Parties(netpol.ByNamespace)
	}
	for _, p := range parties {
		a.total[p.Namespace]++
	}
	subjects := []netpol.Party{subject}
	if o.from && len(found) > 0 {
		for _, crossing := range m.Between(subjects, parties).Row(0) {
			a.report.Reaches = add(a.report.Reaches, parties[crossing.To], crossing)
		}
	}
	if o.to && len(found) > 0 {
		b := m.Between(parties, subjects)
		for i := range parties {
			a.report.ReachedFrom = add(a.report.ReachedFrom, parties[i], b.Row(i)[0])
		}
	}
	return a, nil
}

// name is that of an endpoint in the report.
func name(e *netpol.Endpoint) string {
	if e.Kind == netpol.PodEndpoint && e.Name == "" && e.Workload == "" {
		return e.String() // it does not exist yet
	}
	return e.Reference()
}

// add lists a party if anything passes between it and the endpoint.
func add(list []v1alpha1.Reached, p netpol.Party, c netpol.Crossing) []v1alpha1.Reached {
	if len(c.Ports) == 0 || c.Self {
		return list
	}
	return append(list, v1alpha1.NewReached(p, c))
}

// endpoints are what the reference names, of a Service the pods that it leads
// to; and why there may be others.
func endpoints(c *netpol.Cluster, ref netpol.Reference) ([]*netpol.Endpoint, []netpol.Doubt, error) {
	if ref.Type != "Service" {
		found, err := c.Resolve(ref)
		return found, nil, err
	}
	service, err := c.Service(ref)
	if err != nil {
		return nil, nil, err
	}
	backends, doubts := c.Backends(service)
	var found []*netpol.Endpoint
	for _, b := range backends {
		if !slices.Contains(found, b.Endpoint) {
			found = append(found, b.Endpoint)
		}
	}
	return found, doubts, nil
}

// writeCSV writes a line for each that is reached, or reaches.
func (a *answer) writeCSV() error {
	w := output.NewCSV(a.env.Out, !a.printer.NoHeaders(), network.PairColumns()...)
	for _, r := range a.report.Reaches {
		w.Line(network.PairCells(pair(a.report.Query.Endpoint, r.Name, r))...)
	}
	for _, r := range a.report.ReachedFrom {
		w.Line(network.PairCells(pair(r.Name, a.report.Query.Endpoint, r))...)
	}
	return w.End()
}

func pair(from, to string, r v1alpha1.Reached) v1alpha1.ReachPair {
	return v1alpha1.ReachPair{From: from, To: to, Reach: r.Reach, Allowed: r.Allowed, Partly: r.Partly, Undefined: r.Undefined}
}
