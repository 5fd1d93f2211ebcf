package netpol_test

import (
	"fmt"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// cut returns the world without the parts and policies.
func (w *world) cut(parts []netpol.Part, policies ...*netpol.Policy) *world {
	out := *w
	out.policies = nil
	for _, np := range w.policies {
		np = np.DeepCopy()
		own := func(p *netpol.Policy) bool { return p.Namespace == np.Namespace && p.Name == np.Name }
		if slices.ContainsFunc(policies, own) {
			continue
		}
		for _, d := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
			var mine []netpol.Part
			for _, p := range parts {
				if own(p.Policy) && p.Direction == d {
					mine = append(mine, p)
				}
			}
			cutRules(np, d, mine)
		}
		out.policies = append(out.policies, np)
	}
	return &out
}

// cutRules keeps the types of the policy: rules may leave it, isolation stays.
func cutRules(np *networkingv1.NetworkPolicy, d netpol.Direction, parts []netpol.Part) {
	if len(np.Spec.PolicyTypes) == 0 {
		np.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(np.Spec.Egress) > 0 {
			np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	gone := func(rule, peer, port int) bool {
		return slices.ContainsFunc(parts, func(p netpol.Part) bool { return p.Rule == rule && p.Peer == peer && p.Port == port })
	}
	if d == netpol.Ingress {
		rules := np.Spec.Ingress
		np.Spec.Ingress = nil
		for i, r := range rules {
			if !gone(i, -1, -1) {
				r.From = keep(r.From, func(at int) bool { return !gone(i, at, -1) })
				r.Ports = keep(r.Ports, func(at int) bool { return !gone(i, -1, at) })
				np.Spec.Ingress = append(np.Spec.Ingress, r)
			}
		}
		return
	}
	rules := np.Spec.Egress
	np.Spec.Egress = nil
	for i, r := range rules {
		if !gone(i, -1, -1) {
			r.To = keep(r.To, func(at int) bool { return !gone(i, at, -1) })
			r.Ports = keep(r.Ports, func(at int) bool { return !gone(i, -1, at) })
			np.Spec.Egress = append(np.Spec.Egress, r)
		}
	}
}

func keep[T any](list []T, wanted func(int) bool) []T {
	var kept []T
	for i, one := range list {
		if wanted(i) {
			kept = append(kept, one)
		}
	}
	return kept
}

// blur takes away what the input may lack.
func (d dice) blur(w *world) *world {
	for _, p := range w.pods {
		if d.oneIn(8) {
			p.Spec.NodeName = ""
		}
		if d.oneIn(8) {
			p.Status.PodIPs = nil
		}
	}
	if d.oneIn(4) {
		w.namespaces = w.namespaces[1:]
	}
	return w
}

// differs reports whether any flow between the endpoints of two clusters, and
// to and from all addresses, has another verdict.
func differs(t *testing.T, before, after *world, profile netpol.Profile) string {
	t.Helper()
	for _, family := range []netpol.Family{netpol.AnyFamily, netpol.IPv4, netpol.IPv6} {
		options := netpol.MatrixOptions{Family: family}
		diff := before.engine(t, profile).Matrix(options).Diff(after.engine(t, profile).Matrix(options))
		for change := range diff.Changes() {
			for from, to := range change.Pairs() {
				return fmt.Sprintf("%s -> %s (family %d): %v", from, to, family, change.Ports)
			}
		}
	}
	return ""
}

// partsOf lists all rules of the policies that select anything, and the peers
// and ports of those that have several.
func partsOf(c *netpol.Cluster) []netpol.Part {
	var parts []netpol.Part
	inspector := c.Inspect()
	for _, p := range c.Policies() {
		if len(inspector.Selected(p)) == 0 {
			continue
		}
		for _, d := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
			for _, r := range p.Rules(d) {
				if !p.Isolates(d) {
					continue
				}
				parts = append(parts, netpol.Part{Policy: p, Direction: d, Rule: r.Index, Peer: -1, Port: -1})
				for i := range r.Peers {
					parts = append(parts, netpol.Part{Policy: p, Direction: d, Rule: r.Index, Peer: i, Port: -1})
				}
				for i := range r.Ports {
					parts = append(parts, netpol.Part{Policy: p, Direction: d, Rule: r.Index, Peer: -1, Port: i})
				}
			}
		}
	}
	return parts
}

// TestSurplusAgainstMatrix holds what is said to make no difference against
// all verdicts: all of it may go together, and nothing of what is left.
func TestSurplusAgainstMatrix(t *testing.T) {
	effects, necessary, tiers := map[netpol.Effect]int{}, 0, 0
	for seed := range uint64(200) {
		d := newDice(seed)
		w := d.world()
		if seed%2 == 1 {
			w = d.blur(w)
		}
		profile := netpol.Profiles()[seed/2%2]
		c := w.engine(t, profile)
		surplus, policies := c.Inspect().Surplus()
		var parts []netpol.Part
		for _, s := range surplus {
			parts = append(parts, s.Part)
			effects[s.Effect]++
		}
		var gone []*netpol.Policy
		for _, p := range policies {
			gone = append(gone, p.Policy)
			effects["policy "+p.Effect]++
		}
		if change := differs(t, w, w.cut(parts, gone...), profile); change != "" {
			t.Fatalf("seed %d: without %v and %v: %s", seed, surplus, policies, change)
		}
		if len(w.cluster) > 0 {
			tiers++
			continue // what they overrule is not said
		}
		left := w.cut(parts)
		rest := partsOf(left.engine(t, profile))
		for _, p := range rest {
			rule := p.Policy.Rules(p.Direction)[p.Rule]
			if p.Peer >= 0 && len(rule.Peers) == 1 || p.Port >= 0 && len(rule.Ports) == 1 || !countsFor(c, p.Policy, profile) {
				continue
			}
			if necessary++; differs(t, left, left.cut([]netpol.Part{p}), profile) == "" {
				t.Fatalf("seed %d: %s %s/%s %s makes no difference, which is not said", seed, rule, p.Policy.Namespace, p.Policy.Name, p.Path())
			}
		}
	}
	t.Logf("%v, %d necessary, %d clusters with cluster-wide policies", effects, necessary, tiers)
	if tiers == 0 {
		t.Error("no cluster has cluster-wide policies")
	}
	for _, effect := range []netpol.Effect{netpol.Shadowed, netpol.Covered, netpol.Unmet, netpol.Idle, "policy shadowed", "policy covered"} {
		if effects[effect] == 0 {
			t.Errorf("nothing is %s: the test says nothing of that", effect)
		}
	}
}

// countsFor reports whether policies decide about anything that the policy
// selects.
func countsFor(c *netpol.Cluster, p *netpol.Policy, profile netpol.Profile) bool {
	inspector := c.Inspect()
	for _, own := range c.Policies() {
		if own.Namespace == p.Namespace && own.Name == p.Name {
			return slices.ContainsFunc(inspector.Selected(own), func(e *netpol.Endpoint) bool {
				return profile == netpol.ProfileSpec || !e.HostNetwork
			})
		}
	}
	return false
}

// TestShadowedWhateverEndpoints holds what is said of words against clusters
// of other endpoints and namespaces.
func TestShadowedWhateverEndpoints(t *testing.T) {
	tried := 0
	for seed := range uint64(60) {
		d := newDice(seed)
		w := d.world()
		surplus, policies := w.engine(t, netpol.ProfileCommon).Inspect().Surplus()
		var parts []netpol.Part
		for _, s := range surplus {
			if s.Effect == netpol.Shadowed {
				parts = append(parts, s.Part)
			}
		}
		var gone []*netpol.Policy
		for _, p := range policies {
			if p.Effect == netpol.Shadowed {
				gone = append(gone, p.Policy)
			}
		}
		if len(parts)+len(gone) == 0 {
			continue
		}
		for range 4 {
			other := d.blur(d.world())
			other.policies = w.policies
			tried++
			if change := differs(t, other, other.cut(parts, gone...), netpol.ProfileCommon); change != "" {
				t.Fatalf("seed %d: without %v and %v: %s", seed, parts, gone, change)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d clusters were tried", tried)
	}
}

// TestCovers compares two rules by their words: the second is shadowed, or not.
func TestCovers(t *testing.T) {
	selector := func(expression string) string {
		return "from: [{podSelector: {matchExpressions: [" + expression + "]}}]"
	}
	block := func(text string) string { return "from: [{ipBlock: {" + text + "}}]" }
	for _, tt := range []struct {
		name, first, second string
		want                bool
	}{
		{"equal", block("cidr: 10.0.0.0/16"), block("cidr: 10.0.0.0/16"), true},
		{"a part", block("cidr: 10.0.0.0/16"), block("cidr: 10.0.0.0/24"), true},
		{"more", block("cidr: 10.0.0.0/24"), block("cidr: 10.0.0.0/16"), false},
		{"other families", block("cidr: 0.0.0.0/0"), block("cidr: '::/0'"), false},
		{"within an exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.1.0/25"), false},
		{"around an exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.0.0/23"), false},
		{"beside an exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.2.0/24"), true},
		{"with the same exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.0.0/23, except: [10.0.1.0/24]"), true},
		{"with a larger exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.0.0/22, except: [10.0.0.0/23]"), true},
		{"with a smaller exception", block("cidr: 10.0.0.0/16, except: [10.0.1.0/24]"), block("cidr: 10.0.0.0/23, except: [10.0.1.0/25]"), false},
		{"fewer values", selector("{key: a, operator: In, values: [b, c]}"), selector("{key: a, operator: In, values: [c]}"), true},
		{"more values", selector("{key: a, operator: In, values: [b]}"), selector("{key: a, operator: In, values: [b, c]}"), false},
		{"any value", selector("{key: a, operator: Exists}"), selector("{key: a, operator: In, values: [c]}"), true},
		{"any value, the other way", selector("{key: a, operator: In, values: [c]}"), selector("{key: a, operator: Exists}"), false},
		{"not a value", selector("{key: a, operator: NotIn, values: [b]}"), selector("{key: a, operator: In, values: [c]}"), true},
		{"that value", selector("{key: a, operator: NotIn, values: [b]}"), selector("{key: a, operator: In, values: [b]}"), false},
		{"no label", selector("{key: a, operator: NotIn, values: [b]}"), selector("{key: a, operator: DoesNotExist}"), true},
		{"no label, the other way", selector("{key: a, operator: DoesNotExist}"), selector("{key: a, operator: NotIn, values: [b]}"), false},
		{"more excluded", selector("{key: a, operator: NotIn, values: [b]}"), selector("{key: a, operator: NotIn, values: [b, c]}"), true},
		{"less excluded", selector("{key: a, operator: NotIn, values: [b, c]}"), selector("{key: a, operator: NotIn, values: [b]}"), false},
		{"another key", selector("{key: a, operator: Exists}"), selector("{key: b, operator: Exists}"), false},
		{"existing, not existing", selector("{key: a, operator: Exists}"), selector("{key: a, operator: DoesNotExist}"), false},
		{"one requirement more", selector("{key: a, operator: Exists}"), selector("{key: b, operator: Exists}, {key: a, operator: Exists}"), true},
		{"the own namespace", "from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}]", "from: [{podSelector: {}}]", true},
		{"any namespace", "from: [{namespaceSelector: {}}]", "from: [{podSelector: {matchLabels: {a: b}}}]", true},
		{"any namespace, the other way", "from: [{podSelector: {}}]", "from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}]", false},
		{"everybody", "ports: [{port: 80}]", block("cidr: 10.0.0.0/16") + ", ports: [{port: 80}]", true},
		{"not everybody", "from: [{namespaceSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]", "ports: [{port: 80}]", false},
		{"a range", "ports: [{port: 70, endPort: 90}]", "ports: [{port: 80}]", true},
		{"from below", "ports: [{port: 80, endPort: 90}]", "ports: [{port: 70, endPort: 85}]", false},
		{"to above", "ports: [{port: 80, endPort: 90}]", "ports: [{port: 85, endPort: 95}]", false},
		{"all of a protocol", "ports: [{protocol: TCP}]", "ports: [{port: http}]", true},
		{"a number for a name", "ports: [{port: 80}]", "ports: [{port: http}]", false},
		{"a name for a number", "ports: [{port: http}]", "ports: [{port: 80}]", false},
		{"another protocol", "ports: [{protocol: UDP}]", "ports: [{port: 80}]", false},
		{"all protocols one by one", "ports: [{protocol: TCP}, {protocol: UDP}, {protocol: SCTP}]", "from: [{podSelector: {}}]", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clusterOf(t, abc()+policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{"+tt.first+"}, {"+tt.second+"}]}"))
			surplus, _ := c.Inspect().Surplus()
			got := slices.ContainsFunc(surplus, func(s netpol.Surplus) bool { return s.Path() == "spec.ingress[1]" && s.Effect == netpol.Shadowed })
			if got != tt.want {
				t.Errorf("the second is shadowed: %v in %+v", got, surplus)
			}
		})
	}
}

// TestSurplusUnderTiers checks what cluster-wide policies make of rules that
// would be surplus without them.
func TestSurplusUnderTiers(t *testing.T) {
	manifests := abc() + policy("out", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {pod: b}}}]}]}") +
		policy("in", "{podSelector: {matchLabels: {pod: b}}}")
	tier := func(tier, action, from string) string {
		return cnp("p", "", fmt.Sprintf("tier: %s, ingress: [{action: %s, from: [{pods: {podSelector: {matchLabels: {pod: %s}}}}]}]", tier, action, from))
	}
	for _, tt := range []struct {
		name, tiers string
		want        []netpol.Effect
	}{
		{"without", "", []netpol.Effect{netpol.Unmet}},
		{"the other end accepts it before its policies are asked", tier("Admin", "Accept", "a"), nil},
		{"it accepts something else", tier("Admin", "Accept", "c"), []netpol.Effect{netpol.Unmet}},
		{"it denies it", tier("Admin", "Deny", "a"), []netpol.Effect{netpol.Unmet}},
		{"it leaves it to its policies", tier("Admin", "Pass", "a"), []netpol.Effect{netpol.Unmet}},
		{"it would accept it after them", tier("Baseline", "Accept", "a"), []netpol.Effect{netpol.Unmet}},
	} {
		surplus, _ := clusterOf(t, manifests+tt.tiers).Inspect().Surplus()
		var got []netpol.Effect
		for _, s := range surplus {
			got = append(got, s.Effect)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestSurplusPolicyKeepsBaselineOff checks that a policy which allows nothing
// more than others stays where it alone keeps the Baseline tier from deciding.
func TestSurplusPolicyKeepsBaselineOff(t *testing.T) {
	baseline := cnp("p", "", "tier: Baseline, ingress: [{action: Deny, from: [{namespaces: {}}]}]")
	all := policy("all", "{podSelector: {}, ingress: [{}]}")
	for _, tt := range []struct {
		name, policies string
		want           int
	}{
		{"alone it allows all", all, 0},
		{"another selects the same", all + policy("most", "{podSelector: {}, ingress: [{}]}"), 1},
		{"another selects less", all + policy("most", "{podSelector: {matchLabels: {pod: a}}, ingress: [{}]}"), 1},
		{"another is for the other direction", all + policy("out", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}"), 0},
	} {
		_, policies := clusterOf(t, abc()+tt.policies+baseline).Inspect().Surplus()
		if len(policies) != tt.want || len(policies) == 1 && policies[0].Policy.Name != "most" {
			t.Errorf("%s: %v", tt.name, policies)
		}
	}
}
