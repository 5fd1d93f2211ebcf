package suggest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/suggest"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func randomCluster(t testing.TB, r *rand.Rand) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for _, o := range testkit.Workloads(r) {
		b.Add(o)
	}
	if r.IntN(3) == 0 {
		for _, o := range testkit.Tiers(r) {
			b.Add(o)
		}
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	if len(c.Rejected()) > 0 {
		t.Fatalf("the random policies: %+v", c.Rejected())
	}
	return c
}

// references are to every workload, pod and node, and to addresses.
func references(t testing.TB, c *netpol.Cluster) []netpol.Reference {
	t.Helper()
	typed := []string{"203.0.113.7", "203.0.113.0/28", "internet"}
	for _, e := range c.Endpoints() {
		switch {
		case e.Kind == netpol.NodeEndpoint:
			typed = append(typed, "node/"+e.Name)
		case e.Name != "":
			typed = append(typed, e.Namespace+"/pod/"+e.Name)
		}
		if e.Workload != "" {
			typed = append(typed, e.Namespace+"/"+e.Workload)
		}
	}
	var refs []netpol.Reference
	for _, text := range typed {
		ref, err := netpol.ParseReference(text, "x")
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	return refs
}

// TestSuggestionsHold applies suggestions for random questions and asks about
// everything by single flows: what was asked for is allowed, nothing is closed,
// and what else opens is what the suggestion says.
func TestSuggestionsHold(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := randomCluster(t, r)
		refs := references(t, c)
		for range 12 {
			q := netpol.Question{From: refs[r.IntN(len(refs))], To: refs[r.IntN(len(refs))]}
			if err := q.AddPort([]string{"80", "443", "8080", "53/UDP"}[r.IntN(4)]); err != nil {
				t.Fatal(err)
			}
			a, err := c.Answer(q)
			if err != nil {
				t.Fatal(err)
			}
			s, err := suggest.For(c, q, a)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("seed %d: %s to %s on %v (%s)", seed, q.From, q.To, q.Ports, a.Verdict)
			denied := a.Verdict == netpol.Denied || a.Verdict == netpol.Partly
			if len(s.Changes) == 0 {
				switch {
				case s.Reason == "":
					t.Fatalf("%s: neither changes nor a reason", what)
				case denied && strings.Contains(s.Reason, "ClusterNetworkPolicy"):
					seen["cluster-wide"]++
				case denied:
					seen["no suggestion"]++
				}
				continue
			}
			if !denied {
				t.Fatalf("%s: there is a suggestion", what)
			}
			seen["suggestion"]++
			if len(c.ClusterPolicies()) > 0 {
				seen["suggestion under tiers"]++
			}
			if s.Changes[0].Path != "" {
				seen["edit"]++
			}
			if len(s.Opens) == 0 {
				seen["exact"]++
			}
			checkSuggestion(t, what, c, q, s)
		}
	}
	t.Log(seen)
	if seen["suggestion"] < 300 || seen["edit"] < 30 || seen["exact"] < 100 || seen["no suggestion"]*5 > seen["suggestion"] || seen["cluster-wide"] < 30 || seen["suggestion under tiers"] < 30 {
		t.Errorf("the random questions tell little: %v", seen)
	}
}

func checkSuggestion(t *testing.T, what string, c *netpol.Cluster, q netpol.Question, s *suggest.Suggestion) {
	t.Helper()
	var objects []snapshot.Object
	for _, change := range s.Changes {
		if !slices.ContainsFunc(objects, func(o snapshot.Object) bool {
			return o.GetName() == change.Policy.Name && o.GetNamespace() == change.Policy.Namespace
		}) {
			objects = append(objects, change.Policy.DeepCopy())
		}
	}
	later, err := c.With(objects)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := later.Answer(q); err != nil || a.Verdict != netpol.Allowed || len(later.Rejected()) > 0 {
		t.Fatalf("%s: with the suggestion %v, %v, %v", what, a, err, later.Rejected())
	}
	said := map[string]int{}
	for _, o := range s.Opens {
		for _, p := range o.Ports {
			said[fmt.Sprint(o.From, " ", o.To, " ", p, " ", o.Verdict)] += o.Pairs
		}
	}
	asked := askedFlows(t, c, q)
	opened := map[string]int{}
	before, after := c.Endpoints(), later.Endpoints()
	for i := range before {
		for j := range before {
			if i == j || before[i].Kind == netpol.NodeEndpoint && before[j].Node == before[i].Name {
				continue
			}
			for _, port := range []netpol.PortRange{{Protocol: corev1.ProtocolTCP, From: 80}, {Protocol: corev1.ProtocolTCP, From: 443}, {Protocol: corev1.ProtocolTCP, From: 8080}, {Protocol: corev1.ProtocolUDP, From: 53}} {
				port.To = port.From
				f := netpol.Flow{From: before[i], To: before[j], Protocol: port.Protocol, Port: port.From, Family: netpol.IPv4}
				was := c.Verdict(f)
				f.From, f.To = after[i], after[j]
				is := later.Verdict(f)
				switch {
				case was == is:
				case was == netpol.Allowed || was == netpol.Undefined && is == netpol.Denied:
					t.Fatalf("%s: the suggestion closes %s to %s on %s", what, before[i], before[j], port)
				case !asked[fmt.Sprint(before[i], before[j], port)]:
					opened[fmt.Sprint(unitOf(before[i]), " ", unitOf(before[j]), " ", port, " ", is)]++
				}
			}
		}
	}
	for key, n := range opened {
		if said[key] != n {
			t.Fatalf("%s: %d pairs of %s open, the suggestion says %d\n%+v", what, n, key, said[key], s.Opens)
		}
	}
}

// askedFlows are those of the question.
func askedFlows(t *testing.T, c *netpol.Cluster, q netpol.Question) map[string]bool {
	t.Helper()
	a, err := c.Answer(q)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, f := range a.Flows {
		for _, p := range f.Ports {
			asked[fmt.Sprint(f.Flow.From, f.Flow.To, p.Ports)] = true
		}
	}
	return asked
}

func unitOf(e *netpol.Endpoint) string {
	switch {
	case e.Kind == netpol.NodeEndpoint:
		return e.String()
	case e.Workload != "":
		return e.Namespace + "/deployment/" + e.Workload[len("Deployment/"):]
	default:
		return e.Namespace + "/pod/" + e.Name
	}
}
