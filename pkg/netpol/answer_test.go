package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// caseQuestion is a question of a case.yaml, in the words of the command line.
type caseQuestion struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Ports   []string       `json:"ports"`
	Family  netpol.Family  `json:"family"`
	Verdict netpol.Verdict `json:"verdict"`
	Flows   []string       `json:"flows"` // all of them
	Says    string         `json:"says"`  // is in the doubts or notes
}

func (q *caseQuestion) check(t *testing.T, c *netpol.Cluster) {
	t.Helper()
	a := ask(t, c, q.From, q.To, q.Family, q.Ports...)
	text := answerText(a)
	if a.Verdict != q.Verdict || !strings.Contains(text, q.Says) {
		t.Errorf("%s to %s %v, want %s, saying %q\n%s", q.From, q.To, q.Ports, q.Verdict, q.Says, text)
	}
	if diff := cmp.Diff(q.Flows, flowTexts(a), cmpopts.EquateEmpty()); q.Flows != nil && diff != "" {
		t.Errorf("%s to %s %v (-want +got):\n%s", q.From, q.To, q.Ports, diff)
	}
}

func ask(t testing.TB, c *netpol.Cluster, from, to string, family netpol.Family, ports ...string) *netpol.Answer {
	t.Helper()
	q := netpol.Question{From: reference(t, from), To: reference(t, to), Family: family}
	for _, typed := range ports {
		if err := q.AddPort(typed); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Answer(q)
	if err != nil {
		t.Fatalf("%s to %s: %v", from, to, err)
	}
	checkAnswer(t, a)
	return a
}

// checkAnswer checks what holds of every answer.
func checkAnswer(t testing.TB, a *netpol.Answer) {
	t.Helper()
	if (a.Verdict == netpol.Undefined) != (len(a.Doubts) > 0) {
		t.Fatalf("the verdict must be open if and only if there are doubts:\n%s", answerText(a))
	}
	for _, f := range a.Flows {
		open := slices.ContainsFunc(f.Ports, func(o netpol.OpenPorts) bool { return o.Verdict == netpol.Undefined })
		if open != (len(f.Doubts) > 0) || len(f.Ports) == 0 {
			t.Fatalf("a flow without ports, open without doubts, or the other way round: %+v\n%s", f, answerText(a))
		}
		for i, d := range f.Doubts {
			if slices.Contains(f.Doubts[:i], d) {
				t.Fatalf("%q is said twice", d.Detail)
			}
		}
		if f.Flow.Protocol != f.Ports[0].Ports.Protocol || f.Flow.Port != f.Ports[0].Ports.From {
			t.Fatalf("the flow is not that of the first port: %+v", f)
		}
	}
}

// flowTexts are the flows as x/a -> x/b 80/TCP Allowed, the port of a Service
// before that of the endpoint, the family where it is IPv6 or not known.
func flowTexts(a *netpol.Answer) []string {
	var lines []string
	for _, f := range a.Flows {
		text := fmt.Sprintf("%s -> %s", strings.TrimPrefix(f.Flow.From.String(), "pod/"), strings.TrimPrefix(f.Flow.To.String(), "pod/"))
		if f.Flow.Family != netpol.IPv4 {
			text += fmt.Sprintf(" v%d", f.Flow.Family)
		}
		if f.Backend != nil && f.Backend.ServicePort != f.Backend.Port {
			text += fmt.Sprintf(" %s ->", f.Backend.ServicePort)
		}
		lines = append(lines, text+" "+openText(f.Ports))
	}
	return lines
}

func answerText(a *netpol.Answer) string {
	lines := append([]string{string(a.Verdict)}, flowTexts(a)...)
	for _, d := range a.Doubts {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Cause, d.Detail))
	}
	return strings.Join(append(lines, a.Notes...), "\n")
}

// twoFamilies are pods with addresses of either family and of both.
func twoFamilies() string {
	write := func(name, ips string) string {
		return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x, labels: {pod: %[1]s}}\nspec: {nodeName: %[1]s, containers: [{name: c, image: i}]}\nstatus: {podIPs: [%s]}\n", name, ips)
	}
	return write("four", `{ip: 10.0.0.4}`) + write("six", `{ip: "fd00::6"}`) + write("both", `{ip: 10.0.0.1}, {ip: "fd00::1"}`) +
		write("rev", `{ip: "fd00::2"}, {ip: 10.0.0.2}`) + write("none", "") +
		policy("p", `{podSelector: {matchLabels: {pod: rev}}, ingress: [{from: [{ipBlock: {cidr: "fd00::/64"}}], ports: [{port: 80}]}]}`) +
		policy("q", "{podSelector: {matchLabels: {pod: four}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
}

func TestAnswerFamilies(t *testing.T) {
	c := clusterOf(t, twoFamilies()+
		service("s4", "selector: {pod: both}, ports: [{port: 80}]")+
		service("s6", "ipFamilies: [IPv6], selector: {pod: both}, ports: [{port: 80}]")+
		service("s46", "ipFamilyPolicy: RequireDualStack, selector: {pod: both}, ports: [{port: 80}]"))
	for _, q := range []caseQuestion{
		{From: "both", To: "rev", Verdict: netpol.Partly, Flows: []string{"x/both -> x/rev v6 80/TCP Allowed", "x/both -> x/rev 80/TCP Denied"}},
		{From: "rev", To: "both", Verdict: netpol.Allowed, Flows: []string{"x/rev -> x/both 80/TCP Allowed", "x/rev -> x/both v6 80/TCP Allowed"}},
		{From: "both", To: "rev", Family: netpol.IPv6, Verdict: netpol.Allowed, Flows: []string{"x/both -> x/rev v6 80/TCP Allowed"}},
		{From: "both", To: "rev", Family: netpol.IPv4, Verdict: netpol.Denied, Flows: []string{"x/both -> x/rev 80/TCP Denied"}},
		{From: "four", To: "rev", Verdict: netpol.Denied, Flows: []string{"x/four -> x/rev 80/TCP Denied"}},
		{From: "four", To: "six", Verdict: netpol.Undefined, Flows: []string{}, Says: "input: four and six have no address of the same family"},
		{From: "four", To: "both", Family: netpol.IPv6, Verdict: netpol.Undefined, Says: "have no address of the same family"},
		{From: "four", To: "none", Verdict: netpol.Allowed, Flows: []string{"x/four -> x/none 80/TCP Allowed"}},
		{From: "none", To: "rev", Verdict: netpol.Undefined, Flows: []string{"x/none -> x/rev v6 80/TCP Undefined", "x/none -> x/rev 80/TCP Denied"}, Says: "input: pod/x/none has no address yet"},
		{From: "none", To: "four", Verdict: netpol.Allowed, Flows: []string{"x/none -> x/four 80/TCP Allowed"}}, // whatever address it gets
		{From: "none", To: "labels:a=b", Verdict: netpol.Allowed, Flows: []string{"x/none -> a pod in x labelled a=b v0 80/TCP Allowed"}},
		{From: "none", To: "labels:a=b", Family: netpol.IPv6, Verdict: netpol.Allowed, Flows: []string{"x/none -> a pod in x labelled a=b v6 80/TCP Allowed"}},
		// An address is asked about in its family, whatever others its pod has.
		{From: "both", To: "10.0.0.2", Verdict: netpol.Denied, Flows: []string{"x/both -> x/rev 80/TCP Denied"}},
		{From: "fd00::1", To: "rev", Verdict: netpol.Allowed, Flows: []string{"x/both -> x/rev v6 80/TCP Allowed"}},
		{From: "10.0.0.0/30", To: "six", Verdict: netpol.Undefined, Says: "no address of the same family"},
		{From: "four", To: "internet", Verdict: netpol.Allowed},
		{From: "both", To: "svc/s4", Verdict: netpol.Allowed, Flows: []string{"x/both -> x/both 80/TCP Allowed"}},
		{From: "both", To: "svc/s6", Verdict: netpol.Allowed, Flows: []string{"x/both -> x/both v6 80/TCP Allowed"}},
		{From: "both", To: "svc/s46", Verdict: netpol.Allowed, Flows: []string{"x/both -> x/both 80/TCP Allowed", "x/both -> x/both v6 80/TCP Allowed"}},
		{From: "four", To: "svc/s6", Verdict: netpol.Undefined, Says: "four and svc/s6 have no address of the same family"},
	} {
		q.Ports = []string{"80"}
		q.check(t, c)
	}
}

func TestAnswerPorts(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{ports: [{port: 80, endPort: 89}, {protocol: UDP}]}]}")+
		policy("q", "{podSelector: {matchLabels: {pod: c}}, ingress: []}")+
		policy("r", "{podSelector: {matchLabels: {pod: new}}, ingress: [{ports: [{port: http}]}]}"))
	for _, q := range []caseQuestion{
		{From: "a", To: "b", Verdict: netpol.Allowed, Flows: []string{"x/a -> x/b 1-79/TCP Denied; 80-89/TCP Allowed; 90-65535/TCP Denied; */UDP Allowed; */SCTP Denied"}},
		{From: "a", To: "c", Verdict: netpol.Denied},
		{From: "a", To: "b", Ports: []string{"80"}, Verdict: netpol.Allowed, Flows: []string{"x/a -> x/b 80/TCP Allowed"}},
		{From: "a", To: "b", Ports: []string{"79"}, Verdict: netpol.Denied},
		{From: "a", To: "b", Ports: []string{"79-85"}, Verdict: netpol.Partly, Flows: []string{"x/a -> x/b 79/TCP Denied; 80-85/TCP Allowed"}},
		{From: "a", To: "b", Ports: []string{"53/udp", "85", "84-86", "80", "87"}, Verdict: netpol.Allowed, Flows: []string{"x/a -> x/b 80/TCP Allowed; 84-87/TCP Allowed; 53/UDP Allowed"}},
		{From: "a", To: "b", Ports: []string{"80", "80/SCTP"}, Verdict: netpol.Partly, Flows: []string{"x/a -> x/b 80/TCP Allowed; 80/SCTP Denied"}},
		{From: "a", To: "b", Ports: []string{"icmp"}, Verdict: netpol.Undefined, Flows: []string{"x/a -> x/b ICMP Undefined"}, Says: "spec: policies are about TCP, UDP and SCTP"},
		{From: "b", To: "a", Ports: []string{"icmp", "1-65535"}, Verdict: netpol.Allowed, Flows: []string{"x/b -> x/a */TCP Allowed; ICMP Allowed"}},
		{From: "a", To: "labels:pod=new", Ports: []string{"80"}, Verdict: netpol.Undefined, Says: "input: the names of the ports of a pod in x labelled pod=new are not known"},
		{From: "a", To: "labels:pod=new", Ports: []string{"80/UDP"}, Verdict: netpol.Denied},
		{From: "a", To: "labels:pod=new", Ports: []string{"80", "90"}, Verdict: netpol.Undefined},
		{From: "a", To: "labels:pod=new", Verdict: netpol.Undefined},
	} {
		q.check(t, c)
	}
}

// TestAnswerWithoutNodes checks that clients of a NodePort may come with the
// address of a node of which nothing is known.
func TestAnswerWithoutNodes(t *testing.T) {
	manifests := workload("Deployment", "web", "", "") + service("web", "type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]")
	for spec, want := range map[string]netpol.Verdict{
		"{ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}":                      netpol.Undefined,
		"{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}":                           netpol.Allowed,
		"{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [192.168.0.0/16]}}]}]}": netpol.Undefined,
		"{ingress: [{}]}": netpol.Allowed,
		"{}":              netpol.Undefined, // its own node always passes
	} {
		a := ask(t, clusterOf(t, manifests+policy("p", spec)), "203.0.113.9", "svc/web", netpol.AnyFamily)
		if a.Verdict != want {
			t.Errorf("%s: want %s\n%s", spec, want, answerText(a))
		}
	}
}

// TestAnswerHeadless checks that such a Service is a name: any port of an
// endpoint may be asked for, and is asked once.
func TestAnswerHeadless(t *testing.T) {
	c := clusterOf(t, abc()+service("heads", "clusterIP: None, selector: {pod: b}, ports: [{name: p, port: 80}, {name: q, port: 81}]")+
		policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{ports: [{port: 81}, {port: 9}]}]}"))
	for _, q := range []caseQuestion{
		{From: "a", To: "svc/heads", Verdict: netpol.Allowed, Flows: []string{"x/a -> x/b 80/TCP Denied", "x/a -> x/b 81/TCP Allowed"}},
		{From: "a", To: "svc/heads", Ports: []string{"9", "81"}, Verdict: netpol.Allowed, Flows: []string{"x/a -> x/b 9/TCP Allowed; 81/TCP Allowed"}},
		{From: "a", To: "svc/heads", Ports: []string{"10"}, Verdict: netpol.Denied, Flows: []string{"x/a -> x/b 10/TCP Denied"}},
	} {
		q.check(t, c)
	}
}

func TestAnswerSeveral(t *testing.T) {
	c := clusterOf(t, abc()+
		service("two", "selector: {}, ports: [{port: 80}]")+
		service("bc", "selector: {set: two}, ports: [{port: 80}]")+
		owned("d-1", "StatefulSet", "d", "set: two", "Running")+owned("d-2", "StatefulSet", "d", "set: two, open: a", "Running")+
		policy("p", "{podSelector: {matchLabels: {set: two}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}]}]}")+
		policy("q", "{podSelector: {matchLabels: {open: a}}, ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}")+
		policy("r", "{podSelector: {matchLabels: {set: two}}, policyTypes: [Egress]}"))
	for _, q := range []caseQuestion{
		{From: "a", To: "sts/d", Verdict: netpol.Allowed, Flows: []string{"x/a -> x/d-1 v4 80/TCP Allowed"}[:0]},
		{From: "b", To: "sts/d", Verdict: netpol.Partly},
		{From: "c", To: "sts/d", Verdict: netpol.Denied},
		{From: "b", To: "svc/bc", Verdict: netpol.Partly},
		{From: "ns/x", To: "d-1", Verdict: netpol.Partly, Says: "pairs of a pod with itself are left out"},
		{From: "sts/d", To: "sts/d", Verdict: netpol.Denied, Says: "pairs of a pod with itself are left out"},
		{From: "d-1", To: "d-1", Verdict: netpol.Allowed},
		{From: "sts/d", To: "svc/bc", Verdict: netpol.Undefined, Says: "spec: a pod reaches itself through a Service"},
	} {
		q.Ports = []string{"80"}
		if len(q.Flows) == 0 {
			q.Flows = nil
		}
		q.check(t, c)
	}
}

// TestAnswerAddresses checks that ranges are cut by the policies of the other
// end, and by no others.
func TestAnswerAddresses(t *testing.T) {
	c := clusterOf(t, abc()+
		policy("p", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 11.0.0.0/9}}], ports: [{port: 80}]}]}")+
		policy("q", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{ipBlock: {cidr: 11.0.0.0/8, except: [11.128.0.0/9]}}]}]}")+
		policy("r", "{podSelector: {matchLabels: {pod: c}}, ingress: [{from: [{ipBlock: {cidr: 11.1.0.0/16}}]}]}"))
	for _, q := range []caseQuestion{
		{From: "a", To: "11.0.0.0/8", Verdict: netpol.Partly, Flows: []string{"x/a -> 11.0.0.0/9 80/TCP Allowed", "x/a -> 11.128.0.0/9 80/TCP Denied"}},
		{From: "b", To: "11.0.0.0/8", Verdict: netpol.Allowed, Flows: []string{"x/b -> 11.0.0.0/8 80/TCP Allowed"}},
		{From: "11.0.0.0/8", To: "b", Verdict: netpol.Partly, Flows: []string{"11.0.0.0/9 -> x/b 80/TCP Allowed", "11.128.0.0/9 -> x/b 80/TCP Denied"}},
		{From: "11.0.0.0/9", To: "a", Verdict: netpol.Allowed, Flows: []string{"11.0.0.0/9 -> x/a 80/TCP Allowed"}},
		{From: "10.0.0.1", To: "11.0.0.0/8", Verdict: netpol.Partly, Flows: []string{"x/a -> 11.0.0.0/9 80/TCP Allowed", "x/a -> 11.128.0.0/9 80/TCP Denied"}},
		{From: "10.0.0.1", To: "10.0.0.2", Verdict: netpol.Denied, Flows: []string{"x/a -> x/b 80/TCP Denied"}},
		{From: "12.0.0.0/8", To: "11.5.0.0/16", Verdict: netpol.Allowed, Flows: []string{"12.0.0.0/8 -> 11.5.0.0/16 80/TCP Allowed"}},
		{From: "node/n1", To: "c", Verdict: netpol.Allowed},
	} {
		q.Ports = []string{"80"}
		q.check(t, c)
	}
}

// TestAnswerNotes checks what is said of ways to Services that the verdict is
// not about.
func TestAnswerNotes(t *testing.T) {
	c := clusterOf(t, abc()+"---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n"+
		service("web", "type: LoadBalancer, clusterIP: 10.96.0.1, externalIPs: [192.0.2.7], selector: {pod: b}, loadBalancerSourceRanges: [192.0.2.0/24], ports: [{port: 80, nodePort: 30080}]")+
		"status: {loadBalancer: {ingress: [{ip: 192.0.2.8}, {hostname: lb.example.com}]}}\n"+
		service("local", "internalTrafficPolicy: Local, clusterIPs: [10.96.0.2, \"fd00:96::2\"], selector: {pod: b}, ports: [{port: 80}]")+
		service("names", "selector: {pod: b}, ports: [{name: p, port: 80, targetPort: ghost}, {name: q, port: 81}]"))
	for _, q := range []caseQuestion{
		{From: "a", To: "10.96.0.1", Says: "10.96.0.1 is the address of Service x/web: the answer is about its endpoints"},
		{From: "a", To: "10.96.0.1", Ports: []string{"80"}, Flows: []string{"x/a -> x/b 80/TCP Allowed"}},
		{From: "a", To: "10.96.0.2", Ports: []string{"80"}, Flows: []string{"x/a -> x/b 80/TCP Allowed"}, Says: "Service local has internalTrafficPolicy Local"},
		{From: "a", To: "fd00:96::2", Verdict: netpol.Undefined, Says: "have no address of the same family"},
		{From: "8.8.8.8", To: "svc/web", Says: "the loadBalancerSourceRanges of Service web are not evaluated"},
		{From: "8.8.8.8", To: "svc/local", Says: "Service local has no address for clients outside of the cluster"},
		{From: "a", To: "192.0.2.7", Verdict: netpol.Undefined, Says: "192.0.2.7 is an address of Service x/web: what is sent there"},
		{From: "a", To: "192.0.2.8", Verdict: netpol.Undefined, Says: "192.0.2.8 is an address of Service x/web: what is sent there"},
		{From: "a", To: "node/n1", Ports: []string{"30000-32767"}, Verdict: netpol.Undefined, Says: "port 30080/TCP of nodes leads to Service x/web"},
		{From: "a", To: "node/n1", Says: "port 30080/TCP of nodes leads to Service x/web"}, // among all the others
		{From: "a", To: "node/n1", Ports: []string{"30080"}, Verdict: netpol.Undefined, Says: "port 30080/TCP of nodes leads to Service x/web"},
	} {
		if q.Verdict == "" {
			q.Verdict = netpol.Allowed
		}
		q.check(t, c)
	}
	for _, quiet := range []*netpol.Answer{ask(t, c, "a", "svc/web", 0), ask(t, c, "a", "b", 0, "30080"), ask(t, c, "a", "node/n1", 0, "80"), ask(t, c, "a", "192.0.2.9", 0), ask(t, c, "a", "svc/names", 0, "81")} {
		if len(quiet.Notes) > 0 {
			t.Errorf("notes %q", quiet.Notes)
		}
	}
}

func TestAnswerErrors(t *testing.T) {
	c := clusterOf(t, abc())
	for _, pair := range [][2]string{{"nobody", "a"}, {"a", "nobody"}, {"a", "svc/nobody"}, {"nobody", "10.0.0.0/8"}, {"internet", "nobody"}, {"svc/web", "a"}} {
		if a, err := c.Answer(netpol.Question{From: reference(t, pair[0]), To: reference(t, pair[1])}); err == nil {
			t.Errorf("%v: %s", pair, answerText(a))
		}
	}
}

// TestAnswerIsTheSame asks random questions again, of a cluster made again.
func TestAnswerIsTheSame(t *testing.T) {
	for seed := range uint64(60) {
		d := newDice(seed)
		w := d.world()
		less := d.less(w)
		one, two := less.engine(t, netpol.ProfileSpec), less.engine(t, netpol.ProfileSpec)
		for _, to := range []string{"ns/ns0", "10.0.0.0/14", "fd00::/16", "internet", "0.0.0.0/0", "node/n1", "labels:ns=ns1,app=a"} {
			for _, from := range []string{"ns/ns1", "192.168.0.0/24", "fd01::/120", "labels:ns=ns2,tier=b"} {
				q := netpol.Question{From: reference(t, from), To: reference(t, to)}
				a, err := one.Answer(q)
				b, _ := two.Answer(q)
				if err != nil {
					continue // a random namespace without pods
				}
				checkAnswer(t, a)
				if x, y := answerText(a), answerText(b); x != y {
					t.Fatalf("seed %d: %s to %s: %s\nand now %s", seed, from, to, x, y)
				}
			}
		}
	}
}

// Policies that could not be read may isolate a pod, and allow what others do
// not; what one of the others allows stays allowed.
func TestUnreadPolicies(t *testing.T) {
	allow := policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}, {ipBlock: {cidr: 9.9.9.0/24}}]}]}")
	for _, tt := range []struct {
		from, to, namespace string
		want                netpol.Verdict
	}{
		{"a", "b", "elsewhere", netpol.Allowed},
		{"c", "b", "elsewhere", netpol.Denied},
		{"a", "b", "x", netpol.Undefined}, // a may be isolated
		{"c", "b", "x", netpol.Undefined},
		{"9.9.9.9", "b", "x", netpol.Allowed}, // more policies only allow more
		{"8.8.8.8", "c", "x", netpol.Undefined},
		{"8.8.8.8", "c", "elsewhere", netpol.Allowed},
	} {
		b := snapshot.NewBuilder()
		for object := range clusterOf(t, abc()+allow).Snapshot().All() {
			b.Add(object)
		}
		b.Gap(snapshot.Gap{Group: "networking.k8s.io", Resource: "networkpolicies", Namespace: tt.namespace, Reason: snapshot.Forbidden})
		s, err := b.Build(snapshot.Info{})
		if err != nil {
			t.Fatal(err)
		}
		a := ask(t, netpol.NewCluster(s, netpol.ProfileCommon), tt.from, tt.to, 0, "80")
		if a.Verdict != tt.want {
			t.Errorf("%s to %s, policies of %s unread: %s, want %s", tt.from, tt.to, tt.namespace, a.Verdict, tt.want)
		}
	}
}

// TestAnswerNamedPorts asks by the names of containers' and of Services' ports;
// a name that stands for nothing leaves the answer open.
func TestAnswerNamedPorts(t *testing.T) {
	c := clusterOf(t, abc()+
		service("web", "clusterIP: 10.96.0.1, selector: {pod: b}, ports: [{name: main, port: 8000, targetPort: http}, {name: dns, port: 5353, protocol: UDP, targetPort: dns}]")+
		service("bare", "clusterIP: None, selector: {pod: b}, ports: [{name: main, port: 8000, targetPort: http}]")+
		policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{ports: [{port: http}]}]}"))
	for _, tt := range []struct {
		to    string
		ports []string
		want  netpol.Verdict
		flows []string
	}{
		{"b", []string{"http"}, netpol.Allowed, []string{"x/a -> x/b 80/TCP Allowed"}},
		{"b", []string{"dns"}, netpol.Denied, []string{"x/a -> x/b 53/UDP Denied"}},
		{"b", []string{"dns/TCP"}, netpol.Undefined, nil},
		{"b", []string{"http", "dns"}, netpol.Partly, []string{"x/a -> x/b 80/TCP Allowed; 53/UDP Denied"}},
		{"b", []string{"http", "nosuch"}, netpol.Undefined, []string{"x/a -> x/b 80/TCP Allowed"}},
		{"svc/web", []string{"main"}, netpol.Allowed, []string{"x/a -> x/b 8000/TCP -> 80/TCP Allowed"}},
		{"svc/web", []string{"http"}, netpol.Undefined, nil}, // that is the container's name
		{"svc/bare", []string{"main"}, netpol.Allowed, []string{"x/a -> x/b 80/TCP Allowed"}},
	} {
		t.Run(tt.to+" "+strings.Join(tt.ports, " "), func(t *testing.T) {
			a := ask(t, c, "a", tt.to, 0, tt.ports...)
			if diff := cmp.Diff(tt.flows, flowTexts(a)); a.Verdict != tt.want || diff != "" {
				t.Errorf("%s, want %s\n%s", a.Verdict, tt.want, diff)
			}
		})
	}
}
