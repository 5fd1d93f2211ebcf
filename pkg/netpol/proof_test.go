package netpol_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// twoPolicies isolate b by three rules and a by one.
func twoPolicies() string {
	return abc() + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: z, labels: {team: red}}\n" +
		policy("web", "{podSelector: {matchLabels: {pod: b}}, ingress: ["+
			"{from: [{podSelector: {matchLabels: {pod: c}}}, {namespaceSelector: {matchLabels: {team: red}}}, {ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.1/32]}}]},"+
			"{from: [{podSelector: {}}], ports: [{port: dns}, {port: http}]},"+
			"{ports: [{port: 443}, {port: 8000, endPort: 8099}, {protocol: UDP}]}]}") +
		policy("out", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{}]}") +
		policy("other", "{podSelector: {matchLabels: {pod: b}}, policyTypes: [Egress]}")
}

func TestExplanations(t *testing.T) {
	c := clusterOf(t, twoPolicies())
	for _, q := range []struct{ from, to, port, want string }{
		{"x/a", "x/b", "80", `pod/x/a -> pod/x/b 80/TCP: Allowed
  egress of pod/x/a: Allowed
    policy x/out: Allowed
      spec.egress[0]: Allowed
  ingress of pod/x/b: Allowed
    policy x/web: Allowed
      spec.ingress[0]: Denied
        spec.ingress[0].from[0].podSelector: label pod=a, wants c
        spec.ingress[0].from[1].namespaceSelector: namespace x: no label team, wants red
        spec.ingress[0].from[2].ipBlock: 10.0.0.1 is in its exception 10.0.0.1/32
      spec.ingress[1]: Allowed spec.ingress[1].from[0] spec.ingress[1].ports[1]
      spec.ingress[2]: Denied
        spec.ingress[2].ports[0]: port 443/TCP ≠ 80/TCP
        spec.ingress[2].ports[1]: port 8000-8099/TCP ≠ 80/TCP
        spec.ingress[2].ports[2]: port */UDP ≠ 80/TCP
`},
		{"203.0.113.9", "x/b", "53", `203.0.113.9 -> pod/x/b 53/TCP: Denied
  egress of 203.0.113.9: Allowed policies do not select addresses outside of the cluster
  ingress of pod/x/b: Denied
    policy x/web: Denied
      spec.ingress[0]: Denied
        spec.ingress[0].from[0]: 203.0.113.9 is no pod: selectors match pods only
        spec.ingress[0].from[1]: 203.0.113.9 is no pod: selectors match pods only
        spec.ingress[0].from[2].ipBlock: 203.0.113.9 is not in 10.0.0.0/24
      spec.ingress[1]: Denied
        spec.ingress[1].from[0]: 203.0.113.9 is no pod: selectors match pods only
        spec.ingress[1].ports[0]: port dns/TCP: there it is a port of UDP
        spec.ingress[1].ports[1]: port http/TCP is 80 there, not 53/TCP
      spec.ingress[2]: Denied
        spec.ingress[2].ports[0]: port 443/TCP ≠ 53/TCP
        spec.ingress[2].ports[1]: port 8000-8099/TCP ≠ 53/TCP
        spec.ingress[2].ports[2]: port */UDP ≠ 53/TCP
`},
		{"x/b", "x/a", "80", `pod/x/b -> pod/x/a 80/TCP: Denied
  egress of pod/x/b: Denied
    policy x/other: Denied
  ingress of pod/x/a: Allowed no policy isolates it for ingress
`},
		{"node/n1", "x/b", "22", `node/n1 -> pod/x/b 22/TCP: Allowed
  egress of node/n1: Allowed policies do not select nodes
  ingress of pod/x/b: Allowed traffic from the pod's own node always passes
    policy x/web: Undefined
      spec.ingress[0]: Undefined spec.ingress[0].from[2]
      spec.ingress[1]: Denied
        spec.ingress[1].from[0]: node/n1 is no pod: selectors match pods only
        spec.ingress[1].ports[0]: port dns/TCP: there it is a port of UDP
        spec.ingress[1].ports[1]: port http/TCP is 80 there, not 22/TCP
      spec.ingress[2]: Denied
        spec.ingress[2].ports[0]: port 443/TCP ≠ 22/TCP
        spec.ingress[2].ports[1]: port 8000-8099/TCP ≠ 22/TCP
        spec.ingress[2].ports[2]: port */UDP ≠ 22/TCP
`},
		{"x/b", "x/b", "80", "pod/x/b -> pod/x/b 80/TCP: Allowed no policy can block a pod from itself\n"},
		{"z/[app=x]", "x/b", "53", `a pod in z labelled app=x -> pod/x/b 53/TCP: Allowed
  egress of a pod in z labelled app=x: Allowed no policy isolates it for egress
  ingress of pod/x/b: Allowed
    policy x/web: Allowed
      spec.ingress[0]: Allowed spec.ingress[0].from[1]
      spec.ingress[1]: Denied
        spec.ingress[1].from[0].podSelector: namespace z ≠ x: without a namespaceSelector it is about the policy's own
        spec.ingress[1].ports[0]: port dns/TCP: there it is a port of UDP
        spec.ingress[1].ports[1]: port http/TCP is 80 there, not 53/TCP
      spec.ingress[2]: Denied
        spec.ingress[2].ports[0]: port 443/TCP ≠ 53/TCP
        spec.ingress[2].ports[1]: port 8000-8099/TCP ≠ 53/TCP
        spec.ingress[2].ports[2]: port */UDP ≠ 53/TCP
`},
		{"y/[app=x]", "x/b", "53", `a pod in y labelled app=x -> pod/x/b 53/TCP: Undefined
  egress of a pod in y labelled app=x: Allowed no policy isolates it for egress
  ingress of pod/x/b: Undefined
    policy x/web: Undefined
      spec.ingress[0]: Undefined spec.ingress[0].from[1]
      spec.ingress[1]: Denied
        spec.ingress[1].from[0].podSelector: namespace y ≠ x: without a namespaceSelector it is about the policy's own
        spec.ingress[1].ports[0]: port dns/TCP: there it is a port of UDP
        spec.ingress[1].ports[1]: port http/TCP is 80 there, not 53/TCP
      spec.ingress[2]: Denied
        spec.ingress[2].ports[0]: port 443/TCP ≠ 53/TCP
        spec.ingress[2].ports[1]: port 8000-8099/TCP ≠ 53/TCP
        spec.ingress[2].ports[2]: port */UDP ≠ 53/TCP
  doubt (input): namespace y is not in the input: its labels are not known
  doubt (input): a pod in y labelled app=x has no address yet: whether it is in 10.0.0.0/24 is not known
`},
	} {
		if diff := cmp.Diff(q.want, textOf(c.Explain(flowOf(t, c, q.from, q.to, q.port)))); diff != "" {
			t.Errorf("%s to %s on %s (-want +got):\n%s", q.from, q.to, q.port, diff)
		}
	}
}

// TestExplanationsHold checks what every explanation promises.
func TestExplanationsHold(t *testing.T) {
	seen := map[netpol.Verdict]int{}
	for seed := range uint64(250) {
		d := newDice(seed)
		w := d.world()
		cluster := d.less(w).engine(t, pick(d, netpol.Profiles()...))
		for range 40 {
			c := d.connection(w)
			if d.oneIn(10) {
				c.protocol, c.port = netpol.ProtocolICMP, 0
			}
			f := c.flow(cluster)
			f.ThroughService = d.oneIn(10)
			e := cluster.Explain(f)
			seen[e.Verdict]++
			if got := cluster.Verdict(f); got != e.Verdict {
				t.Fatalf("seed %d: the verdict is %s\n%s", seed, got, textOf(e))
			}
			for _, broken := range brokenPromises(e) {
				t.Fatalf("seed %d: %s\n%s", seed, broken, textOf(e))
			}
		}
	}
	for _, v := range []netpol.Verdict{netpol.Allowed, netpol.Denied, netpol.Undefined} {
		if seen[v] < 300 {
			t.Errorf("the random clusters tell little: %v", seen)
		}
	}
}

func brokenPromises(e netpol.Explanation) []string {
	var broken []string
	promise := func(ok bool, words string) {
		if !ok {
			broken = append(broken, words)
		}
	}
	promise((e.Verdict == netpol.Undefined) == (len(e.Doubts) > 0), "there are doubts where the verdict is undefined, and only there")
	promise(len(e.Steps) == 2 || e.Reason != "", "without steps there is a reason")
	verdicts := map[netpol.Verdict]bool{}
	for _, s := range e.Steps {
		verdicts[s.Verdict] = true
		if len(s.Tiers) > 0 {
			broken = append(broken, brokenTiers(s)...)
			continue
		}
		promise(s.Reason != "" || len(s.Policies) > 0, "a step has a reason or policies")
		promise(s.Verdict == netpol.Allowed || len(s.Policies) > 0, "what is not allowed is isolated")
		allowed := false
		for _, p := range s.Policies {
			allowed = allowed || p.Verdict == netpol.Allowed
			promise(s.Verdict != netpol.Denied || p.Verdict == netpol.Denied, "all policies of a denied step deny")
			for _, b := range brokenRules(p) {
				promise(false, b)
			}
		}
		promise(!allowed || s.Verdict == netpol.Allowed || e.Flow.Protocol == netpol.ProtocolICMP || s.Subject.HostNetwork, "what a policy allows is allowed")
		promise(s.Verdict != netpol.Allowed || allowed || s.Reason != "", "what no policy allows has a reason")
	}
	if len(e.Steps) == 2 && !e.Flow.ThroughService {
		promise(verdicts[netpol.Denied] == (e.Verdict == netpol.Denied), "one denied step is enough, and needed")
		promise(verdicts[netpol.Undefined] || e.Verdict != netpol.Undefined, "some step is undefined")
	}
	return broken
}

func brokenRules(p netpol.PolicyStep) []string {
	var broken []string
	best := netpol.Denied
	for _, r := range p.Rules {
		if r.Verdict == netpol.Denied && len(r.Misses) == 0 {
			broken = append(broken, "a denied rule says what it misses: "+r.Path)
		}
		if r.Verdict != netpol.Denied && len(r.Misses) > 0 {
			broken = append(broken, "a rule that is not denied misses nothing: "+r.Path)
		}
		for _, m := range r.Misses {
			if !strings.HasPrefix(m.Path, r.Path+".") || m.Detail == "" || strings.Contains(m.Detail, "%!") {
				broken = append(broken, "a miss names its clause: "+m.Path+": "+m.Detail)
			}
		}
		if r.Verdict == netpol.Allowed || r.Verdict == netpol.Undefined && best == netpol.Denied {
			best = r.Verdict
		}
	}
	if best != p.Verdict {
		broken = append(broken, "a policy says what its best rule says: "+p.Policy.Name)
	}
	return broken
}

// TestDoubtsOfOtherDirections checks that doubts which decide nothing are not
// named: ingress passes by a rule between doubtful ones.
func TestDoubtsOfOtherDirections(t *testing.T) {
	late := "---\napiVersion: v1\nkind: Pod\nmetadata: {name: late, namespace: x, labels: {pod: late}}\nspec: {containers: [{name: c, image: i}]}\n"
	c := clusterOf(t, abc()+late+
		policy("late", "{podSelector: {matchLabels: {pod: late}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}, {from: [{podSelector: {}}]}, {from: [{ipBlock: {cidr: 11.0.0.0/8}}]}]}")+
		policy("new", "{podSelector: {matchLabels: {app: new}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 12.0.0.0/8}}]}]}"))
	if e := c.Explain(flowOf(t, c, "x/[pod=new]", "x/late", "80")); e.Verdict != netpol.Allowed || len(e.Doubts) > 0 {
		t.Errorf("an allowed flow has doubts:\n%s", textOf(e))
	}
	want := []netpol.Doubt{{Cause: netpol.ByInput, Detail: "pod/x/late has no address yet: whether it is in 12.0.0.0/8 is not known"}}
	if diff := cmp.Diff(want, c.Explain(flowOf(t, c, "x/[app=new]", "x/late", "80")).Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

// TestFirstClauseThatDecides checks that a rule names the first clauses that
// are as sure as the rule itself, and that a doubt is named once.
func TestFirstClauseThatDecides(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: ["+
		"{from: [{podSelector: {matchLabels: {pod: c}}}, {namespaceSelector: {matchLabels: {team: red}}}, {namespaceSelector: {matchLabels: {team: red}}}, {namespaceSelector: {}}, {namespaceSelector: {}}],"+
		" ports: [{port: 81}, {port: http}, {port: 80}]}]}"))
	for _, q := range []struct{ from, port, want string }{
		{"x/a", "80", "spec.ingress[0]: Allowed spec.ingress[0].from[3] spec.ingress[0].ports[1]"},
		{"gone/[app=new]", "81", "spec.ingress[0]: Allowed spec.ingress[0].from[3] spec.ingress[0].ports[0]"},
	} {
		if text := textOf(c.Explain(flowOf(t, c, q.from, "x/b", q.port))); !strings.Contains(text, q.want+"\n") {
			t.Errorf("%q is not in\n%s", q.want, text)
		}
	}

	c = clusterOf(t, abc()+policy("p", "{ingress: [{from: [{podSelector: {matchLabels: {pod: c}}}, {namespaceSelector: {matchLabels: {team: red}}}, {namespaceSelector: {matchLabels: {team: blue}}}]}]}"))
	e := c.Explain(flowOf(t, c, "gone/[app=new]", "x/b", "80"))
	if rule := e.Steps[1].Policies[0].Rules[0]; rule.Verdict != netpol.Undefined || rule.Peer != "spec.ingress[0].from[1]" {
		t.Errorf("the doubtful clause: %s", textOf(e))
	}
	want := []netpol.Doubt{{Cause: netpol.ByInput, Detail: "namespace gone is not in the input: its labels are not known"}}
	if diff := cmp.Diff(want, e.Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}
