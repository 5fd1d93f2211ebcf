package lint_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// three is a namespace of three pods, one of them of the host's network.
func three() string {
	return namespace("x", "") + pod("x", "a", "app: a", "10.0.0.1", "") + pod("x", "b", "app: b", "10.0.0.2", "") + host(pod("x", "h", "app: h", "192.168.0.1", ""))
}

func TestUnprotected(t *testing.T) {
	deny := func(selector, types string) string {
		return policy("p", "{podSelector: {"+selector+"}, policyTypes: ["+types+"]}")
	}
	system := namespace("kube-system", "") + pod("kube-system", "a", "", "10.0.0.1", "")
	runAll(t, []findingsTest{
		{"no policy", input{manifests: three()}, []string{"medium unprotected Namespace x"}, "2 of 2 pods are open for ingress and egress: no policy isolates Pod/a, Pod/b"},
		{"ingress of some", input{manifests: three() + deny("matchLabels: {app: a}", "Ingress")}, []string{"medium unprotected Namespace x", "low unprotected Namespace x"}, "1 of 2 pods is open for ingress: no policy isolates Pod/b"},
		{"ingress of all", input{manifests: three() + deny("", "Ingress")}, []string{"low unprotected Namespace x"}, "2 of 2 pods are open for egress"},
		{"both of all", input{manifests: three() + deny("", "Ingress, Egress")}, nil, ""},
		{"the host's network only", input{manifests: three() + deny("matchLabels: {app: h}", "Ingress")}, []string{"medium unprotected Namespace x"}, ""},
		{"Kubernetes' own", input{manifests: system}, []string{"info unprotected Namespace kube-system"}, ""},
		{"no pods", input{manifests: namespace("x", "")}, nil, ""},
		{"cluster-wide policies unread", input{manifests: three(), gaps: []snapshot.Gap{gap("policy.networking.k8s.io", "clusternetworkpolicies", "")}}, nil, ""},
		{"policies unread", input{manifests: three(), gaps: []snapshot.Gap{gap("networking.k8s.io", "networkpolicies", "")}}, nil, ""},
		{"manifests", input{manifests: three(), from: snapshot.FromFiles}, []string{"low unprotected Namespace x"}, "no policy in the input isolates"},
		{"refused", input{manifests: three() + policy("p", "{podSelector: {}, policyTypes: [ingress]}")}, []string{"medium unprotected Namespace x"}, ""},
	}, "unprotected")
}

func TestNoDefaultDeny(t *testing.T) {
	each := func(types string) string {
		return policy("pa", "{podSelector: {matchLabels: {app: a}}, policyTypes: ["+types+"]}") + policy("pb", "{podSelector: {matchLabels: {app: b}}, policyTypes: ["+types+"]}")
	}
	runAll(t, []findingsTest{
		{"each by its own", input{manifests: three() + each("Ingress")}, []string{"low no-default-deny Namespace x"}, "policyTypes [Ingress]"},
		{"egress", input{manifests: three() + each("Egress")}, []string{"info no-default-deny Namespace x"}, "policyTypes [Egress]"},
		{"by default", input{manifests: three() + each("Ingress") + policy("deny", "{podSelector: {}}")}, nil, ""},
		{"by default, with a rule", input{manifests: three() + policy("deny", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}")}, nil, ""},
		{"all allowed by default", input{manifests: three() + policy("deny", "{podSelector: {}, ingress: [{}]}")}, []string{"low no-default-deny Namespace x"}, ""},
		{"some open: that is said otherwise", input{manifests: three() + policy("pa", "{podSelector: {matchLabels: {app: a}}}")}, nil, ""},
		{"manifests", input{manifests: three() + each("Ingress"), from: snapshot.FromFiles}, []string{"info no-default-deny Namespace x"}, ""},
	}, "no-default-deny")
}

func TestCoverage(t *testing.T) {
	in := input{
		manifests: three() + namespace("z", "") + policy("p", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}") + policy("q", "{podSelector: {}}"),
		gaps:      []snapshot.Gap{gap("", "pods", "z")},
	}
	want := []lint.Namespace{
		{Name: "x", Policies: 2, Pods: 2, HostNetwork: 1, Ingress: lint.Coverage{Isolated: 2, DefaultDeny: true}, Egress: lint.Coverage{Isolated: 1}},
		{Name: "z", Incomplete: true},
	}
	if diff := cmp.Diff(want, lint.Run(in.cluster(t), lint.Options{}).Namespaces); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	if got := lint.Run(in.cluster(t), lint.Options{Namespace: "z"}).Namespaces; len(got) != 1 || got[0].Name != "z" {
		t.Errorf("of one namespace: %v", got)
	}
}

func TestPolicyTypes(t *testing.T) {
	runAll(t, []findingsTest{
		{"ingress rules that do not count", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Egress], ingress: [{}], egress: [{}]}")}, []string{"medium policy-types NetworkPolicy x/p spec.ingress"}, "add Ingress to policyTypes"},
		{"egress rules that do not count", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Ingress], egress: [{}]}")}, []string{"medium policy-types NetworkPolicy x/p spec.egress"}, "counts for nothing"},
		{"ingress is isolated by the way", input{manifests: shop() + policy("p", "{podSelector: {}, egress: [{}]}")}, []string{"medium policy-types NetworkPolicy x/p spec.policyTypes"}, "it isolates ingress too"},
		{"egress is not isolated", input{manifests: shop() + policy("p", "{podSelector: {}, egress: []}")}, []string{"medium policy-types NetworkPolicy x/p spec.policyTypes"}, "the pods may still send everywhere"},
		{"both written down", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{}]}")}, nil, ""},
		{"both with rules", input{manifests: shop() + policy("p", "{podSelector: {}, ingress: [{}], egress: [{}]}")}, nil, ""},
		{"ingress only", input{manifests: shop() + policy("p", "{podSelector: {}, ingress: [{}]}")}, nil, ""},
		{"one that selects nothing", input{manifests: shop() + policy("p", "{podSelector: {matchLabels: {app: ghost}}, egress: []}")}, []string{"medium policy-types NetworkPolicy x/p spec.policyTypes"}, ""},
	}, "policy-types")
}

func TestAllowsAll(t *testing.T) {
	runAll(t, []findingsTest{
		{"ingress", input{manifests: shop() + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}, {}]}")}, []string{"info allows-all NetworkPolicy x/p spec.ingress[1]"}, "every source"},
		{"egress", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")}, []string{"info allows-all NetworkPolicy x/p spec.egress[0]"}, "may reach everything"},
		{"a rule that does not count", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}")}, nil, ""},
	}, "allows-all")
}

func TestKinds(t *testing.T) {
	custom := func(apiVersion, kind string) string {
		return "---\napiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: c, namespace: x}\nspec: {}\n"
	}
	runAll(t, []findingsTest{
		{"Cilium's", input{manifests: custom("cilium.io/v2", "CiliumNetworkPolicy")}, []string{"info not-evaluated CiliumNetworkPolicy x/c"}, "what is said of other policies may be different"},
		{"one that nobody knows", input{manifests: custom("example.org/v1", "FancyNetworkPolicy")}, []string{"info not-evaluated FancyNetworkPolicy x/c"}, ""},
		{"no policy", input{manifests: custom("example.org/v1", "Widget")}, nil, ""},
		{"refused", input{manifests: policy("p", "{podSelector: {}, ingress: [{from: [{}]}]}")}, []string{"high refused NetworkPolicy x/p spec.ingress[0].from[0]"}, "it names no peer"},
	}, "not-evaluated", "refused")
}

func TestProfile(t *testing.T) {
	in := input{manifests: three() + policy("p", "{podSelector: {}}"), profile: netpol.ProfileSpec}
	want := lint.Coverage{Isolated: 2, DefaultDeny: true}
	if got := lint.Run(in.cluster(t), lint.Options{}).Namespaces[0]; got.Ingress != want || got.HostNetwork != 1 {
		t.Errorf("pods of the host's network count as others: %+v", got)
	}
}
