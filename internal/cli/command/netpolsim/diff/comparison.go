package diff

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

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
	differs       map[[2]string]string // policies by namespace and name: how they differ
	unsettled     string               // a note, "" for none
}

func newComparison(o *Options, before, after *netpol.Cluster) *comparison {
	return &comparison{Options: o, before: before, after: after, diff: before.Matrix(o.matrix).Diff(after.Matrix(o.matrix)), differs: map[[2]string]string{}}
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
	r.Added, r.Gone = c.added(), c.apart(c.diff.Gone())
	r.Coverage = v1alpha1.NewCoverage(c.after.Snapshot(), c.gaps(), c.notes(r))
	return r
}

// split takes a block apart by whether an end is in the namespace that is
// asked about.
func (c *comparison) split(b *netpol.Block) (within, without []netpol.Block) {
	if !c.limited {
		return []netpol.Block{*b}, nil
	}
	from, otherFrom := c.divide(b.From)
	to, otherTo := c.divide(b.To)
	add := func(list *[]netpol.Block, from, to []*netpol.Endpoint) {
		if len(from) > 0 && len(to) > 0 {
			*list = append(*list, netpol.Block{From: from, To: to, Ports: b.Ports, Except: exceptions(b, from, to)})
		}
	}
	add(&within, from, b.To)
	add(&within, otherFrom, to)
	add(&without, otherFrom, otherTo)
	return slices.DeleteFunc(within, isEmpty), slices.DeleteFunc(without, isEmpty)
}

// isEmpty reports whether a block has no pairs.
func isEmpty(b netpol.Block) bool {
	for range b.Pairs() {
		return false
	}
	return true
}

func exceptions(b *netpol.Block, from, to []*netpol.Endpoint) [][2]*netpol.Endpoint {
	sources, destinations := set(from), set(to)
	var kept [][2]*netpol.Endpoint
	for _, pair := range b.Except {
		if sources[pair[0]] && destinations[pair[1]] {
			kept = append(kept, pair)
		}
	}
	return kept
}

func set(endpoints []*netpol.Endpoint) map[*netpol.Endpoint]bool {
	has := make(map[*netpol.Endpoint]bool, len(endpoints))
	for _, e := range endpoints {
		has[e] = true
	}
	return has
}

func (c *comparison) divide(all []*netpol.Endpoint) (in, out []*netpol.Endpoint) {
	for _, e := range all {
		if c.isAsked(e) {
			in = append(in, e)
		} else {
			out = append(out, e)
		}
	}
	return in, out
}

func (c *comparison) isAsked(e *netpol.Endpoint) bool {
	return !c.limited || e.Kind == netpol.PodEndpoint && e.Namespace == c.namespace
}

func (c *comparison) apart(endpoints []*netpol.Endpoint) []v1alpha1.FlowGroup {
	asked, _ := c.divide(endpoints)
	return groups(asked)
}

// added are the new groups, and whether anything isolates them.
func (c *comparison) added() []v1alpha1.AddedGroup {
	asked, _ := c.divide(c.diff.Added())
	byGroup := map[groupKey][]*netpol.Endpoint{}
	for _, e := range asked {
		byGroup[keyOf(e)] = append(byGroup[keyOf(e)], e)
	}
	keys := slices.SortedFunc(maps.Keys(byGroup), compareKeys)
	found := make([]v1alpha1.AddedGroup, 0, len(keys))
	for _, k := range keys {
		g := v1alpha1.AddedGroup{FlowGroup: groups(byGroup[k])[0], Isolated: []string{}}
		for _, d := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
			if !slices.ContainsFunc(byGroup[k], func(e *netpol.Endpoint) bool { return !c.isIsolated(e, d) }) {
				g.Isolated = append(g.Isolated, string(d))
			}
		}
		found = append(found, g)
	}
	return found
}

// isIsolated reports whether policies select the endpoint in a direction.
func (c *comparison) isIsolated(e *netpol.Endpoint, d netpol.Direction) bool {
	someone := &netpol.Endpoint{Kind: netpol.ExternalEndpoint}
	f := netpol.Flow{From: someone, To: e, Protocol: corev1.ProtocolTCP, Port: 1}
	if d == netpol.Egress {
		f.From, f.To = e, someone
	}
	return slices.ContainsFunc(c.after.Explain(f).Steps, func(s netpol.Step) bool { return s.Direction == d && len(s.Policies) > 0 })
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

// The kinds of changes.
const (
	opened   = "Opened"
	closed   = "Closed"
	mayOpen  = "MayOpen"
	mayClose = "MayClose"
)

// kindOf names a change. What was or becomes Undefined may have been, or become,
// either.
func kindOf(before, after netpol.Verdict) string {
	switch {
	case before == netpol.Denied && after == netpol.Allowed:
		return opened
	case before == netpol.Allowed && after == netpol.Denied:
		return closed
	case before == netpol.Denied || after == netpol.Allowed:
		return mayOpen
	default:
		return mayClose
	}
}

func kindsOf(ports []netpol.PortChange) map[string]bool {
	kinds := map[string]bool{}
	for _, p := range ports {
		kinds[kindOf(p.Before, p.After)] = true
	}
	return kinds
}

// summary counts what was added.
func (t *tally) summary() v1alpha1.FlowDiffSummary {
	s := v1alpha1.FlowDiffSummary{Opened: t.of(opened), Closed: t.of(closed), MayOpen: t.of(mayOpen), MayClose: t.of(mayClose)}
	for _, counted := range t.pods {
		if counted {
			s.Workloads++
		}
	}
	return s
}

func (t *tally) of(change string) int {
	n := 0
	for _, set := range t.pairs[change] {
		n += set.count()
	}
	return n
}

func (t *tally) all() int { return t.of(opened) + t.of(closed) + t.of(mayOpen) + t.of(mayClose) }

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
	if c.limited {
		notes = append(notes, access.NamespaceNotes(c.after.Snapshot(), c.namespace)...)
		if r.Summary.Elsewhere > 0 {
			notes = append(notes, elsewhereNote(r))
		}
	}
	if with := c.source.Applied(); with != nil && len(r.Policies) == 0 {
		notes = append(notes, appliedNote(snapshot.Count[networkingv1.NetworkPolicy](with)))
	}
	return notes
}

// appliedNote says why applying files changes no policy.
func appliedNote(n int) string {
	switch n {
	case 0:
		return "the files of --with hold no NetworkPolicy"
	case 1:
		return "the NetworkPolicy of --with is there already, as it is in the file"
	default:
		return fmt.Sprintf("the %d NetworkPolicies of --with are there already, as they are in the files", n)
	}
}
