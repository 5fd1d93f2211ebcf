package oracle

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

// trial is one cluster, ready for questions to all sides.
type trial struct {
	c          *generate.Cluster
	policies   []*networkingv1.NetworkPolicy // as stored
	pods       map[*corev1.Pod]*corev1.Pod   // as stored
	networks   []netip.Prefix                // of cluster-wide policies
	tiered     bool                          // there are such policies
	nodes      []string
	engine     *netpol.Cluster
	evaluators map[string]evaluator
	counts     *counts
	settled    []*settled
}

// counts are what a run compared.
type counts struct {
	Clusters   int `json:"clusters"` // each change makes another
	Flows      int `json:"flows"`
	Allowed    int `json:"allowed"`    // of the flows
	Undefined  int `json:"undefined"`  // of the flows
	Directions int `json:"directions"` // compared with each evaluator
	Isolated   int `json:"isolated"`   // of the directions: policies decided
	Cautious   int `json:"cautious"`   // of the directions: Undefined, though nothing that is missing could matter
}

func newTrial(c *generate.Cluster, n *counts, table []*settled) (*trial, error) {
	t := &trial{c: c, pods: map[*corev1.Pod]*corev1.Pod{}, counts: n, settled: table}
	b := snapshot.NewBuilder()
	for _, ns := range c.Namespaces {
		b.Add(ns.DeepCopy())
	}
	for _, node := range c.Nodes {
		b.Add(node.DeepCopy())
		t.nodes = append(t.nodes, node.Name)
	}
	for _, pod := range c.Pods {
		b.Add(pod.DeepCopy())
		t.pods[pod] = storedPod(pod)
		t.nodes = append(t.nodes, pod.Spec.NodeName)
	}
	for _, np := range c.Policies {
		b.Add(np.DeepCopy())
		t.policies = append(t.policies, stored(np))
	}
	for _, np := range c.Refused {
		b.Add(np.DeepCopy())
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		return nil, err
	}
	t.engine = netpol.NewCluster(s, netpol.ProfileCommon)
	if err := t.checkRefused(); err != nil {
		return nil, err
	}
	upstream, err := newKubernetes(t.policies)
	if err != nil {
		return nil, err
	}
	t.evaluators = map[string]evaluator{nameOfKubernetes: upstream, nameOfCyclonus: newCyclonus(t.policies)}
	n.Clusters++
	return t, nil
}

// checkRefused demands that the engine refuses what API servers do, and no
// more.
func (t *trial) checkRefused() error {
	rejected := t.engine.Rejected()
	if len(rejected) != len(t.c.Refused) {
		return fmt.Errorf("the engine refuses %+v, API servers %d policies", rejected, len(t.c.Refused))
	}
	for i, np := range t.c.Refused {
		if rejected[i].Namespace != np.Namespace || rejected[i].Name != np.Name {
			return fmt.Errorf("the engine refuses %s/%s instead of %s/%s", rejected[i].Namespace, rejected[i].Name, np.Namespace, np.Name)
		}
	}
	return nil
}

// compare asks all sides about a flow; the error is a difference that the
// table does not settle.
func (t *trial) compare(f generate.Flow) error {
	flow := t.flow(f)
	e := t.engine.Explain(flow)
	if v := t.engine.Verdict(flow); v != e.Verdict {
		return fmt.Errorf("the verdict is %s, and with an explanation %s", v, e.Verdict)
	}
	t.counts.Flows++
	if e.Verdict == netpol.Allowed {
		t.counts.Allowed++
	}
	if e.Verdict == netpol.Undefined {
		t.counts.Undefined++
	}
	from, to := t.side(f.From, f), t.side(f.To, f)
	if e.Verdict == netpol.Undefined && !from.unknown && !to.unknown {
		return fmt.Errorf("everything is known, and the verdict is Undefined: %v", e.Doubts)
	}
	if from.pod != nil && from.pod == to.pod {
		if e.Verdict != netpol.Allowed {
			return fmt.Errorf("a pod does not reach itself: %s", e.Verdict)
		}
		return nil
	}
	both := netpol.Yes
	for _, step := range e.Steps {
		both = min(both, truthOf(step.Verdict))
		if err := t.compareStep(f, from, to, step); err != nil {
			return fmt.Errorf("%s of %s: %w", step.Direction, step.Subject, err)
		}
	}
	if truthOf(e.Verdict) != both {
		return fmt.Errorf("the verdict %s is not that of its steps", e.Verdict)
	}
	return t.compareOpen(flow, e.Verdict)
}

// compareStep asks the evaluators about one direction.
func (t *trial) compareStep(f generate.Flow, from, to side, step netpol.Step) error {
	direction, exempt := networkingv1.PolicyTypeEgress, netpol.No
	if step.Direction == netpol.Ingress {
		direction, exempt = networkingv1.PolicyTypeIngress, local(from, to)
	}
	t.counts.Directions++
	if len(step.Policies) > 0 {
		t.counts.Isolated++
	}
	for _, name := range []string{nameOfKubernetes, nameOfCyclonus} {
		ask := func(mended repairs) netpol.Truth {
			return max(exempt, t.possible(t.evaluators[name], mended, direction, f, from, to))
		}
		got, want := truthOf(step.Verdict), ask(0)
		switch {
		case got == want:
		case settle(t.settled, name, got, ask):
		case got == netpol.Maybe && (from.unknown || to.unknown):
			if name == nameOfKubernetes {
				t.counts.Cautious++
			}
		default:
			return fmt.Errorf("the engine says %s (%s), %s %v", step.Verdict, step.Reason, name, want)
		}
	}
	return nil
}

// possible asks an evaluator about everything that may be true: Maybe where
// the answers differ.
func (t *trial) possible(e evaluator, mended repairs, direction networkingv1.PolicyType, f generate.Flow, from, to side) netpol.Truth {
	lowest, highest := netpol.Yes, netpol.No
	sources, destinations := from.views, to.asSubject()
	if direction == networkingv1.PolicyTypeEgress {
		sources, destinations = from.asSubject(), to.views
	}
	for _, source := range sources {
		for _, destination := range destinations {
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
	return lowest
}

// compareOpen demands that the list of open ports has the verdict.
func (t *trial) compareOpen(flow netpol.Flow, want netpol.Verdict) error {
	if t.counts.Flows%8 != 0 {
		return nil
	}
	next := int32(1)
	for _, open := range t.engine.Ports(flow) {
		if open.Ports.Protocol != flow.Protocol {
			continue
		}
		if open.Ports.From != next || open.Ports.To < next {
			return fmt.Errorf("the open ports have a hole before %s", open.Ports)
		}
		next = open.Ports.To + 1
		if open.Ports.From <= flow.Port && flow.Port <= open.Ports.To && open.Verdict != want {
			return fmt.Errorf("%s are %s, but the flow is %s", open.Ports, open.Verdict, want)
		}
	}
	if next != 65536 {
		return fmt.Errorf("the open ports end before %d", next)
	}
	return nil
}

func truthOf(v netpol.Verdict) netpol.Truth {
	return map[netpol.Verdict]netpol.Truth{netpol.Allowed: netpol.Yes, netpol.Undefined: netpol.Maybe}[v]
}

// flow translates for the engine.
func (t *trial) flow(f generate.Flow) netpol.Flow {
	return netpol.Flow{From: t.endpoint(f.From), To: t.endpoint(f.To), Protocol: f.Protocol, Port: f.Port, Family: netpol.Family(f.Family)}
}

func (t *trial) endpoint(e generate.End) *netpol.Endpoint {
	switch {
	case e.Pod != nil:
		return t.engine.Pod(e.Pod.Namespace, e.Pod.Name)
	case e.Future != nil:
		return t.engine.Hypothetical(e.Future.Namespace, e.Future.Labels)
	case e.Node != "":
		return t.engine.Node(e.Node)
	default:
		return t.engine.At(e.Address)
	}
}

// dump writes the cluster for whoever looks for the cause of a difference.
func (t *trial) dump(f generate.Flow) string {
	var out strings.Builder
	flow := t.flow(f)
	fmt.Fprintf(&out, "%s -> %s %d/%s IPv%d\n", flow.From, flow.To, f.Port, f.Protocol, f.Family)
	write := func(object any) {
		text, err := yaml.Marshal(object)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "---\n%s", text)
	}
	for _, p := range []*corev1.Pod{f.From.Pod, f.To.Pod} {
		if p != nil {
			write(p)
		}
	}
	for _, ns := range t.c.Namespaces {
		write(ns)
	}
	for _, np := range t.c.Policies {
		write(np)
	}
	return out.String()
}
