package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// TestDiffIsEverySingleFlow changes random clusters and compares the verdicts
// about single flows before and after.
func TestDiffIsEverySingleFlow(t *testing.T) {
	changed, same := 0, 0
	for seed := range uint64(240) {
		d := newDice(seed)
		w := d.world()
		if seed%3 == 0 {
			w = d.less(w)
		}
		later := d.later(w)
		profile, family := pick(d, netpol.Profiles()...), pick(d, netpol.AnyFamily, netpol.AnyFamily, netpol.IPv4, netpol.IPv6)
		before, after := d.withTemplates(t, w, profile), d.withTemplates(t, later, profile)
		o := netpol.MatrixOptions{Family: family}
		diff := before.Matrix(o).Diff(after.Matrix(o))
		changes := map[[2]string][]netpol.PortChange{}
		for change := range diff.Changes() {
			if len(change.Ports) == 0 {
				t.Fatalf("seed %d: nothing changes between %v and %v", seed, change.From, change.To)
			}
			reached := map[*netpol.Endpoint]bool{}
			for from, to := range change.Pairs() {
				reached[to] = true
				pair := [2]string{from.String(), to.String()}
				if changes[pair] != nil {
					t.Fatalf("seed %d: %v changes twice", seed, pair)
				}
				changes[pair] = change.Ports
			}
			if len(reached) != len(change.To) {
				t.Fatalf("seed %d: %v to %v is about %d of them", seed, change.From, change.To, len(reached))
			}
		}
		old := endpointsOf(before)
		for name, from := range endpointsOf(after) {
			for other, to := range endpointsOf(after) {
				if old[name] == nil || old[other] == nil {
					if changes[[2]string{name, other}] != nil {
						t.Fatalf("seed %d: %s or %s is new, but %v", seed, name, other, changes)
					}
					continue
				}
				for _, protocol := range netpol.Protocols() {
					for _, port := range []int32{1, 53, 80, 81, 82, 108, 8053, 8080, 8081, 65535} {
						was := verdictOrDenied(before, netpol.Flow{From: old[name], To: old[other], Protocol: protocol, Port: port}, family)
						is := verdictOrDenied(after, netpol.Flow{From: from, To: to, Protocol: protocol, Port: port}, family)
						gotWas, gotIs := is, is
						for _, c := range changes[[2]string{name, other}] {
							if c.Ports.Protocol == protocol && c.Ports.From <= port && port <= c.Ports.To {
								gotWas, gotIs = c.Before, c.After
								changed++
							}
						}
						same++
						if was != gotWas || is != gotIs {
							t.Fatalf("seed %d: %s -> %s %d/%s: %s, then %s; the difference is %v", seed, name, other, port, protocol, was, is, changes[[2]string{name, other}])
						}
					}
				}
			}
		}
	}
	if changed < 10_000 || same < 2*changed {
		t.Errorf("the random clusters tell little: %d verdicts of %d change", changed, same)
	}
}

// endpointsOf returns all endpoints of the cluster but addresses outside.
func endpointsOf(c *netpol.Cluster) map[string]*netpol.Endpoint {
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

func verdictOrDenied(c *netpol.Cluster, f netpol.Flow, asked netpol.Family) netpol.Verdict {
	family, ok := familyOfPair(asked, f.From, f.To)
	if !ok {
		return netpol.Denied
	}
	f.Family = family
	return c.Verdict(f)
}

// later returns a copy in which policies come, go and change, as do labels,
// nodes and addresses of pods.
func (d dice) later(w *world) *world {
	later := &world{namespaces: w.namespaces, nodes: w.nodes, policies: slices.Clone(w.policies), cluster: d.laterCluster(w.cluster)}
	for _, p := range w.pods {
		p := p.DeepCopy()
		switch d.IntN(10) {
		case 0:
			continue
		case 1:
			p.Labels = d.labels()
		case 2:
			p.Spec.NodeName = pick(d, w.nodes...).Name
		case 3:
			p.Spec.HostNetwork = !p.Spec.HostNetwork
		case 4:
			p.Status.PodIPs = nil
		default:
		}
		later.pods = append(later.pods, p)
	}
	for i := range d.IntN(3) {
		later.policies = append(later.policies, d.policy(70+i))
	}
	later.policies = slices.DeleteFunc(later.policies, func(*networkingv1.NetworkPolicy) bool { return d.oneIn(5) })
	return later
}

// TestDiffOfAddresses compares ranges outside that both clusters cut.
func TestDiffOfAddresses(t *testing.T) {
	isolated := abc() + policy("p", `{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: %s}}]}]}`)
	before, after := clusterOf(t, fmt.Sprintf(isolated, "203.0.113.0/24")), clusterOf(t, fmt.Sprintf(isolated, "203.0.113.128/25"))
	var got []string
	for change := range before.Matrix(netpol.MatrixOptions{}).Diff(after.Matrix(netpol.MatrixOptions{})).Changes() {
		for from, to := range change.Pairs() {
			got = append(got, fmt.Sprint(from, " ", to, " ", change.Ports))
		}
	}
	want := []string{"pod/x/a 203.0.113.0/25 [{*/TCP Allowed Denied} {*/UDP Allowed Denied} {*/SCTP Allowed Denied}]"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDiffTellsWhoCameAndWent checks endpoints that cannot be compared.
func TestDiffTellsWhoCameAndWent(t *testing.T) {
	before, after := clusterOf(t, abc()), clusterOf(t, abc()+pod("d", "10.0.0.4", "")+policy("p", `{podSelector: {}}`))
	diff := before.Matrix(netpol.MatrixOptions{}).Diff(after.Matrix(netpol.MatrixOptions{}))
	if got := fmt.Sprint(diff.Added(), diff.Gone()); got != "[pod/x/d] []" {
		t.Errorf("got %s", got)
	}
	back := after.Matrix(netpol.MatrixOptions{}).Diff(before.Matrix(netpol.MatrixOptions{}))
	if got := fmt.Sprint(back.Added(), back.Gone()); got != "[] [pod/x/d]" {
		t.Errorf("got %s", got)
	}
}

// TestDiffOfUnreadTiers: what neither cluster could read keeps no change from
// being seen, what only one of them could not leaves all open there.
func TestDiffOfUnreadTiers(t *testing.T) {
	lacking := func(manifests string) *netpol.Cluster {
		b := snapshot.NewBuilder()
		if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "x"); err != nil {
			t.Fatal(err)
		}
		b.Gap(snapshot.Gap{Group: "policy.networking.k8s.io", Resource: "adminnetworkpolicies", Reason: snapshot.Forbidden})
		s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
		if err != nil {
			t.Fatal(err)
		}
		return netpol.NewCluster(s, netpol.ProfileCommon)
	}
	open, closed := abc(), abc()+policy("p", `{podSelector: {matchLabels: {pod: b}}}`)
	for _, tt := range []struct {
		name          string
		before, after *netpol.Cluster
		want          string
	}{
		{"neither", lacking(open), lacking(closed), "Allowed Denied"},
		{"the later one", clusterOf(t, open), lacking(closed), "Allowed Undefined"},
		{"the earlier one", lacking(open), clusterOf(t, closed), "Undefined Denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for change := range tt.before.Matrix(netpol.MatrixOptions{}).Diff(tt.after.Matrix(netpol.MatrixOptions{})).Changes() {
				for from, to := range change.Pairs() {
					if from.Name == "a" && to.Name == "b" {
						got = fmt.Sprint(change.Ports[0].Before, " ", change.Ports[0].After)
					}
				}
			}
			if got != tt.want {
				t.Errorf("a to b: %q, want %q", got, tt.want)
			}
		})
	}
}
