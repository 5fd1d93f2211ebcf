package diff

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// comparison is of two states of a cluster.
type comparison struct {
	*Options
	before, after *netpol.Cluster
	diff          *netpol.MatrixDiff
	differs       map[policyKey]string // how policies differ
	unsettled     string               // a note, "" for none
	unread        int                  // objects that the other state may have, too
}

func newComparison(o *Options, before, after *netpol.Cluster) *comparison {
	return &comparison{Options: o, before: before, after: after, diff: before.Matrix(o.matrix).Diff(after.Matrix(o.matrix)), differs: map[policyKey]string{}}
}

// report says what changes.
func (c *comparison) report() *v1alpha1.FlowDiffReport {
	r := &v1alpha1.FlowDiffReport{
		Meta:    v1alpha1.NewMeta("FlowDiffReport"),
		Query:   v1alpha1.FlowDiffQuery{Ports: []string{}, Family: int(c.matrix.Family), Profile: string(c.profile)},
		Changes: []v1alpha1.FlowChange{},
	}
	if c.limited {
		r.Query.Namespace = c.namespace
	}
	for _, port := range c.matrix.Ports {
		r.Query.Ports = append(r.Query.Ports, port.String())
	}
	r.Policies = c.policies()
	elsewhere := newTally()
	total := newTally()
	for _, block := range c.diff.Blocks() {
		within, without := c.split(&block)
		for i := range within {
			total.add(&within[i], kindsOf(block.Ports))
			r.Changes = append(r.Changes, c.change(&within[i]))
		}
		for i := range without {
			elsewhere.add(&without[i], kindsOf(block.Ports))
		}
	}
	r.Summary = total.summary()
	r.Summary.Elsewhere = elsewhere.all()
	var from, to *netpol.Endpoint
	if r.Summary.Unsettled, from, to = c.diff.Unsettled(); from != nil {
		c.unsettled = fmt.Sprintf("%s Undefined before and after, although policies about them differ (as %s to %s): whether anything opens or closes there is not known",
			count(r.Summary.Unsettled, "pair of pods, nodes or addresses is", "pairs of pods, nodes or addresses are"), from, to)
	}
	r.Summary.Unseen = len(c.unseen(r.Policies))
	r.Added, r.Gone = c.added(), c.apart(c.certainly(c.diff.Gone(), c.after))
	r.Coverage = v1alpha1.NewCoverage(c.after.Snapshot(), c.gaps(), c.notes(r))
	return r
}

// change describes a block.
func (c *comparison) change(b *netpol.Block) v1alpha1.FlowChange {
	change := v1alpha1.FlowChange{From: groups(b.From), To: groups(b.To), Ports: []v1alpha1.FlowPortChange{}, Except: []v1alpha1.FlowPair{}}
	for _, pair := range b.Except {
		change.Except = append(change.Except, v1alpha1.FlowPair{From: pair[0].String(), To: pair[1].String()})
	}
	known := map[[2]netpol.Verdict][]v1alpha1.FlowCause{}
	for _, p := range b.Ports {
		key := [2]netpol.Verdict{p.Before, p.After}
		if known[key] == nil {
			known[key] = c.causes(b, p)
		}
		change.Ports = append(change.Ports, v1alpha1.FlowPortChange{
			Ports: p.Ports.String(), Change: kindOf(p.Before, p.After), Before: string(p.Before), After: string(p.After), Causes: known[key],
		})
	}
	return change
}

// gaps are what may change the answer in either state.
func (c *comparison) gaps() []snapshot.Gap {
	q := netpol.Question{From: netpol.Reference{Type: "Node"}, To: netpol.Reference{Type: "Deployment"}}
	if c.flows != "" {
		q.To.Type = "Service"
	}
	return snapshot.SortGaps(slices.Concat(c.before.GapsFor(q), c.after.GapsFor(q)))
}

func (c *comparison) notes(r *v1alpha1.FlowDiffReport) []string {
	notes := slices.Concat(c.after.Remarks(), c.after.Snapshot().Warnings())
	for _, remark := range slices.Concat(c.before.Remarks(), c.before.Snapshot().Warnings()) {
		if len(c.base) > 0 && !slices.Contains(notes, remark) {
			notes = append(notes, "before: "+remark)
		}
	}
	if c.unsettled != "" {
		notes = append(notes, c.unsettled)
	}
	if unseen := c.unseen(r.Policies); len(unseen) > 0 {
		notes = append(notes, fmt.Sprintf("the input holds no pods and no workloads where %s: what changes there is not known", counted(unseen)))
	}
	if c.unread > 0 {
		notes = append(notes, c.unreadNote())
	}
	if c.limited {
		notes = append(notes, access.NamespaceNotes(c.after.Snapshot(), c.namespace)...)
		if r.Summary.Elsewhere > 0 {
			notes = append(notes, elsewhereNote(r))
		}
	}
	if with := c.source.Applied(); with != nil && len(r.Policies) == 0 {
		notes = append(notes, appliedNote(len(policiesOf(with))))
	}
	return notes
}

// appliedNote says why applying files changes no policy.
func appliedNote(n int) string {
	switch n {
	case 0:
		return "the files of --with hold no network policy"
	case 1:
		return "the network policy of --with is there already, as it is in the file"
	default:
		return fmt.Sprintf("the %d network policies of --with are there already, as they are in the files", n)
	}
}
