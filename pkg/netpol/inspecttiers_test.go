package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// TestIdlePeers finds peers that select no pod, and leaves what is no pod.
func TestIdlePeers(t *testing.T) {
	c := clusterOf(t, abc()+cnp("p", "", "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: none}}}, {namespaces: {}}, "+
		"{pods: {podSelector: {matchLabels: {pod: nobody}}}}]}], egress: [{action: Deny, to: [{networks: [203.0.113.0/24]}, {nodes: {matchLabels: {a: b}}}, {domainNames: [example.com]}]}]"))
	want := []string{"spec.ingress[0].from[0]", "spec.ingress[0].from[2]"}
	if len(c.ClusterPolicies()) == 0 { // domain names are for Accept only
		c = clusterOf(t, abc()+cnp("p", "", "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: none}}}, {namespaces: {}}, "+
			"{pods: {podSelector: {matchLabels: {pod: nobody}}}}]}], egress: [{action: Deny, to: [{networks: [203.0.113.0/24]}, {nodes: {matchLabels: {a: b}}}]}]"))
	}
	if diff := cmp.Diff(want, c.Inspect().IdlePeers(c.ClusterPolicies()[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(c.SelectedBy(c.ClusterPolicies()[0])); got != "[pod/x/a pod/x/b pod/x/c]" {
		t.Errorf("its subject selects %s", got)
	}
}

// TestShadows compares rules of one policy by their words.
func TestShadows(t *testing.T) {
	pods := func(action, namespaces, more string) string {
		return "{action: " + action + ", to: [{namespaces: {" + namespaces + "}}]" + more + "}"
	}
	const red, http, web = "matchLabels: {team: red}", ", protocols: [{tcp: {destinationPort: {number: 80}}}]", ", protocols: [{tcp: {destinationPort: {range: {start: 80, end: 90}}}}]"
	for _, tt := range []struct{ name, rules, want string }{
		{"the same peers", pods("Accept", red, "") + ", " + pods("Deny", red, ""), "1 by 0"},
		{"wider ones", pods("Pass", "", "") + ", " + pods("Deny", red, ""), "1 by 0"},
		{"narrower ones", pods("Pass", red, "") + ", " + pods("Deny", "", ""), ""},
		{"fewer ports", pods("Accept", "", web) + ", " + pods("Accept", red, http), "1 by 0, same"},
		{"more ports", pods("Accept", "", http) + ", " + pods("Accept", red, web), ""},
		{"all ports", pods("Accept", "", http) + ", " + pods("Accept", red, ""), ""},
		{"networks", "{action: Deny, to: [{networks: [10.0.0.0/8]}]}, {action: Accept, to: [{networks: [10.1.0.0/16]}]}, {action: Accept, to: [{networks: [0.0.0.0/0]}]}", "1 by 0"},
		{"one of two peers", "{action: Deny, to: [{networks: [10.0.0.0/8]}]}, {action: Accept, to: [{networks: [10.1.0.0/16]}, {namespaces: {}}]}", ""},
		{"of other kinds", "{action: Deny, to: [{namespaces: {}}]}, {action: Accept, to: [{nodes: {}}]}, {action: Deny, to: [{nodes: {matchLabels: {a: b}}}]}", "2 by 1"},
		{"what is not known", pods("Accept", "", ", unless: Sunday") + ", " + pods("Deny", "", ""), ""},
	} {
		c := clusterOf(t, abc()+cnp("p", ", uid: u", "tier: Admin, egress: ["+tt.rules+"]"))
		got := ""
		for _, s := range c.ClusterPolicies()[0].Shadows(netpol.Egress) {
			got = fmt.Sprintf("%d by %d", s.Rule.Index, s.By.Index)
			if s.Same {
				got += ", same"
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestShadowsMakeNoDifference takes the rules that are shadowed out of random
// policies: no verdict changes.
func TestShadowsMakeNoDifference(t *testing.T) {
	tried := 0
	for seed := range uint64(400) {
		d := newDice(seed)
		w := d.world()
		c := w.engine(t, netpol.ProfileCommon)
		out := *w
		out.cluster = nil
		before := tried
		for _, p := range w.cluster {
			changed := *p
			changed.rules = map[netpol.Direction][]clusterRule{}
			for direction, rules := range p.rules {
				gone := map[int]bool{}
				for _, one := range c.ClusterPolicies() {
					if one.Kind == p.kind && one.Name == p.name && p.spoil == nil {
						for _, s := range one.Shadows(direction) {
							gone[s.Rule.Index] = true
							tried++
						}
					}
				}
				for i, r := range rules {
					if !gone[i] {
						changed.rules[direction] = append(changed.rules[direction], r)
					}
				}
			}
			out.cluster = append(out.cluster, &changed)
		}
		if tried == before {
			continue
		}
		if change := differs(t, w, &out, netpol.ProfileCommon); change != "" {
			t.Fatalf("seed %d: %s", seed, change)
		}
	}
	if tried < 20 {
		t.Errorf("only %d rules are shadowed", tried)
	}
}

// TestContests finds policies of one priority that contradict each other.
func TestContests(t *testing.T) {
	at := func(name, tier, action, pod string) string {
		return cnp(name, "", fmt.Sprintf("tier: %s, ingress: [{action: %s, from: [{pods: {podSelector: {matchLabels: {pod: %s}}}}]}]", tier, action, pod))
	}
	for _, tt := range []struct{ name, policies, want string }{
		{"they do", at("p", "Admin", "Deny", "a") + at("q", "Admin", "Accept", "a"), "ClusterNetworkPolicy/p ClusterNetworkPolicy/q ingress Deny Accept"},
		{"of pods that nothing tells apart", strings.ReplaceAll(at("p", "Admin", "Deny", "a")+at("q", "Admin", "Accept", "a"), "matchLabels: {pod: a}", ""), "ClusterNetworkPolicy/p ClusterNetworkPolicy/q ingress Deny Accept"},
		{"they agree", at("p", "Admin", "Deny", "a") + at("q", "Admin", "Deny", "a"), ""},
		{"about different pods", at("p", "Admin", "Deny", "a") + at("q", "Admin", "Accept", "c"), ""},
		{"in different tiers", at("p", "Admin", "Pass", "a") + at("q", "Baseline", "Accept", "a"), ""},
		{"what follows is the same all the same", at("p", "Admin", "Pass", "a") + at("q", "Admin", "Accept", "a"), ""},
		{"one of them passes it on to what denies", at("p", "Admin", "Pass", "a") + at("q", "Admin", "Accept", "a") + policy("np", "{podSelector: {}}"), "ClusterNetworkPolicy/p ClusterNetworkPolicy/q ingress Pass Accept"},
	} {
		got := ""
		for _, c := range clusterOf(t, abc()+tt.policies).Contests() {
			got = fmt.Sprint(c.Policies[0], " ", c.Policies[1], " ", c.Direction, " ", c.Says[0], " ", c.Says[1])
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
