package generate_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// cnp writes a ClusterNetworkPolicy about all pods.
func cnp(tier, rules string) string {
	return "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: tenants}, spec: {tier: " + tier + ", priority: 3, subject: {namespaces: {}}, " + rules + "}}\n---\n"
}

const (
	denyIn   = "ingress: [{action: Deny, from: [{namespaces: {}}]}]"
	acceptIn = "ingress: [{action: Accept, from: [{namespaces: {}}]}]"
)

func three() string {
	return pod("x/a", "10.0.0.1", "") + pod("x/b", "10.0.0.2", "") + pod("x/c", "10.0.0.3", "")
}

// TestFlowsUnderTiers generates policies where cluster-wide ones decide, too.
func TestFlowsUnderTiers(t *testing.T) {
	ingress := generate.Options{Directions: []netpol.Direction{netpol.Ingress}}
	rule := "x/a-allow [Ingress] app=a:\nx/b-allow [Ingress] app=b: from app=a on 80/TCP;\nx/c-allow [Ingress] app=c:\n"
	tests := []struct {
		name, tiers, policies string
		left                  []string
		wider, notes          int
	}{
		{"none", "", rule, nil, 0, 0},
		{"the Admin tier denies", cnp("Admin", denyIn), "x/a-allow [Ingress] app=a:\nx/b-allow [Ingress] app=b:\nx/c-allow [Ingress] app=c:\n", []string{"cluster-wide policies deny it before NetworkPolicies are asked"}, 0, 0},
		{"the Baseline does, which the new policy overrules", cnp("Baseline", denyIn), rule, nil, 0, 0},
		{"the Admin tier accepts what no rule is for", cnp("Admin", acceptIn), rule, nil, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := generated(t, three()+tt.tiers, ingress, "x/a x/b 80")
			if diff := cmp.Diff(tt.policies, textOf(r)); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}
			var left []string
			for _, l := range r.Left {
				left = append(left, l.Reason)
			}
			notes := 0
			for _, n := range r.Notes {
				if strings.HasPrefix(n, "cluster-wide policies accept more") {
					notes++
				}
			}
			if !slices.Equal(left, tt.left) || len(r.Beyond.Wider) != tt.wider || notes != tt.notes || len(r.Unmet) > 0 {
				t.Errorf("left %q, wider %v, notes %q, unmet %v", left, r.Beyond.Wider, r.Notes, r.Unmet)
			}
		})
	}
}

// TestUnmetUnderTiers names the policy that denies.
func TestUnmetUnderTiers(t *testing.T) {
	r := generated(t, three()+pod("z/other", "10.0.1.1", "")+cnp("Baseline", denyIn), generate.Options{Directions: []netpol.Direction{netpol.Egress}, NoDNS: true}, "x/a z/other 80")
	want := "ingress of pod/z/other is denied by ClusterNetworkPolicy tenants (spec.ingress[0])"
	if len(r.Unmet) != 1 || r.Unmet[0].Why != want {
		t.Errorf("%+v, want %q", r.Unmet, want)
	}
}

// TestPresentUnderTiers takes from what is open what a rule of any tier names.
func TestPresentUnderTiers(t *testing.T) {
	egress := []netpol.Direction{netpol.Egress}
	const within = "pod/x/a to pod/x/b on 80/TCP"
	tests := []struct {
		name, tiers string
		want        []string
		free        int
	}{
		{"none", "", []string{within}, 1},
		{"the outside is denied but for one place", cnp("Baseline", "egress: [{action: Accept, to: [{networks: [203.0.113.0/24]}], protocols: [{tcp: {destinationPort: {number: 443}}}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]"), []string{"pod/x/a to 203.0.113.0/24 on 443/TCP"}, 0},
		{"pods are denied only", cnp("Admin", "egress: [{action: Deny, to: [{namespaces: {}}]}]"), nil, 1},
		{"a part of it is accepted, which the rest is, too", cnp("Admin", "egress: [{action: Accept, to: [{networks: [0.0.0.0/0]}], protocols: [{tcp: {destinationPort: {range: {start: 1, end: 10}}}}]}]"), []string{within}, 1},
		{"the outside is accepted", cnp("Admin", "egress: [{action: Accept, to: [{networks: [0.0.0.0/0]}]}]"), []string{"pod/x/a to 0.0.0.0/0 on */TCP", "pod/x/a to 0.0.0.0/0 on */UDP", "pod/x/a to 0.0.0.0/0 on */SCTP", within}, 0},
	}
	for _, tt := range tests {
		c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/b", "10.0.0.2", "")+tt.tiers)
		d := draft.New(c)
		today, err := generate.Present(c, d, d.Units("x")[:1], egress, false)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range today.Flows {
			got = append(got, today.Flows[i].String())
		}
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) || len(today.Free) != tt.free {
			t.Errorf("%s: %q, %d free", tt.name, got, len(today.Free))
		}
	}
}

// TestKeepsWhatIsOpenUnderTiers generates policies of what is open in random
// clusters with cluster-wide policies: all of it stays open, and what is said
// of each flow holds in the cluster with the policies.
func TestKeepsWhatIsOpenUnderTiers(t *testing.T) {
	flows := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 11))
		b := snapshot.NewBuilder()
		for _, o := range slices.Concat(testkit.Workloads(r), testkit.Tiers(r)) {
			b.Add(o)
		}
		c := clusterOf(t, b)
		d := draft.New(c)
		subjects, _ := generate.Selectable(d, slices.DeleteFunc(d.Units(""), func(u *draft.Unit) bool { return u.Namespace == "kube-system" }))
		today, err := generate.Present(c, d, subjects, both(), true)
		if err != nil {
			t.Fatal(err)
		}
		result, err := generate.Generate(c, d, today.Flows, generate.Options{Subjects: subjects, Directions: both(), NoDNS: true, Replace: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Unmet) > 0 {
			t.Fatalf("seed %d: %s: %s", seed, &result.Unmet[0].Flow, result.Unmet[0].Why)
		}
		flows += result.Flows
	}
	if flows < 500 {
		t.Errorf("only %d flows", flows)
	}
}
