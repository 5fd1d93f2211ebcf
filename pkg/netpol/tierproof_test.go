package netpol_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// brokenTiers checks what every step through tiers promises.
func brokenTiers(s netpol.Step) []string {
	var broken []string
	promise := func(ok bool, words string) {
		if !ok {
			broken = append(broken, words)
		}
	}
	open := false
	for i, tier := range s.Tiers {
		promise(tier.Tier == netpol.Tiers()[i], "tiers are asked in order")
		decided := tier.Outcome == netpol.Accept || tier.Outcome == netpol.Deny
		promise(i == len(s.Tiers)-1 || !decided, "nothing is asked after a decision")
		open = open || tier.Outcome == netpol.Open
		has := slices.ContainsFunc(s.Policies, func(p netpol.PolicyStep) bool { return p.Policy.Tier == tier.Tier })
		promise(has || tier.Reason != "", "a tier has a reason or policies")
	}
	final := s.Tiers[len(s.Tiers)-1].Outcome
	if !open {
		promise((s.Verdict == netpol.Allowed) == (final != netpol.Deny), "the last tier decides")
	}
	promise(s.Verdict != netpol.Undefined || open || final == netpol.Deny, "what is undefined is left open by a tier, or about the own node")
	for _, p := range s.Policies {
		if p.Policy.Tier == netpol.NetworkPolicyTier {
			broken = append(broken, brokenRules(p)...)
			continue
		}
		for i, r := range p.Rules {
			promise(r.Match != "Yes" || i == len(p.Rules)-1, "nothing is asked after the first match")
			promise(r.Match != "No" || len(r.Misses) > 0 || r.Reason != "", "a rule that does not match says what it misses")
			promise(r.Match == "No" || len(r.Misses) == 0, "a rule that matches misses nothing")
			promise((r.Match == "Maybe") == (r.Verdict == netpol.Undefined), "a rule that may match is undefined")
		}
		promise(len(p.Rules) > 0, "policies without rules are left out")
	}
	return broken
}

// TestTierWalk checks how a walk through all tiers reads.
func TestTierWalk(t *testing.T) {
	c := clusterOf(t, abc()+policy("web", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {pod: c}}}]}]}")+`---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: late}
spec: {tier: Admin, priority: 30, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: same}
spec: {tier: Admin, priority: 20, subject: {namespaces: {}}, ingress: [{action: Accept, from: [{pods: {podSelector: {matchLabels: {pod: nobody}}}}]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: delegate}
spec:
  priority: 20
  subject: {namespaces: {}}
  ingress:
  - {name: no red, action: Deny, from: [{namespaces: {matchLabels: {team: red}}}], ports: [{portNumber: {port: 80}}]}
  - {name: own, action: Pass, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: x}}}]}
  - {action: Deny, from: [{namespaces: {}}]}
`)
	want := `pod/x/a -> pod/x/b 80/TCP: Denied
  egress of pod/x/a: Allowed no tier denies it
    tier Admin: NoMatch no policy has rules for egress of it
    tier NetworkPolicy: NoMatch no policy isolates it for egress
    tier Baseline: NoMatch no policy has rules for egress of it
  ingress of pod/x/b: Denied
    tier Admin: Pass
    tier NetworkPolicy: Deny
    AdminNetworkPolicy delegate: Pass
      spec.ingress[0]: no red Deny No spec.ingress[0].ports[0]
        spec.ingress[0].from[0].namespaces: namespace x: no label team, wants red
      spec.ingress[1]: own Pass Yes spec.ingress[1].from[0]
    ClusterNetworkPolicy same: NoMatch
      spec.ingress[0]: Accept No
        spec.ingress[0].from[0].pods.podSelector: label pod=a, wants nobody
    policy x/web: Denied
      spec.ingress[0]: Denied
        spec.ingress[0].from[0].podSelector: label pod=a, wants c
`
	if diff := cmp.Diff(want, textOf(c.Explain(flowOf(t, c, "x/a", "x/b", "80")))); diff != "" {
		t.Errorf("the walk (-want +got):\n%s", diff)
	}
}
