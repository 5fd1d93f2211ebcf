package lint_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestRedundant(t *testing.T) {
	in := func(name, app, rules string) string {
		return policy(name, "{podSelector: {matchLabels: {app: "+app+"}}, ingress: ["+rules+"]}")
	}
	const (
		fromWeb   = "{from: [{podSelector: {matchLabels: {app: web}}}]}"
		fromFront = "{from: [{podSelector: {matchLabels: {tier: front}}}]}"
		fromAll   = "{from: [{podSelector: {}}]}"
		web80     = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}"
	)
	deny := policy("deny", "{podSelector: {}}")
	runAll(t, []findingsTest{
		{"a narrower rule", input{manifests: shop() + in("p", "api", fromAll+", "+web80)}, []string{"low redundant-rule NetworkPolicy x/p spec.ingress[1]"}, "whatever pods there will be: spec.ingress[0]"},
		{"a narrower rule first", input{manifests: shop() + in("p", "api", web80+", "+fromAll)}, []string{"low redundant-rule NetworkPolicy x/p spec.ingress[0]"}, ""},
		{"equal rules: the last", input{manifests: shop() + in("p", "api", web80+", "+web80)}, []string{"low redundant-rule NetworkPolicy x/p spec.ingress[1]"}, ""},
		{
			"of another policy",
			input{manifests: shop() + policy("all", "{podSelector: {}, ingress: ["+fromAll+"]}") + in("p", "api", "{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}, "+web80)},
			[]string{"low redundant-rule NetworkPolicy x/p spec.ingress[1]"},
			"NetworkPolicy all spec.ingress[0]",
		},
		{"of today's pods", input{manifests: shop() + in("p", "api", fromWeb+", "+fromFront)}, []string{"info redundant-rule NetworkPolicy x/p spec.ingress[1]"}, "between today's pods"},
		{"of pods in manifests", input{manifests: shop() + in("p", "api", fromWeb+", "+fromFront), from: snapshot.FromFiles}, []string{"info redundant-rule NetworkPolicy x/p spec.ingress[1]"}, "between the pods in the input"},
		{"a peer", input{manifests: shop() + in("p", "api", "{from: [{podSelector: {}}, {podSelector: {matchLabels: {app: web}}}]}")}, []string{"low redundant-rule NetworkPolicy x/p spec.ingress[0].from[1]"}, "its other peers"},
		{"a port", input{manifests: shop() + in("p", "api", "{ports: [{port: 80}, {port: 70, endPort: 90}]}")}, []string{"low redundant-rule NetworkPolicy x/p spec.ingress[0].ports[0]"}, "its other ports"},
		{"itself only", input{manifests: shop() + in("p", "web", fromWeb)}, []string{"info redundant-rule NetworkPolicy x/p spec.ingress[0]"}, "from a pod to itself"},
		{"itself only, of manifests", input{manifests: shop() + in("p", "web", fromWeb), from: snapshot.FromFiles}, nil, ""},
		{"nothing", input{manifests: shop() + in("p", "api", web80+", {from: [{podSelector: {matchLabels: {app: database}}}]}")}, nil, ""},
		{"a policy", input{manifests: shop() + deny + policy("deny-again", "{podSelector: {}}")}, []string{"low redundant-policy NetworkPolicy x/deny-again"}, "NetworkPolicy deny isolates the same pods"},
		{"a policy for some pods", input{manifests: shop() + deny + in("p", "api", "")}, []string{"low redundant-policy NetworkPolicy x/p"}, ""},
		{"a policy with the same rule", input{manifests: shop() + in("p", "api", fromWeb) + in("q", "api", fromWeb)}, []string{"low redundant-policy NetworkPolicy x/q"}, ""},
		{"default deny is for pods to come", input{manifests: shop() + in("a", "api", fromWeb) + in("b", "web", fromAll) + in("c", "database", fromAll) + deny}, nil, ""},
		{"the only one that allows", input{manifests: shop() + deny + in("p", "api", fromWeb)}, nil, ""},
		{"the only one that isolates", input{manifests: shop() + in("p", "api", "{}")}, nil, ""},
	}, "redundant-rule", "redundant-policy")
}

func TestOtherEnd(t *testing.T) {
	closed := policy("closed", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}")
	in := func(rules string) string {
		return policy("p", "{podSelector: {matchLabels: {app: api}}, ingress: ["+rules+"]}")
	}
	const web80 = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}"
	runAll(t, []findingsTest{
		{"a rule", input{manifests: shop() + closed + in(web80)}, []string{"medium other-end-denies NetworkPolicy x/p spec.ingress[0]"}, "egress policies at the other end deny all of it, as from pod/x/web to pod/x/api on 80/TCP"},
		{"by which policies", input{manifests: shop() + closed + in(web80)}, []string{"medium other-end-denies NetworkPolicy x/p spec.ingress[0]"}, "policies for egress of pod/x/web: x/closed"},
		{
			"a peer",
			input{manifests: shop() + closed + in("{from: [{podSelector: {matchLabels: {app: database}}}, {podSelector: {matchLabels: {app: web}}}]}")},
			[]string{"low other-end-denies NetworkPolicy x/p spec.ingress[0].from[1]"},
			"the peer opens nothing",
		},
		{
			"egress",
			input{manifests: shop() + in("") + policy("q", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]}")},
			[]string{"medium other-end-denies NetworkPolicy x/q spec.egress[0]"},
			"ingress policies at the other end deny",
		},
		{"one source may", input{manifests: shop() + closed + in("{from: [{podSelector: {}}]}")}, nil, ""},
		{"policies unread", input{manifests: shop() + closed + in(web80), gaps: []snapshot.Gap{gap("networking.k8s.io", "networkpolicies", "other")}}, nil, ""},
		{"manifests", input{manifests: shop() + closed + in(web80), from: snapshot.FromFiles}, []string{"low other-end-denies NetworkPolicy x/p spec.ingress[0]"}, "in the input"},
	}, "other-end-denies")
	both := shop() + service("x", "api", "app: api", "{port: 80, targetPort: 8000}") + in(web80) +
		policy("q", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8000}]}]}")
	runAll(t, []findingsTest{
		{"a Service's port says why", input{manifests: both}, []string{"high service-port NetworkPolicy x/p spec.ingress[0].ports[0]", "medium other-end-denies NetworkPolicy x/q spec.egress[0]"}, ""},
	}, "other-end-denies", "service-port")
}
