package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// dualPod writes a running Pod of namespace x with addresses of both families.
func dualPod(name, first, second, set string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x, labels: {%s}}\n"+
		"spec: {nodeName: n1, containers: [{name: c, image: i}]}\nstatus: {phase: Running, podIPs: [{ip: %q}, {ip: %q}]}\n", name, set, first, second)
}

// checked is a cluster of three pods a, b, c, two pods of both families, and a
// Service of b and c: b takes port 80 of a and c, d only what comes over IPv4.
func checked(t testing.TB) *netpol.Cluster {
	t.Helper()
	return clusterOf(t, abc()+dualPod("d", "10.0.0.4", "fd00::4", "pod: d")+dualPod("e", "10.0.0.5", "fd00::5", "pod: e")+
		dualPod("six", "fd00::6", "10.0.0.6", "pod: six")+
		policy("b", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, c]}]}}], ports: [{port: 80}]}]}")+
		policy("v4", "{podSelector: {matchExpressions: [{key: pod, operator: In, values: [d, six]}]}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")+
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: two, namespace: x}\n"+
		"spec: {clusterIP: 10.96.0.1, selector: {app: none}, ports: [{port: 80}]}\n"+
		"---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: two-1, namespace: x, labels: {kubernetes.io/service-name: two}}\n"+
		"addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}]\n")
}

func assert(t testing.TB, c *netpol.Cluster, expect netpol.Expectation, from, to string, family netpol.Family, ports ...string) netpol.CheckOutcome {
	t.Helper()
	a := netpol.Assertion{Question: netpol.Question{From: reference(t, from), To: reference(t, to), Family: family}, Expect: expect}
	for _, typed := range ports {
		if err := a.AddPort(typed); err != nil {
			t.Fatal(err)
		}
	}
	return c.Check(a, 3)
}

// outcomeText writes an outcome in one line.
func outcomeText(o netpol.CheckOutcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", o.Verdict)
	for _, f := range o.Families {
		fmt.Fprintf(&b, " IPv%d:%s", f.Family, f.Verdict)
	}
	if o.Mixed {
		b.WriteString(" mixed")
	}
	if o.Passed {
		b.WriteString(" passed")
	}
	if o.Against > 0 {
		fmt.Fprintf(&b, " %d/%d:", o.Against, o.Flows)
	}
	for _, e := range o.Examples {
		fmt.Fprintf(&b, " %s>%s %s %s", e.Flow.From, e.Flow.To, e.Open.Ports, e.Open.Verdict)
	}
	for _, d := range o.Doubts {
		fmt.Fprintf(&b, " (%s: %s)", d.Cause, d.Detail)
	}
	if len(o.Similar) > 0 {
		fmt.Fprintf(&b, " similar %s", strings.Join(o.Similar, ", "))
	}
	return b.String()
}

func TestCheck(t *testing.T) {
	c := checked(t)
	const allow, deny = netpol.ExpectAllow, netpol.ExpectDeny
	for _, tt := range []struct {
		name     string
		expect   netpol.Expectation
		from, to string
		family   netpol.Family
		ports    []string
		want     string
	}{
		{"allowed, as it should be", allow, "x/a", "x/b", 0, []string{"80"}, "Allowed passed"},
		{"denied, as it should be", deny, "x/a", "x/b", 0, []string{"81"}, "Denied passed"},
		{"allowed, and should not be", deny, "x/a", "x/b", 0, []string{"80"}, "Allowed 1/1: pod/x/a>pod/x/b 80/TCP Allowed"},
		{"denied, and should not be", allow, "x/a", "x/b", 0, []string{"81"}, "Denied 1/1: pod/x/a>pod/x/b 81/TCP Denied"},
		{"only asked", "", "x/a", "x/b", 0, []string{"80"}, "Allowed"},
		{"some port is open", allow, "x/a", "x/b", 0, nil, "Allowed passed"},
		{"no port should be open", deny, "x/a", "x/b", 0, nil, "Allowed 1/1: pod/x/a>pod/x/b 80/TCP Allowed"},
		{"no port is open", deny, "x/d", "x/b", 0, nil, "Denied passed"},
		{"no port is open, and should be", allow, "x/d", "x/b", 0, nil, "Denied 1/1: pod/x/d>pod/x/b */TCP Denied"},
		{"all of the ports should be open", allow, "x/a", "x/b", 0, []string{"80", "443"}, "Denied mixed 1/1: pod/x/a>pod/x/b 443/TCP Denied"},
		{"none of the ports should be", deny, "x/a", "x/b", 0, []string{"80", "443"}, "Allowed mixed 1/1: pod/x/a>pod/x/b 80/TCP Allowed"},
		{"a range is open in part", allow, "x/a", "x/b", 0, []string{"79-80"}, "Denied mixed 1/1: pod/x/a>pod/x/b 79/TCP Denied"},
		{"some of a group pass", allow, "ns/x", "x/b", 0, []string{"80"}, "Denied mixed 3/5: pod/x/d>pod/x/b 80/TCP Denied pod/x/e>pod/x/b 80/TCP Denied pod/x/six>pod/x/b 80/TCP Denied"},
		{"some of a group pass, and should not", deny, "ns/x", "x/b", 0, []string{"80"}, "Allowed mixed 2/5: pod/x/a>pod/x/b 80/TCP Allowed pod/x/c>pod/x/b 80/TCP Allowed"},
		{"some of a group pass, only asked", "", "ns/x", "x/b", 0, []string{"80"}, "Denied mixed"},
		{"each endpoint of a Service counts", allow, "x/a", "x/svc/two", 0, []string{"80"}, "Allowed passed"},
		{"and each must be denied", deny, "x/d", "x/svc/two", 0, []string{"80"}, "Allowed mixed 1/2: pod/x/d>pod/x/c 80/TCP Allowed"},
		{"a port that the Service does not have", deny, "x/d", "x/svc/two", 0, []string{"81"}, "Undefined (input: nothing answers at port 81/TCP of Service two: it has no such port, or no endpoint of it)"},
		{"the families differ", allow, "x/e", "x/d", 0, []string{"80"}, "Allowed IPv4:Allowed IPv6:Denied 1/2: pod/x/e>pod/x/d 80/TCP Denied"},
		{"the families differ, and that of the verdict fails", deny, "x/e", "x/d", 0, []string{"80"}, "Allowed IPv4:Allowed IPv6:Denied 1/2: pod/x/e>pod/x/d 80/TCP Allowed"},
		{"the primary address is of IPv6", "", "x/e", "x/six", 0, []string{"80"}, "Denied IPv4:Allowed IPv6:Denied"},
		{"one family", allow, "x/e", "x/d", netpol.IPv4, []string{"80"}, "Allowed passed"},
		{"the other", deny, "x/e", "x/d", netpol.IPv6, []string{"80"}, "Denied passed"},
		{"the only family of both", "", "x/a", "x/six", 0, []string{"80"}, "Allowed"},
		{"outside, the source's primary address counts", allow, "x/six", "internet", 0, []string{"80"}, "Allowed passed"},
		{"no family in common", deny, "x/a", "x/b", netpol.IPv6, []string{"80"}, "Undefined (input: x/a and x/b have no address of the same family: there is no way between them)"},
		{"left to the network", deny, "x/a", "x/b", 0, []string{"icmp"}, "Undefined 1/1: pod/x/a>pod/x/b ICMP Undefined (spec: policies are about TCP, UDP and SCTP: what becomes of other traffic of an isolated pod is left to the network)"},
		{"what is sure before what is not", deny, "x/a", "x/b", 0, []string{"icmp", "80"}, "Allowed 1/1: pod/x/a>pod/x/b 80/TCP Allowed (spec: policies are about TCP, UDP and SCTP: what becomes of other traffic of an isolated pod is left to the network)"},
		{"only asked, what is open counts", "", "x/a", "x/b", 0, []string{"icmp", "80"}, "Undefined (spec: policies are about TCP, UDP and SCTP: what becomes of other traffic of an isolated pod is left to the network)"},
		{"what is sure is shown before what is not", deny, "x/a", "ns/x", 0, []string{"icmp"}, "Allowed 5/5: pod/x/a>pod/x/c ICMP Allowed pod/x/a>pod/x/e ICMP Allowed pod/x/a>pod/x/b ICMP Undefined (spec: policies are about TCP, UDP and SCTP: what becomes of other traffic of an isolated pod is left to the network)"},
		{"nobody of that name", deny, "x/a", "y/b", 0, []string{"80"}, "Undefined (input: there is no pod b in namespace y) similar x/pod/b"},
		{"no such port", deny, "x/a", "x/b", 0, []string{"htp"}, "Undefined (input: pod/x/b has no port named htp)"},
		{"itself", deny, "x/b", "x/b", 0, []string{"81"}, "Allowed 1/1: pod/x/b>pod/x/b 81/TCP Allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outcomeText(assert(t, c, tt.expect, tt.from, tt.to, tt.family, tt.ports...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What has no address yet counts for both families.
func TestCheckWithoutAddress(t *testing.T) {
	for _, tt := range []struct{ more, want string }{
		{"", "Denied IPv4:Allowed IPv6:Denied"},
		{"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new, namespace: x}\nspec: {template: {metadata: {labels: {pod: new}}}}\n" +
			policy("new", "{podSelector: {matchLabels: {pod: new}}}"), "Denied"},
	} {
		c := clusterOf(t, dualPod("six", "fd00::6", "10.0.0.6", "pod: six")+
			policy("v4", "{podSelector: {matchLabels: {pod: six}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")+tt.more)
		o := assert(t, c, "", "labels:ns=x,a=b", "ns/x", 0, "80")
		o.Mixed = false
		if got := outcomeText(o); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// Pairs without any address count whatever family is the primary one.
func TestCheckOfTemplates(t *testing.T) {
	c := clusterOf(t, abc()+"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new, namespace: x}\nspec: {template: {metadata: {labels: {pod: new}}}}\n"+
		policy("new", "{podSelector: {matchLabels: {pod: new}}}"))
	if o := assert(t, c, netpol.ExpectAllow, "labels:ns=x,a=b", "ns/x", 0, "80"); o.Verdict != netpol.Denied || o.Passed {
		t.Errorf("nothing reaches the template: %s", outcomeText(o))
	}
}

// Examples are no more than asked for; all that are against are counted.
func TestCheckExamples(t *testing.T) {
	c := checked(t)
	a := netpol.Assertion{Question: netpol.Question{From: reference(t, "ns/x"), To: reference(t, "ns/x")}, Expect: netpol.ExpectDeny}
	for _, n := range []int{0, 1, 1000} {
		o := c.Check(a, n)
		if len(o.Examples) != min(n, o.Against) || o.Against == 0 || o.Against > o.Flows {
			t.Errorf("%d examples of %d asked for; %d of %d are against", len(o.Examples), n, o.Against, o.Flows)
		}
	}
}

// TestCheckIsAnswer compares outcomes about random clusters with what Answer
// says, one address family at a time.
func TestCheckIsAnswer(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(300) {
		d := newDice(seed)
		w := d.world()
		c := w.engine(t, pick(d, netpol.ProfileCommon, netpol.ProfileSpec))
		for range 40 {
			a := netpol.Assertion{Expect: pick(d, "", netpol.ExpectAllow, netpol.ExpectDeny)}
			a.From, a.To = reference(t, d.place(w).reference(d)), reference(t, d.place(w).reference(d))
			for range d.IntN(3) {
				if err := a.AddPort(pick(d, "80", "53-81", "53/UDP", "http", "8080/SCTP", "icmp")); err != nil {
					t.Fatal(err)
				}
			}
			o := c.Check(a, 2)
			want := outcomeOf(t, c, a)
			got := fmt.Sprint(o.Verdict, o.Families, o.Passed)
			if got != want {
				t.Fatalf("seed %d: %s to %s %v %v, expected %q: outcome %s, by the answers %s\n%s", seed, a.From, a.To, a.Ports, a.Names, a.Expect, got, want, outcomeText(o))
			}
			if (o.Verdict == netpol.Undefined) && len(o.Doubts) == 0 || o.Passed && o.Verdict == netpol.Undefined {
				t.Fatalf("seed %d: %s", seed, outcomeText(o))
			}
			seen[fmt.Sprint(o.Verdict, " ", a.Expect, " ", o.Passed)]++
			seen[fmt.Sprint("families ", len(o.Families))]++
			seen[fmt.Sprint("mixed ", o.Mixed)]++
		}
	}
	for _, what := range []string{
		"Allowed allow true", "Denied allow false", "Undefined allow false", "Allowed deny false", "Denied deny true", "Undefined deny false",
		"Allowed  false", "Denied  false", "Undefined  false", "families 2", "mixed true",
	} {
		if seen[what] < 50 {
			t.Errorf("the random questions tell little of %q: %v", what, seen)
		}
	}
}

// reference names a place, or one that it is in.
func (p place) reference(d dice) string {
	switch {
	case p.pod != nil && d.oneIn(4):
		return "ns/" + p.pod.Namespace
	case p.pod != nil:
		return p.pod.Namespace + "/" + p.pod.Name
	case p.node != "":
		return "node/" + p.node
	case d.oneIn(3):
		return pick(d, "internet", "203.0.113.0/28", "10.0.1.0/29", "labels:ns=ns1,app=a")
	default:
		return p.addresses[0].String()
	}
}

// outcomeOf is what the answers say of an assertion: that of each family, and
// for the verdict that of all flows of the primary address.
func outcomeOf(t *testing.T, c *netpol.Cluster, a netpol.Assertion) string {
	t.Helper()
	whole, err := c.Answer(a.Question)
	if err != nil {
		return fmt.Sprint(netpol.Undefined, []netpol.FamilyVerdict(nil), false)
	}
	byFamily := map[netpol.Family]*netpol.Answer{}
	for _, f := range whole.Flows {
		family := f.Flow.Family
		if byFamily[family] == nil {
			q := a.Question
			q.Family = family
			if byFamily[family], err = c.Answer(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	passed := a.Expect != "" && len(byFamily) > 0
	wanted := map[netpol.Expectation]netpol.Verdict{netpol.ExpectAllow: netpol.Allowed, netpol.ExpectDeny: netpol.Denied}[a.Expect]
	for _, answer := range byFamily {
		passed = passed && answer.Verdict == wanted
	}
	var families []netpol.FamilyVerdict
	if byFamily[netpol.IPv4] != nil && byFamily[netpol.IPv6] != nil {
		four, six := settled(byFamily[netpol.IPv4].Flows, elsewhere(byFamily[netpol.IPv4]), a), settled(byFamily[netpol.IPv6].Flows, elsewhere(byFamily[netpol.IPv6]), a)
		if four != six {
			families = []netpol.FamilyVerdict{{Family: netpol.IPv4, Verdict: four}, {Family: netpol.IPv6, Verdict: six}}
		}
	}
	return fmt.Sprint(settled(primaryOf(whole), elsewhere(whole), a), families, passed)
}

// primaryOf keeps of the flows those whose family comes first: among all
// between its ends, as Answer lists them.
func primaryOf(whole *netpol.Answer) []netpol.FlowAnswer {
	families := map[*netpol.Endpoint][]netpol.Family{}
	for _, f := range whole.Flows {
		families[leader(f.Flow)] = append(families[leader(f.Flow)], f.Flow.Family)
	}
	return slices.DeleteFunc(slices.Clone(whole.Flows), func(f netpol.FlowAnswer) bool {
		primary := slices.Min(families[leader(f.Flow)])
		for _, addr := range slices.Backward(leader(f.Flow).Addresses) {
			if family := map[bool]netpol.Family{true: netpol.IPv4, false: netpol.IPv6}[addr.Is4()]; slices.Contains(families[leader(f.Flow)], family) {
				primary = family
			}
		}
		return f.Flow.Family != primary
	})
}

// leader is the end of which the primary address counts.
func leader(f netpol.Flow) *netpol.Endpoint {
	if f.To.Kind != netpol.ExternalEndpoint && len(f.To.Addresses) > 0 {
		return f.To
	}
	return f.From
}

// settled is the verdict of flows, where they differ that of those which break
// the expectation.
func settled(flows []netpol.FlowAnswer, doubtful bool, a netpol.Assertion) netpol.Verdict {
	allowed, denied, undefined := 0, 0, 0
	for _, f := range flows {
		some := map[netpol.Verdict]bool{}
		for _, open := range f.Ports {
			some[open.Verdict] = true
		}
		if len(a.Ports)+len(a.Names) == 0 { // one that is open is enough
			if some[netpol.Allowed] {
				some = map[netpol.Verdict]bool{netpol.Allowed: true}
			} else if some[netpol.Undefined] {
				some = map[netpol.Verdict]bool{netpol.Undefined: true}
			}
		}
		for verdict, count := range map[netpol.Verdict]*int{netpol.Allowed: &allowed, netpol.Denied: &denied, netpol.Undefined: &undefined} {
			if some[verdict] {
				*count++
			}
		}
	}
	switch {
	case doubtful || len(flows) == 0:
		return netpol.Undefined
	case a.Expect == netpol.ExpectAllow && denied > 0:
		return netpol.Denied
	case a.Expect == netpol.ExpectDeny && allowed > 0:
		return netpol.Allowed
	case undefined > 0:
		return netpol.Undefined
	case denied > 0:
		return netpol.Denied
	default:
		return netpol.Allowed
	}
}

// elsewhere reports whether an answer has doubts beside those of its flows.
func elsewhere(answer *netpol.Answer) bool {
	of := map[string]bool{}
	for _, f := range answer.Flows {
		for _, d := range f.Doubts {
			of[d.Detail] = true
		}
	}
	for _, d := range answer.Doubts {
		if !of[d.Detail] {
			return true
		}
	}
	return false
}
