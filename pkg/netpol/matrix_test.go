package netpol_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestMatrixIsEverySingleFlow compares all pairs of random clusters, members
// of classes one by one, with the verdicts about single flows.
func TestMatrixIsEverySingleFlow(t *testing.T) {
	seen, merged := map[netpol.Verdict]int{}, 0
	for seed := range uint64(240) {
		d := newDice(seed)
		w := d.world()
		if seed%3 > 0 {
			w = d.less(w)
		}
		if d.oneIn(4) {
			w.cluster = append(w.cluster, d.openPolicy())
		}
		c := d.withTemplates(t, w, pick(d, netpol.Profiles()...))
		family := pick(d, netpol.AnyFamily, netpol.AnyFamily, netpol.IPv4, netpol.IPv6)
		o := netpol.MatrixOptions{Family: family}
		if d.oneIn(3) {
			o.Ports = []netpol.PortRange{{Protocol: netpol.ProtocolICMP}, {Protocol: "UDP", From: 60, To: 81}, {Protocol: "UDP", From: 53, To: 70}, {Protocol: "TCP", From: 80, To: 108}, {Protocol: "TCP", From: 8080, To: 8080}}
		}
		merged += compareMatrix(t, fmt.Sprint("seed ", seed), c, o, seen)
	}
	for _, v := range []netpol.Verdict{netpol.Allowed, netpol.Denied, netpol.Undefined} {
		if seen[v] < 100_000 {
			t.Errorf("the random clusters tell little: %v", seen)
		}
	}
	if merged < 500 {
		t.Errorf("only %d endpoints share a class with another", merged)
	}
}

// TestMatrixOfUnreadPolicies does the same where policies are hidden, and for
// one namespace only.
func TestMatrixOfUnreadPolicies(t *testing.T) {
	seen := map[netpol.Verdict]int{}
	for seed := range uint64(90) {
		d := newDice(500 + seed)
		gap := snapshot.Gap{Group: "networking.k8s.io", Resource: "networkpolicies", Reason: snapshot.Forbidden}
		switch d.IntN(3) {
		case 0:
			gap.Namespace = "ns1"
		case 1:
			gap.Except = []string{"ns0", "ns2"}
		default:
		}
		w := d.less(d.world())
		if d.oneIn(5) {
			w.policies = nil // nothing else tells pods apart
		}
		c := d.withTemplates(t, w, pick(d, netpol.Profiles()...), gap)
		o := netpol.MatrixOptions{Family: pick(d, netpol.AnyFamily, netpol.IPv4), Namespace: pick(d, "", "ns0", "ns1", "nosuch")}
		compareMatrix(t, fmt.Sprint("seed ", seed), c, o, seen)
	}
	if seen[netpol.Allowed] < 10_000 || seen[netpol.Denied] < 1000 || seen[netpol.Undefined] < 100_000 {
		t.Errorf("the random clusters tell little: %v", seen)
	}
}

// TestMatrixOfUnreadTiers does the same where cluster-wide policies are hidden,
// those of one kind or more, beside others that were read or alone.
func TestMatrixOfUnreadTiers(t *testing.T) {
	seen := map[netpol.Verdict]int{}
	for seed := range uint64(90) {
		d := newDice(900 + seed)
		w := d.world()
		if d.oneIn(3) {
			w.cluster = nil
		}
		var gaps []snapshot.Gap
		for _, kind := range [][]string{{"clusternetworkpolicies"}, {"adminnetworkpolicies"}, {"baselineadminnetworkpolicies"}, {"baselineadminnetworkpolicies", "networkpolicies"}}[d.IntN(4)] {
			group := "policy.networking.k8s.io"
			if kind == "networkpolicies" {
				group = "networking.k8s.io"
			}
			gaps = append(gaps, snapshot.Gap{Group: group, Resource: kind, Reason: snapshot.Forbidden})
		}
		c := d.withTemplates(t, w, pick(d, netpol.Profiles()...), gaps...)
		compareMatrix(t, fmt.Sprint("seed ", seed), c, netpol.MatrixOptions{Namespace: pick(d, "", "", "ns1")}, seen)
	}
	if seen[netpol.Allowed] < 10_000 || seen[netpol.Denied] < 1000 || seen[netpol.Undefined] < 100_000 {
		t.Errorf("the random clusters tell little: %v", seen)
	}
}

// isAbout reports whether the matrix has flows between the two.
func isAbout(o netpol.MatrixOptions, from, to *netpol.Endpoint) bool {
	own := func(e *netpol.Endpoint) bool { return e.Kind == netpol.PodEndpoint && e.Namespace == o.Namespace }
	return (from.Kind != netpol.ExternalEndpoint || to.Kind != netpol.ExternalEndpoint) && (o.Namespace == "" || own(from) || own(to))
}

// compareMatrix compares every pair at every port at which rules may change
// their mind. It returns how many endpoints are in a class with another.
func compareMatrix(t *testing.T, name string, c *netpol.Cluster, o netpol.MatrixOptions, seen map[netpol.Verdict]int) (merged int) {
	t.Helper()
	m := c.Matrix(o)
	from := 0
	for row := range m.Rows() {
		if row.From != from {
			t.Fatalf("%s: row %d comes as number %d", name, row.From, from)
		}
		from++
		exceptions := map[[2]*netpol.Endpoint][]netpol.OpenPorts{}
		for e := range m.Exceptions(row) {
			exceptions[[2]*netpol.Endpoint{e.From, e.To}] = e.Ports
		}
		open := map[int][]netpol.OpenPorts{}
		for _, group := range row.Groups {
			for to := range group.To() {
				if open[to] != nil {
					t.Fatalf("%s: two groups of row %d have class %d", name, row.From, to)
				}
				open[to] = group.Ports
			}
			mustBeInOrder(t, name, group.Ports)
		}
		sources := m.Classes()[row.From].Members
		merged += len(sources) - 1
		for _, class := range m.Classes() {
			for _, source := range sources {
				for _, destination := range class.Members {
					ports, special := exceptions[[2]*netpol.Endpoint{source, destination}]
					if !special {
						ports = open[class.ID]
					}
					if got, ok := m.Ports(row, source, destination); !ok || !slices.Equal(got, ports) {
						t.Fatalf("%s: %s -> %s: %v by pair, %v by class", name, source, destination, got, ports)
					}
					comparePair(t, name, c, o, source, destination, ports, seen)
					comparePair(t, name, c, o, last(source), last(destination), ports, seen)
				}
			}
		}
	}
	return merged
}

// mustBeInOrder checks that nothing is there twice or could be said shorter.
func mustBeInOrder(t *testing.T, name string, ports []netpol.OpenPorts) {
	t.Helper()
	for i, open := range ports {
		at := slices.Index(netpol.Protocols(), open.Ports.Protocol)
		if at < 0 || open.Verdict == netpol.Denied {
			t.Fatalf("%s: %v", name, ports)
		}
		if i == 0 {
			continue
		}
		before := ports[i-1]
		switch was := slices.Index(netpol.Protocols(), before.Ports.Protocol); {
		case was > at, was == at && before.Ports.To >= open.Ports.From:
			t.Fatalf("%s: %v are not in order", name, ports)
		case was == at && before.Ports.To+1 == open.Ports.From && before.Verdict == open.Verdict:
			t.Fatalf("%s: %v are not joined", name, ports)
		}
	}
}

// last stands for the other end of a range of addresses.
func last(e *netpol.Endpoint) *netpol.Endpoint {
	if e.Kind != netpol.ExternalEndpoint || !e.Last.IsValid() {
		return e
	}
	return &netpol.Endpoint{Kind: e.Kind, Addresses: []netip.Addr{e.Last}}
}

func comparePair(t *testing.T, name string, c *netpol.Cluster, o netpol.MatrixOptions, from, to *netpol.Endpoint, ports []netpol.OpenPorts, seen map[netpol.Verdict]int) {
	t.Helper()
	family, ok := familyOfPair(o.Family, from, to)
	if !ok || !isAbout(o, from, to) {
		if len(ports) > 0 {
			t.Fatalf("%s: there are no flows between %s and %s, but %v", name, from, to, ports)
		}
		return
	}
	for _, protocol := range netpol.Protocols() {
		for _, port := range []int32{1, 52, 53, 54, 79, 80, 81, 82, 108, 109, 110, 8000, 8053, 8054, 8080, 8081, 8082, 65534, 65535} {
			f := netpol.Flow{From: from, To: to, Protocol: protocol, Port: port, Family: family}
			got, want := netpol.Denied, c.Verdict(f)
			if !asksFor(o, protocol, port) {
				want = netpol.Denied
			}
			for _, open := range ports {
				if open.Ports.Protocol == protocol && open.Ports.From <= port && port <= open.Ports.To {
					got = open.Verdict
				}
			}
			seen[want]++
			if got != want {
				t.Fatalf("%s, IPv%d: the matrix says %s of %v\n%s", name, family, got, ports, textOf(c.Explain(f)))
			}
		}
	}
}

// asksFor reports whether the matrix is about the port.
func asksFor(o netpol.MatrixOptions, protocol corev1.Protocol, port int32) bool {
	return len(o.Ports) == 0 || slices.ContainsFunc(o.Ports, func(r netpol.PortRange) bool {
		return r.Protocol == protocol && r.From <= port && port <= r.To
	})
}

// familyOfPair is the first family of the destination's addresses that the
// source has, too. Who has no address may have any.
func familyOfPair(asked netpol.Family, from, to *netpol.Endpoint) (netpol.Family, bool) {
	of := func(e *netpol.Endpoint) []netpol.Family {
		var families []netpol.Family
		for _, addr := range e.Addresses {
			families = append(families, map[bool]netpol.Family{true: netpol.IPv4, false: netpol.IPv6}[addr.Is4()])
		}
		return families
	}
	sources, destinations := of(from), of(to)
	if len(destinations) == 0 {
		destinations = sources
	}
	if len(sources) == 0 {
		sources = destinations
	}
	if len(destinations) == 0 {
		return asked, true
	}
	for _, f := range destinations {
		if slices.Contains(sources, f) && (asked == netpol.AnyFamily || asked == f) {
			return f, true
		}
	}
	return 0, false
}

// withTemplates adds Deployments without pods.
func (d dice) withTemplates(t testing.TB, w *world, profile netpol.Profile, gaps ...snapshot.Gap) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for _, gap := range gaps {
		b.Gap(gap)
	}
	add(b, w.namespaces)
	add(b, w.nodes)
	add(b, w.pods)
	add(b, w.policies)
	addCluster(b, w.cluster)
	for i := range d.IntN(3) {
		p := d.pod(50+i, w.nodes)
		p.Spec.NodeName = pick(d, "", p.Spec.NodeName)
		b.Add(&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: fmt.Sprint("d", i)},
			Spec:       appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: p.Labels}, Spec: p.Spec}},
		})
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, profile)
}
