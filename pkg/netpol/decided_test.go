package netpol_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestWhole checks how far the policies of pod b close it.
func TestWhole(t *testing.T) {
	closed, all := policy("np", "{podSelector: {matchLabels: {pod: b}}}"), policy("np", "{podSelector: {}, ingress: [{}]}")
	rule := func(tier, rules string) string { return cnp("p", "", "tier: "+tier+", ingress: ["+rules+"]") }
	const everyone = "from: [{namespaces: {}}]"
	for _, tt := range []struct {
		name, policies string
		want           netpol.Whole
	}{
		{"nothing", "", netpol.NotLimited},
		{"a NetworkPolicy", closed, netpol.Isolated},
		{"one that allows all", all, netpol.Isolated},
		{"rules for the other direction", cnp("p", "", "tier: Admin, egress: [{action: Deny, to: [{namespaces: {}}]}]"), netpol.NotLimited},
		{"the Admin tier denies", rule("Admin", "{action: Deny, "+everyone+"}"), netpol.DeniedByTiers},
		{"the Baseline denies", rule("Baseline", "{action: Deny, "+everyone+"}"), netpol.DeniedByTiers},
		{"which NetworkPolicies overrule", all + rule("Baseline", "{action: Deny, "+everyone+"}"), netpol.Isolated},
		{"with an exception", rule("Baseline", "{action: Accept, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: x}}}]}, {action: Deny, "+everyone+"}"), netpol.DeniedByTiers},
		{"some ports", rule("Admin", "{action: Deny, "+everyone+", protocols: [{tcp: {destinationPort: {number: 22}}}]}"), netpol.LimitedByTiers},
		{"some sources", rule("Admin", "{action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: other}}}]}"), netpol.LimitedByTiers},
		{"sources of which it is not known whether they are", rule("Admin", "{action: Deny, from: [{namespaces: {matchLabels: {team: red}}}]}"), netpol.LimitedByTiers},
		{"it accepts, which nothing would deny", rule("Admin", "{action: Accept, "+everyone+"}"), netpol.NotLimited},
		{"it accepts what NetworkPolicies deny", closed + rule("Admin", "{action: Accept, "+everyone+"}"), netpol.Overruled},
		{"it accepts some ports of it", closed + rule("Admin", "{action: Accept, "+everyone+", protocols: [{tcp: {destinationPort: {number: 22}}}]}"), netpol.Isolated},
		{"it accepts what is not denied before", closed + rule("Admin", "{action: Deny, "+everyone+", protocols: [{udp: {destinationPort: {number: 22}}}]}, {action: Accept, "+everyone+"}"), netpol.Isolated},
		{"it passes all on", rule("Admin", "{action: Pass, "+everyone+"}"), netpol.NotLimited},
	} {
		c := clusterOf(t, abc()+tt.policies)
		if got := c.Whole(c.Pod("x", "b"), netpol.Ingress); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestWholeOfUnread checks that nothing is called open, or closed, by policies
// that could not be read.
func TestWholeOfUnread(t *testing.T) {
	for _, tt := range []struct {
		policies string
		want     netpol.Whole
	}{
		{"", netpol.NotKnown},
		{policy("np", "{podSelector: {}}"), netpol.Isolated},
		{cnp("p", "", "tier: Baseline, ingress: [{action: Deny, from: [{namespaces: {}}]}]"), netpol.NotKnown},
	} {
		b := snapshot.NewBuilder()
		for object := range snapshotOf(t, abc()+tt.policies).All() {
			b.Add(object)
		}
		b.Gap(snapshot.Gap{Group: "policy.networking.k8s.io", Resource: "adminnetworkpolicies", Reason: snapshot.Forbidden})
		s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
		if err != nil {
			t.Fatal(err)
		}
		c := netpol.NewCluster(s, netpol.ProfileCommon)
		if got := c.Whole(c.Pod("x", "b"), netpol.Ingress); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.policies, got, tt.want)
		}
	}
}

// TestDecided names what decides each end of a flow.
func TestDecided(t *testing.T) {
	deny := func(name, tier string) string {
		return cnp(name, "", "tier: "+tier+", ingress: [{action: Deny, from: [{pods: {podSelector: {matchLabels: {pod: nobody}}}}]}, {action: Deny, from: [{namespaces: {}}]}]")
	}
	closed := policy("np", "{podSelector: {matchLabels: {pod: b}}}")
	for _, tt := range []struct {
		name, policies string
		tier           netpol.Tier
		by, rule       string
	}{
		{"nothing", "", "", "", ""},
		{"NetworkPolicies alone", closed, "", "", ""},
		{"a NetworkPolicy", closed + deny("p", "Baseline"), netpol.NetworkPolicyTier, "", ""},
		{"the Baseline", deny("p", "Baseline"), netpol.BaselineTier, "ClusterNetworkPolicy/p", "spec.ingress[1]"},
		{"the Admin tier", closed + deny("p", "Admin"), netpol.AdminTier, "ClusterNetworkPolicy/p", "spec.ingress[1]"},
		{"left open", deny("p", "Admin") + cnp("q", "", "tier: Admin, ingress: [{action: Accept, from: [{namespaces: {}}]}]"), "", "", ""},
		{"it passes", cnp("p", "", "tier: Admin, ingress: [{action: Pass, from: [{namespaces: {}}]}]"), "", "", ""},
	} {
		c := clusterOf(t, abc()+tt.policies)
		step := c.Explain(flowOf(t, c, "x/a", "x/b", "80")).Steps[1]
		by, rule := step.Decider()
		name := ""
		if by != nil {
			name = by.String()
		}
		if step.Decided() != tt.tier || name != tt.by || rule.Path != tt.rule {
			t.Errorf("%s: %q by %s %s", tt.name, step.Decided(), name, rule.Path)
		}
	}
	if got := clusterOf(t, abc()+closed).Policies()[0].String(); got != "x/np" {
		t.Errorf("a NetworkPolicy is %s", got)
	}
}
