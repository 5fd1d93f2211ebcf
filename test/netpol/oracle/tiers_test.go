package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

const (
	fullTiers  = 600 // clusters
	shortTiers = 90
	perTiers   = 60 // flows
)

// tierCounts are what a run with cluster-wide policies compared.
type tierCounts struct {
	Clusters   int `json:"clusters"`
	Flows      int `json:"flows"`
	Allowed    int `json:"allowed"`    // of the flows
	Undefined  int `json:"undefined"`  // of the flows
	Directions int `json:"directions"` // compared
	Decided    int `json:"decided"`    // of the directions: by the Admin or Baseline tier
	Cautious   int `json:"cautious"`   // of the directions: Undefined, though nothing that is missing could matter
}

// TestTiers asks about random flows in random clusters with cluster-wide
// policies and compares, for each direction, with kube-network-policies.
func TestTiers(t *testing.T) {
	seeds := fullTiers
	if testing.Short() {
		seeds = shortTiers
	}
	n, mix, table := &tierCounts{}, generate.Mix{}, tierDifferences()
	for seed := range uint64(seeds) {
		if err := runTiers(seed, mix, n, table); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	t.Logf("%+v", *n)
	atLeast := fewest * seeds / fullTiers
	if rare := mix.Rare(generate.TierFeatures(), atLeast); len(rare) > 0 {
		t.Errorf("fewer than %d times: %q", atLeast, rare)
	}
	if len(mix) > len(generate.TierFeatures()) {
		t.Errorf("features are counted that the list lacks: %v", mix)
	}
	if n.Decided*20 < n.Directions || n.Cautious*8 > n.Undefined {
		t.Errorf("the policies decide too little, or too much is Undefined for no reason: %+v", *n)
	}
	for _, s := range table {
		t.Logf("%s: %s: %d", s.Evaluator, s.Difference, s.Hits)
		if s.Hits < atLeast {
			t.Errorf("%s: %s: %d times, such an entry settles nothing", s.Evaluator, s.Difference, s.Hits)
		}
	}
	if !testing.Short() {
		record(t, "testdata/tiers.json", map[string]any{"counts": n, "features": mix, "settled": table})
	}
}

// FuzzTiers lets the fuzzer choose the cluster.
func FuzzTiers(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		if err := runTiers(seed, generate.Mix{}, &tierCounts{}, tierDifferences()); err != nil {
			t.Fatal(err)
		}
	})
}

func runTiers(seed uint64, mix generate.Mix, n *tierCounts, table []*settled) error {
	g := generate.New(seed, generate.Mix{})
	tiers := g.Tiers(seed, mix)
	base, err := newTrial(g.Cluster, &counts{}, nil)
	if err != nil {
		return err
	}
	base.networks, base.tiered = tiers.Networks(), true
	t := &tierTrial{trial: base, tiers: tiers, counts: n, settled: table}
	if err := t.prepare(); err != nil {
		return err
	}
	n.Clusters++
	for range perTiers {
		f := g.Flow()
		if err := t.compare(f); err != nil {
			return fmt.Errorf("%w\n%s\n%s", err, t.policies(), t.dump(f))
		}
	}
	return nil
}

// tierTrial is a trial with cluster-wide policies.
type tierTrial struct {
	*trial
	tiers      *generate.Tiers
	cluster    *netpol.Cluster
	evaluators []*tierEvaluator // for each order of policies of one priority, and labels of nodes
	counts     *tierCounts
	settled    []*settled
}

func (t *tierTrial) prepare() error {
	b := snapshot.NewBuilder()
	for object := range t.engine.Snapshot().All() {
		b.Add(object)
	}
	for _, object := range t.objects() {
		b.Add(object)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		return err
	}
	t.cluster = netpol.NewCluster(s, netpol.ProfileCommon)
	if len(t.cluster.Rejected()) != len(t.c.Refused) {
		return fmt.Errorf("the engine refuses %+v", t.cluster.Rejected())
	}
	for _, nodes := range t.possibleNodes() {
		for _, reverse := range []bool{false, true} {
			if reverse && !t.tiers.Tie {
				continue
			}
			e, err := newTierEvaluator(t.trial.policies, t.tiers, nodes, reverse)
			if err != nil {
				return err
			}
			t.evaluators = append(t.evaluators, e)
		}
	}
	return nil
}

// possibleNodes returns all nodes, with each label that those may have which
// are not in the input.
func (t *tierTrial) possibleNodes() [][]*corev1.Node {
	var missing []*corev1.Node
	for _, name := range t.nodes {
		known := func(n *corev1.Node) bool { return n.Name == name }
		if name == "" || slices.ContainsFunc(t.c.Nodes, known) || slices.ContainsFunc(missing, known) {
			continue
		}
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
		for _, a := range t.c.NodeAddresses(name) {
			node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a.String()})
		}
		missing = append(missing, node)
	}
	if missing == nil || !t.tiers.Nodes {
		return [][]*corev1.Node{t.c.Nodes}
	}
	var all [][]*corev1.Node
	for _, set := range []map[string]string{nil, {"app": "a"}, {"app": "b"}, {"app": ""}, {"app": "other"}} {
		nodes := slices.Clone(t.c.Nodes)
		for _, node := range missing {
			node = node.DeepCopy()
			node.Labels = set
			nodes = append(nodes, node)
		}
		all = append(all, nodes)
	}
	return all
}

// objects are the policies as a snapshot has them, of which their status is no
// part.
func (t *tierTrial) objects() []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	add := func(typed any) {
		values, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
		if err != nil {
			panic(err)
		}
		delete(values, "status")
		objects = append(objects, &unstructured.Unstructured{Object: values})
	}
	for _, p := range t.tiers.Cluster {
		add(p.DeepCopy())
	}
	for _, p := range t.tiers.Admin {
		add(p.DeepCopy())
	}
	for _, p := range t.tiers.Baseline {
		add(p.DeepCopy())
	}
	return objects
}

func (t *tierTrial) policies() string {
	var out strings.Builder
	for _, object := range t.objects() {
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "---\n%s", text)
	}
	return out.String()
}

// compare asks both sides about a flow; the error is a difference that the
// table does not settle.
func (t *tierTrial) compare(f generate.Flow) error {
	t.engine = t.cluster
	flow := t.flow(f)
	e := t.cluster.Explain(flow)
	if v := t.cluster.Verdict(flow); v != e.Verdict {
		return fmt.Errorf("the verdict is %s, and with an explanation %s", v, e.Verdict)
	}
	t.counts.Flows++
	switch e.Verdict {
	case netpol.Allowed:
		t.counts.Allowed++
	case netpol.Undefined:
		t.counts.Undefined++
	case netpol.Denied, netpol.Partly:
	}
	from, to := t.side(f.From, f), t.side(f.To, f)
	if from.pod != nil && from.pod == to.pod {
		if e.Verdict != netpol.Allowed {
			return fmt.Errorf("a pod does not reach itself: %s", e.Verdict)
		}
		return nil
	}
	for _, step := range e.Steps {
		if err := t.compareStep(f, from, to, step); err != nil {
			return fmt.Errorf("%s of %s: %w", step.Direction, step.Subject, err)
		}
	}
	return nil
}

func (t *tierTrial) compareStep(f generate.Flow, from, to side, step netpol.Step) error {
	direction, exempt := networkingv1.PolicyTypeEgress, netpol.No
	if step.Direction == netpol.Ingress {
		direction, exempt = networkingv1.PolicyTypeIngress, local(from, to)
	}
	t.counts.Directions++
	if n := len(step.Tiers); n > 0 && step.Tiers[n-1].Tier != netpol.NetworkPolicyTier && step.Tiers[n-1].Outcome != netpol.NoMatch {
		t.counts.Decided++
	}
	ask := func(mended repairs) netpol.Truth { return max(exempt, t.possible(mended, direction, f, from, to)) }
	got, want := truthOf(step.Verdict), ask(0)
	switch {
	case got == want:
	case settle(t.settled, nameOfKubernetes, got, ask):
	case got == netpol.Maybe && (from.unknown || to.unknown || t.unknownNode(to)):
		t.counts.Cautious++
	default:
		return fmt.Errorf("the engine says %s %+v, kube-network-policies %v\n%+v", step.Verdict, step.Tiers, want, matches(step))
	}
	return nil
}

// matches returns the rules by which cluster-wide policies decide.
func matches(step netpol.Step) []string {
	var found []string
	for _, p := range step.Policies {
		for _, r := range p.Rules {
			if r.Match != "" && r.Match != "No" {
				found = append(found, fmt.Sprintf("%s %s %s %s %s", p.Policy.Name, r.Path, r.Match, r.Peer, r.Port))
			}
		}
	}
	return found
}

// unknownNode reports whether the labels of a destination's node are missing.
func (t *tierTrial) unknownNode(to side) bool {
	if !to.fromNode {
		return false
	}
	for _, node := range t.c.Nodes {
		if node.Name == to.node {
			return false
		}
	}
	return true
}

// withoutAddress leaves out views of a subject that differ by address alone.
func withoutAddress(views []view) []view {
	var kept []view
	for _, v := range views {
		if !slices.ContainsFunc(kept, func(o view) bool { return o.pod == v.pod && maps.Equal(o.namespace, v.namespace) }) {
			kept = append(kept, v)
		}
	}
	return kept
}

// contradicts reports whether both are pods of one namespace that has other
// labels for the other.
func (v view) contradicts(o view) bool {
	return v.pod != nil && o.pod != nil && v.pod.Namespace == o.pod.Namespace && !maps.Equal(v.namespace, o.namespace)
}

// possible asks about everything that may be true, with both orders of
// policies of one priority.
func (t *tierTrial) possible(mended repairs, direction networkingv1.PolicyType, f generate.Flow, from, to side) netpol.Truth {
	lowest, highest := netpol.Yes, netpol.No
	sources, destinations := from.views, withoutAddress(to.views)
	if direction == networkingv1.PolicyTypeEgress {
		sources, destinations = withoutAddress(from.views), to.views
	}
	for _, e := range t.evaluators {
		for _, source := range sources {
			for _, destination := range destinations {
				if source.contradicts(destination) {
					continue
				}
				answer := netpol.No
				if e.allows(question{direction, source, destination, f.Protocol, f.Port}, mended) {
					answer = netpol.Yes
				}
				lowest, highest = min(lowest, answer), max(highest, answer)
				if lowest != highest {
					return netpol.Maybe
				}
			}
		}
	}
	return lowest
}
