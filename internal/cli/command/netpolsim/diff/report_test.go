package diff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func clusterOf(t testing.TB, manifests string) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "shop"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

func compare(t testing.TB, o *Options, before, after string) *comparison {
	t.Helper()
	if o.source == nil {
		o.source = &source.Source{}
	}
	return newComparison(o, clusterOf(t, before), clusterOf(t, after))
}

// world writes random pods of three namespaces, of which some belong to
// workloads, and templates.
func world(r *rand.Rand) string {
	var b strings.Builder
	for _, ns := range []string{"a", "b", "c"} {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", ns)
	}
	for i := range 8 + r.IntN(5) {
		owner := ""
		if r.IntN(2) == 0 {
			owner = fmt.Sprintf(", ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: set%d, uid: u, controller: true}]", r.IntN(2))
		}
		host := ""
		if r.IntN(6) == 0 {
			host = "hostNetwork: true, "
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: %s, labels: {app: l%d}%s}\n"+
			"spec: {%snodeName: n%d, containers: [{name: c, image: i}]}\nstatus: {phase: Running, podIPs: [{ip: 10.0.%d.%d}]}\n",
			i, pick(r, "a", "b", "c"), r.IntN(3), owner, host, r.IntN(2), r.IntN(2), i+1)
	}
	fmt.Fprintf(&b, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: later, namespace: a}\nspec: {selector: {matchLabels: {app: l0}}, template: {metadata: {labels: {app: l0}}, spec: {containers: [{name: c, image: i}]}}}\n")
	return b.String()
}

func policies(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		peer := pick(r, "{podSelector: {matchLabels: {app: l1}}}", "{namespaceSelector: {}}", "{ipBlock: {cidr: 10.0.0.0/24}}", "{ipBlock: {cidr: 192.0.2.0/25}}")
		rule := pick(r, "", fmt.Sprintf("ingress: [{from: [%s]}]", peer), fmt.Sprintf("ingress: [{from: [%s], ports: [{port: 80}]}]", peer), fmt.Sprintf("egress: [{to: [%s], ports: [{port: 80, endPort: 90}]}]", peer))
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np%d, namespace: %s}\nspec: {podSelector: {%s}, %s}\n",
			i, pick(r, "a", "b", "c"), pick(r, "", "matchLabels: {app: l0}", "matchLabels: {app: l1}"), rule)
	}
	return b.String()
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// expanded are the verdicts before and after of a report, by pairs and ranges
// of ports.
func expanded(t *testing.T, changes []v1alpha1.FlowChange) map[[2]string][]v1alpha1.FlowPortChange {
	t.Helper()
	found := map[[2]string][]v1alpha1.FlowPortChange{}
	for _, c := range changes {
		except := map[v1alpha1.FlowPair]bool{}
		for _, pair := range c.Except {
			except[pair] = true
		}
		for _, from := range c.From {
			for _, to := range c.To {
				for _, f := range members(from) {
					for _, d := range members(to) {
						if (strings.HasPrefix(f.id, "pod/") && f == d) || except[v1alpha1.FlowPair{From: f.id, To: d.id}] {
							continue
						}
						found[[2]string{f.id, d.id}] = append(found[[2]string{f.id, d.id}], c.Ports...)
					}
				}
			}
		}
	}
	return found
}

// TestReportIsEverySingleFlow expands reports about random clusters: they say
// what single flows before and after say.
func TestReportIsEverySingleFlow(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		pods := world(r)
		c := compare(t, &Options{}, pods+policies(r, 4), pods+policies(r, 5))
		report := c.report()
		got := expanded(t, report.Changes)
		ends := endpoints(c.after)
		old := endpoints(c.before)
		for from, source := range ends {
			for to, destination := range ends {
				family := c.family(source, destination)
				for _, port := range []int32{79, 80, 85, 443} {
					was := c.before.Verdict(netpol.Flow{From: old[from], To: old[to], Protocol: corev1.ProtocolTCP, Port: port, Family: family})
					is := c.after.Verdict(netpol.Flow{From: source, To: destination, Protocol: corev1.ProtocolTCP, Port: port, Family: family})
					want := ""
					if was != is {
						want = fmt.Sprintf("%s: %s, then %s", kindOf(was, is), was, is)
					}
					said := ""
					for _, p := range got[[2]string{from, to}] {
						if covers(t, p.Ports, port) {
							if said != "" {
								t.Fatalf("seed %d: %s to %s on %d twice", seed, from, to, port)
							}
							said = fmt.Sprintf("%s: %s, then %s", p.Change, p.Before, p.After)
							kinds[p.Change]++
							if len(p.Causes) == 0 {
								t.Errorf("seed %d: nothing says why %s to %s %s", seed, from, to, said)
							}
						}
					}
					if said != want {
						t.Fatalf("seed %d: %s to %s on %d: the report says %q, single flows %q", seed, from, to, port, said, want)
					}
				}
			}
		}
	}
	for _, kind := range []string{opened, closed, mayOpen, mayClose} {
		if kinds[kind] < 50 {
			t.Errorf("the random clusters tell little: %v", kinds)
		}
	}
}

func covers(t *testing.T, ports string, port int32) bool {
	t.Helper()
	if ports == "*/TCP" {
		return true
	}
	var q netpol.Question
	if strings.HasPrefix(ports, "*/") {
		return false
	}
	if err := q.AddPort(ports); err != nil {
		t.Fatal(err)
	}
	return q.Ports[0].Protocol == corev1.ProtocolTCP && q.Ports[0].From <= port && port <= q.Ports[0].To
}

// endpoints are all but addresses outside.
func endpoints(c *netpol.Cluster) map[string]*netpol.Endpoint {
	found := map[string]*netpol.Endpoint{}
	for _, class := range c.Matrix(netpol.MatrixOptions{}).Classes() {
		for _, e := range class.Members {
			if e.Kind != netpol.ExternalEndpoint {
				found[e.String()] = e
			}
		}
	}
	return found
}

// TestLimitedReports takes the pairs of one namespace out of the whole.
func TestLimitedReports(t *testing.T) {
	left := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		pods := world(r)
		before, after := pods+policies(r, 4), pods+policies(r, 5)
		whole := expanded(t, compare(t, &Options{}, before, after).report().Changes)
		report := compare(t, &Options{namespace: "a", limited: true}, before, after).report()
		want := map[[2]string][]v1alpha1.FlowPortChange{}
		for pair, ports := range whole {
			if strings.Contains(pair[0]+pair[1], "pod/a/") || strings.Contains(pair[0]+pair[1], "a/Deployment") {
				want[pair] = ports
			}
		}
		got := expanded(t, report.Changes)
		for _, ports := range []map[[2]string][]v1alpha1.FlowPortChange{got, want} {
			for pair := range ports { // the first pair, which causes are of, is another
				for i := range ports[pair] {
					ports[pair][i].Causes = nil
				}
				slices.SortFunc(ports[pair], func(a, b v1alpha1.FlowPortChange) int { return strings.Compare(a.Ports, b.Ports) })
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d (-whole +limited):\n%s", seed, d)
		}
		left += report.Summary.Elsewhere
		if (report.Summary.Elsewhere > 0) != (len(want) < len(whole)) {
			t.Errorf("seed %d: %d of %d pairs, %d elsewhere", seed, len(want), len(whole), report.Summary.Elsewhere)
		}
	}
	if left == 0 {
		t.Error("nothing is left out")
	}
}

// TestTally compares the counts of the summary with those of pairs of groups.
func TestTally(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 3))
		pods := world(r)
		report := compare(t, &Options{}, pods+policies(r, 4), pods+policies(r, 5)).report()
		pairsOf := map[string]map[string]bool{opened: {}, closed: {}, mayOpen: {}, mayClose: {}}
		for _, c := range report.Changes {
			except := map[v1alpha1.FlowPair]bool{}
			for _, pair := range c.Except {
				except[pair] = true
			}
			for _, from := range c.From {
				for _, to := range c.To {
					for _, f := range members(from) {
						for _, d := range members(to) {
							if strings.HasPrefix(f.id, "pod/") && f == d || except[v1alpha1.FlowPair{From: f.id, To: d.id}] {
								continue
							}
							for _, p := range c.Ports {
								pairsOf[p.Change][short(from)+" to "+short(to)] = true
							}
						}
					}
				}
			}
		}
		s := report.Summary
		got := fmt.Sprint(s.Opened, s.Closed, s.MayOpen, s.MayClose)
		if want := fmt.Sprint(len(pairsOf[opened]), len(pairsOf[closed]), len(pairsOf[mayOpen]), len(pairsOf[mayClose])); got != want {
			t.Errorf("seed %d: %s, want %s", seed, got, want)
		}
	}
}

// short names a group whatever its members are.
func short(g v1alpha1.FlowGroup) string {
	if g.Kind == string(netpol.PodEndpoint) {
		return groupName(g, true)
	}
	return g.Kind
}
