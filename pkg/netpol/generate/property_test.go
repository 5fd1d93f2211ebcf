package generate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// scenario is a random cluster with flows and what was generated for them.
type scenario struct {
	seed    uint64
	cluster *netpol.Cluster
	drafter *draft.Drafter
	flows   []generate.Flow
	options generate.Options
	result  *generate.Result
}

func newScenario(t testing.TB, seed uint64) *scenario {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	b := snapshot.NewBuilder()
	for _, o := range testkit.Workloads(r) {
		b.Add(o)
	}
	s := &scenario{seed: seed, cluster: clusterOf(t, b)}
	s.drafter = draft.New(s.cluster)
	var units []*draft.Unit
	for _, u := range s.drafter.Units("") {
		if u.Namespace != "kube-system" && r.IntN(3) > 0 {
			units = append(units, u)
		}
	}
	s.options.Subjects, _ = generate.Selectable(s.drafter, units)
	s.options.Directions = [][]netpol.Direction{{netpol.Ingress, netpol.Egress}, {netpol.Ingress}, {netpol.Egress}}[r.IntN(3)]
	s.options.NoDNS = r.IntN(2) == 0
	s.options.Replace = r.IntN(2) == 0
	ends := append(s.cluster.Endpoints(), external(s.cluster, "203.0.113.7"), external(s.cluster, "203.0.113.8"))
	ports := []netpol.PortRange{{Protocol: corev1.ProtocolTCP, From: 80}, {Protocol: corev1.ProtocolTCP, From: 443}, {Protocol: corev1.ProtocolUDP, From: 514}, {Protocol: netpol.ProtocolICMP}}
	for range r.IntN(25) {
		port := ports[r.IntN(len(ports))]
		s.flows = append(s.flows, generate.Flow{
			From: ends[r.IntN(len(ends))], To: ends[r.IntN(len(ends))], Protocol: port.Protocol, Port: port.From, Family: netpol.IPv4, Count: 1,
		})
	}
	result, err := generate.Generate(s.cluster, s.drafter, s.flows, s.options)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	s.result = result
	return s
}

// with is the cluster with policies in the place of all others.
func (s *scenario) with(t testing.TB, policies ...*networkingv1.NetworkPolicy) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for o := range s.cluster.Snapshot().All() {
		if _, ok := o.(*networkingv1.NetworkPolicy); !ok {
			b.Add(o)
		}
	}
	for _, np := range policies {
		b.Add(np.DeepCopy())
	}
	return clusterOf(t, b)
}

func (s *scenario) policies() []*networkingv1.NetworkPolicy {
	var all []*networkingv1.NetworkPolicy
	for _, p := range s.result.Policies {
		all = append(all, p.Object)
	}
	return all
}

// verdict asks about a flow in a cluster of the same endpoints.
func (s *scenario) verdict(c *netpol.Cluster, f *generate.Flow) netpol.Verdict {
	all := c.Endpoints()
	find := func(e *netpol.Endpoint) *netpol.Endpoint {
		if i := slices.IndexFunc(all, func(have *netpol.Endpoint) bool { return have.String() == e.String() }); i >= 0 {
			return all[i]
		}
		return e
	}
	return c.Verdict(netpol.Flow{From: find(f.From), To: find(f.To), Protocol: f.Protocol, Port: f.Port, Family: f.Family})
}

func (s *scenario) isSubject(e *netpol.Endpoint) bool {
	u := s.drafter.Unit(e)
	return u != nil && !e.HostNetwork && slices.Contains(s.options.Subjects, u)
}

// concerns reports whether a generated policy decides about the two.
func (s *scenario) concerns(from, to *netpol.Endpoint) bool {
	return s.isSubject(from) && slices.Contains(s.options.Directions, netpol.Egress) ||
		s.isSubject(to) && slices.Contains(s.options.Directions, netpol.Ingress)
}

// needed are the flows that policies can be for, by plain words, and those by
// which names are resolved.
func (s *scenario) needed() []*generate.Flow {
	var needed []*generate.Flow
	for i := range s.flows {
		f := &s.flows[i]
		onHost := func(e *netpol.Endpoint) bool {
			return e.HostNetwork && slices.Contains(s.options.Subjects, s.drafter.Unit(e))
		}
		noAddress := func(e *netpol.Endpoint) bool { return e.HostNetwork && len(e.Addresses) == 0 }
		if f.Protocol != netpol.ProtocolICMP && (f.From != f.To || f.From.Name == "") && s.concerns(f.From, f.To) && !onHost(f.From) && !onHost(f.To) && !noAddress(f.From) && !noAddress(f.To) {
			needed = append(needed, f)
		}
	}
	if s.options.NoDNS || !slices.Contains(s.options.Directions, netpol.Egress) {
		return needed
	}
	for _, e := range s.cluster.Endpoints() {
		if !s.isSubject(e) {
			continue
		}
		for _, dns := range s.cluster.Endpoints() {
			if dns.Namespace == "kube-system" {
				needed = append(needed,
					&generate.Flow{From: e, To: dns, Protocol: corev1.ProtocolUDP, Port: 53, Family: netpol.IPv4},
					&generate.Flow{From: e, To: dns, Protocol: corev1.ProtocolTCP, Port: 53, Family: netpol.IPv4})
			}
		}
	}
	return needed
}

const scenarios = 150

// TestSufficient asks about every flow by itself, with the generated policies
// alone and with those that exist.
func TestSufficient(t *testing.T) {
	flows, left, unmet := 0, 0, 0
	for seed := range uint64(scenarios) {
		s := newScenario(t, seed)
		needed := s.needed()
		alone := s.with(t, s.policies()...)
		var objects []snapshot.Object
		for _, np := range s.policies() {
			objects = append(objects, np.DeepCopy())
		}
		var without []snapshot.Ref
		if s.options.Replace {
			without = s.result.Superfluous
		}
		final, err := s.cluster.With(objects, without...)
		if err != nil {
			t.Fatal(err)
		}
		allowed := 0
		for _, f := range needed {
			if v := s.verdict(alone, f); v != netpol.Allowed {
				t.Fatalf("seed %d: %s is %s with the generated policies alone", seed, f, v)
			}
			if s.verdict(final, f) == netpol.Allowed {
				allowed++
			}
		}
		if s.result.Flows != allowed || len(s.result.Unmet) != len(needed)-allowed {
			t.Fatalf("seed %d: %d flows are said to be allowed and %d not, of %d it is %d", seed, s.result.Flows, len(s.result.Unmet), len(needed), allowed)
		}
		for _, u := range s.result.Unmet {
			if got := s.verdict(final, &u.Flow); got != u.Verdict || got == netpol.Allowed || u.Why == "" {
				t.Fatalf("seed %d: %+v is %s", seed, u, got)
			}
			if u.Today == netpol.Allowed {
				t.Fatalf("seed %d: %s is allowed today", seed, &u.Flow)
			}
		}
		for _, l := range s.result.Left {
			left += l.Flows
		}
		flows, unmet = flows+allowed, unmet+len(s.result.Unmet)
	}
	t.Logf("%d flows, %d left out, %d unmet", flows, left, unmet)
	if flows < 1000 || left < 300 || unmet < 50 {
		t.Errorf("the random flows tell little: %d allowed, %d left out, %d unmet", flows, left, unmet)
	}
}

// TestMinimal takes every peer with every port away, in the whole cluster: some
// flow is no longer allowed.
func TestMinimal(t *testing.T) {
	parts := 0
	for seed := range uint64(scenarios) {
		s := newScenario(t, seed)
		needed := s.needed()
		said := 0
		for i, np := range s.policies() {
			for _, less := range less(np) {
				said++
				all := slices.Clone(s.policies())
				all[i] = less
				c := s.with(t, all...)
				if !slices.ContainsFunc(needed, func(f *generate.Flow) bool { return s.verdict(c, f) != netpol.Allowed }) {
					t.Fatalf("seed %d: every flow is allowed without a part of %s/%s:\n%+v\n%+v", seed, np.Namespace, np.Name, np.Spec, less.Spec)
				}
			}
		}
		if said != s.result.Parts || s.result.Unproven != 0 {
			t.Fatalf("seed %d: there are %d parts, and %d and %d are said to be", seed, said, s.result.Parts, s.result.Unproven)
		}
		parts += said
	}
	t.Logf("%d parts", parts)
	if parts < 800 {
		t.Errorf("only %d parts", parts)
	}
}

// less returns the policy without each peer with each port.
func less(np *networkingv1.NetworkPolicy) []*networkingv1.NetworkPolicy {
	var all []*networkingv1.NetworkPolicy
	for i, r := range np.Spec.Ingress {
		for j := range r.From {
			for k := range r.Ports {
				one := np.DeepCopy()
				one.Spec.Ingress = slices.Delete(one.Spec.Ingress, i, i+1)
				for jj := range r.From {
					for kk := range r.Ports {
						if jj != j || kk != k {
							one.Spec.Ingress = append(one.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: r.From[jj : jj+1], Ports: r.Ports[kk : kk+1]})
						}
					}
				}
				all = append(all, one)
			}
		}
	}
	for i, r := range np.Spec.Egress {
		for j := range r.To {
			for k := range r.Ports {
				one := np.DeepCopy()
				one.Spec.Egress = slices.Delete(one.Spec.Egress, i, i+1)
				for jj := range r.To {
					for kk := range r.Ports {
						if jj != j || kk != k {
							one.Spec.Egress = append(one.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: r.To[jj : jj+1], Ports: r.Ports[kk : kk+1]})
						}
					}
				}
				all = append(all, one)
			}
		}
	}
	return all
}

// TestBeyond counts by single flows what is open and is none of the flows.
func TestBeyond(t *testing.T) {
	replicas, wider := 0, 0
	for seed := range uint64(scenarios) {
		s := newScenario(t, seed)
		pods, units := map[string]bool{}, map[string]bool{}
		for _, f := range s.needed() {
			pods[fmt.Sprint(f.From, f.To, f.Ports())] = true
			units[fmt.Sprint(s.unit(f.From), s.unit(f.To), f.Ports())] = true
		}
		// Policies of pods that are no subjects stay.
		kept := s.policies()
		for o := range s.cluster.Snapshot().All() {
			if np, ok := o.(*networkingv1.NetworkPolicy); ok && !s.selectsSubject(np) {
				kept = append(kept, np)
			}
		}
		alone := s.with(t, kept...)
		wantReplicas, wantWider := 0, map[string]int{}
		for _, from := range s.cluster.Endpoints() {
			for _, to := range s.cluster.Endpoints() {
				if from == to || from.Kind != netpol.PodEndpoint || to.Kind != netpol.PodEndpoint || from.HostNetwork || to.HostNetwork || !s.concerns(from, to) {
					continue
				}
				for _, port := range []netpol.PortRange{
					{Protocol: corev1.ProtocolTCP, From: 80, To: 80},
					{Protocol: corev1.ProtocolTCP, From: 443, To: 443},
					{Protocol: corev1.ProtocolTCP, From: 53, To: 53},
					{Protocol: corev1.ProtocolUDP, From: 53, To: 53},
					{Protocol: corev1.ProtocolUDP, From: 514, To: 514},
				} {
					f := &generate.Flow{From: from, To: to, Protocol: port.Protocol, Port: port.From, Family: netpol.IPv4}
					switch {
					case s.verdict(alone, f) != netpol.Allowed || pods[fmt.Sprint(from, to, port)]:
					case units[fmt.Sprint(s.unit(from), s.unit(to), port)]:
						wantReplicas++
					default:
						wantWider[fmt.Sprint(s.unit(from), s.unit(to), port)]++
					}
				}
			}
		}
		got := map[string]int{}
		for _, o := range s.result.Beyond.Wider {
			got[o.From+o.To+o.Ports.String()] += o.Pairs
		}
		for key, n := range wantWider {
			if got[key] != n {
				t.Fatalf("seed %d: %d pairs of %s open, %d are said to: %+v", seed, n, key, got[key], s.result.Beyond.Wider)
			}
			wider += n
		}
		if s.result.Beyond.Replicas < wantReplicas {
			t.Fatalf("seed %d: %d pairs of other replicas open, %d are said to", seed, wantReplicas, s.result.Beyond.Replicas)
		}
		replicas += wantReplicas
	}
	t.Logf("%d pairs of replicas, %d wider", replicas, wider)
	if replicas < 200 {
		t.Errorf("only %d pairs of replicas", replicas)
	}
}

func (s *scenario) unit(e *netpol.Endpoint) string {
	if u := s.drafter.Unit(e); u != nil {
		return u.String()
	}
	return e.String()
}

func (s *scenario) selectsSubject(np *networkingv1.NetworkPolicy) bool {
	return slices.ContainsFunc(s.cluster.Endpoints(), func(e *netpol.Endpoint) bool {
		if !s.isSubject(e) || e.Namespace != np.Namespace {
			return false
		}
		for key, value := range np.Spec.PodSelector.MatchLabels {
			if e.Labels[key] != value {
				return false
			}
		}
		return true
	})
}
