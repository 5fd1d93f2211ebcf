package diff

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// cnp writes a ClusterNetworkPolicy for all pods.
func cnp(name, tier, rules string) string {
	return fmt.Sprintf("---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: %s}\nspec: {priority: 1, tier: %s, subject: {namespaces: {}}, ingress: [%s]}\n", name, tier, rules)
}

func rule(action string) string { return "{name: r, action: " + action + ", from: [{namespaces: {}}]}" }

// What causes say of cluster-wide policies: those of changes to pod api.
func TestTierCauses(t *testing.T) {
	allow, deny := np("p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {}}]}]}"), np("p", "{podSelector: {matchLabels: {app: api}}}")
	other := np("q", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")
	baseline := cnp("base", "Baseline", rule("Deny"))
	tests := []struct {
		name, before, after, want string
	}{
		{"the Admin tier denies", allow, allow + cnp("adm", "Admin", rule("Deny")), "ingress: ClusterNetworkPolicy/adm, spec.ingress[0] (r) denies it before NetworkPolicies are asked"},
		{"it accepts", deny, deny + cnp("adm", "Admin", rule("Accept")), "ingress: ClusterNetworkPolicy/adm, spec.ingress[0] (r) accepts it before NetworkPolicies are asked"},
		{"it denies no more", cnp("adm", "Admin", rule("Deny")), cnp("adm", "Admin", rule("Pass")), "ingress: ClusterNetworkPolicy/adm, spec.ingress[0] denied it before"},
		{"it is gone", allow + cnp("adm", "Admin", rule("Deny")), allow, "ingress: ClusterNetworkPolicy/adm is gone, whose spec.ingress[0] denied it"},
		{"it accepts no more", deny + cnp("adm", "Admin", rule("Accept")), deny, "ingress: ClusterNetworkPolicy/adm is gone, whose spec.ingress[0] accepted it"},
		{"the Baseline denies", "", baseline, "ingress: ClusterNetworkPolicy/base, spec.ingress[0] (r) denies it, as no NetworkPolicy isolates the destination"},
		{"it is back", allow + baseline, baseline, "ingress: shop/p no more lets it pass by spec.ingress[0], so that ClusterNetworkPolicy/base denies it"},
		{"a NetworkPolicy comes before it", baseline, baseline + allow, "ingress: shop/p, spec.ingress[0] lets it pass"},
		{"a NetworkPolicy denies what it accepts", cnp("base", "Baseline", rule("Accept")), cnp("base", "Baseline", rule("Accept")) + deny, "ingress: shop/p isolates the destination and has no rules"},
		{"a NetworkPolicy denies no more", cnp("base", "Baseline", rule("Accept")) + deny, cnp("base", "Baseline", rule("Accept")), "ingress: shop/p no more isolates the destination"},
		{"it is gone, too", baseline + other, other, "ingress: ClusterNetworkPolicy/base is gone, whose spec.ingress[0] denied it"},
		{"left open", allow, allow + cnp("adm", "Admin", rule("Deny")) + cnp("bdm", "Admin", rule("Accept")), "ingress: what cluster-wide policies say of the destination is left open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range compare(t, &Options{}, shop+tt.before, shop+tt.after).report().Changes {
				for _, p := range c.Ports {
					for _, cause := range p.Causes[:min(1, len(p.Causes))] {
						cause.Origin = ""
						got = append(got, phrase(cause))
					}
				}
			}
			if !slices.Contains(got, tt.want) {
				t.Errorf("%q, want %q", slices.Compact(got), tt.want)
			}
		})
	}
}

// Cluster-wide policies that differ are listed, of every kind.
func TestClusterPolicies(t *testing.T) {
	baseline := "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec: {subject: {namespaces: {}}}\n"
	tests := []struct {
		name, before, after string
		want                []string
	}{
		{"added", "", cnp("a", "Admin", rule("Deny")) + baseline, []string{"Added ClusterNetworkPolicy a", "Added BaselineAdminNetworkPolicy default"}},
		{"removed", cnp("a", "Admin", rule("Deny")), "", []string{"Removed ClusterNetworkPolicy a"}},
		{"another action", cnp("a", "Admin", rule("Deny")), cnp("a", "Admin", rule("Pass")), []string{"Changed ClusterNetworkPolicy a"}},
		{"another tier", cnp("a", "Admin", rule("Deny")), cnp("a", "Baseline", rule("Deny")), []string{"Changed ClusterNetworkPolicy a"}},
		{"the same in other words", cnp("a", "Admin", rule("Deny")), cnp("a", "Admin", rule("Deny")+"], egress: ["), nil},
		{"refused", cnp("a", "Admin", rule("Deny")), cnp("a", "Admin", rule("Drop")), []string{"Changed ClusterNetworkPolicy a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range compare(t, &Options{}, shop+tt.before, shop+tt.after).report().Policies {
				got = append(got, p.Change+" "+p.Kind+" "+policyName(p))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What denied an observed flow before, and what would come closest to letting
// it pass.
func TestTierBlockers(t *testing.T) {
	c := compare(t, &Options{}, shop, shop+np("p", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 1}]}]}")+cnp("adm", "Admin", rule("Deny")))
	e := c.after.Explain(flowOf(c))
	causes := blockers(e)
	if len(causes) != 1 || causes[0].Policy != "ClusterNetworkPolicy/adm" || nearest(e) != "" {
		t.Errorf("%+v, nearest %q", causes, nearest(e))
	}
}

// What is new is limited by cluster-wide policies too.
func TestAddedUnderTiers(t *testing.T) {
	fresh := "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop}\nspec: {nodeName: n1, containers: [{name: c, image: i}]}\n"
	for want, policies := range map[string]string{
		"policies limit it for ingress only":     cnp("base", "Baseline", rule("Deny")),
		"no policy limits it, everything passes": np("p", "{podSelector: {}}") + cnp("adm", "Admin", rule("Accept")),
	} {
		r := compare(t, &Options{}, shop, shop+fresh+policies).report()
		if len(r.Added) != 1 || isolation(r.Added[0]) != want {
			t.Errorf("%+v, want %q", r.Added, want)
		}
	}
}

// flowOf is from web to api.
func flowOf(c *comparison) netpol.Flow {
	return netpol.Flow{From: c.after.Pod("shop", "web"), To: c.after.Pod("shop", "api"), Protocol: "TCP", Port: 80}
}
