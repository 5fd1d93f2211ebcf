package v1alpha1_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/suggest"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestNoNull sees that lists without elements are lists.
func TestNoNull(t *testing.T) {
	report := &v1alpha1.GeneratedPoliciesReport{Workloads: []string{}, Coverage: v1alpha1.Coverage{Gaps: []snapshot.Gap{}, Notes: []string{}}}
	report.SetResult(&generate.Result{Left: []generate.Left{{Reason: "r", Flows: 1}}})
	for _, value := range []any{report, v1alpha1.NewFlowSuggestion(&suggest.Suggestion{Reason: "r"}), v1alpha1.NewFlowSuggestion(&suggest.Suggestion{
		Changes: []suggest.Change{{Path: "spec.ingress[0].from", Policy: &networkingv1.NetworkPolicy{}}}, Opens: []suggest.Opening{{From: "a", To: "b"}},
	})} {
		text, err := json.Marshal(value)
		if err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%v in\n%s", err, text)
		}
	}
}

func TestSuggestionReport(t *testing.T) {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "p"}}
	fresh := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "y", Name: "q"}}
	port := networkingv1.NetworkPolicyPort{EndPort: new(int32(7))}
	got := v1alpha1.NewFlowSuggestion(&suggest.Suggestion{
		Changes: []suggest.Change{
			{Policy: np, Path: "spec.egress[0].ports", Ports: []networkingv1.NetworkPolicyPort{port}, Origin: snapshot.Origin{File: "f", Line: 3}},
			{Policy: np, Path: "spec.ingress[1].ports", Ports: []networkingv1.NetworkPolicyPort{port}},
			{Policy: fresh},
		},
		Opens: []suggest.Opening{{From: "a", To: "b", Pairs: 2, Ports: []netpol.PortRange{{Protocol: corev1.ProtocolTCP, From: 80, To: 80}}, Verdict: netpol.Undefined}},
		Notes: []string{"n"},
	})
	peers, ports := []networkingv1.NetworkPolicyPeer{}, []networkingv1.NetworkPolicyPort{port}
	want := &v1alpha1.FlowSuggestion{
		Objects: []networkingv1.NetworkPolicy{*np, *fresh}, // each once
		Edits: []v1alpha1.FlowEdit{
			{Namespace: "x", Name: "p", Origin: "f:3", Path: "spec.egress[0].ports", Peers: peers, Ports: ports},
			{Namespace: "x", Name: "p", Path: "spec.ingress[1].ports", Peers: peers, Ports: ports},
		},
		Opens: []v1alpha1.FlowOpening{{From: "a", To: "b", Pairs: 2, Ports: []string{"80/TCP"}, Verdict: "Undefined"}},
		Notes: []string{"n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGeneratedReport(t *testing.T) {
	np := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "p"}}
	np.Spec.Egress = []networkingv1.NetworkPolicyEgressRule{{}}
	ends := &netpol.Endpoint{Kind: netpol.PodEndpoint, Namespace: "x", Name: "a"}
	flow := generate.Flow{From: ends, To: ends, Protocol: corev1.ProtocolUDP, Port: 53}
	got := &v1alpha1.GeneratedPoliciesReport{}
	got.SetResult(&generate.Result{
		Policies: []generate.Policy{{Object: np, Reasons: map[string]generate.Reason{"spec.egress[0]": {Flows: 2, Count: 9, DNS: true}}}},
		Flows:    4, Parts: 3, Unproven: 1,
		Beyond:      generate.Beyond{Replicas: 5, Wider: []generate.Opening{{From: "a", To: "b", Ports: flow.Ports(), Pairs: 6}}},
		Unmet:       []generate.Unmet{{Flow: flow, Today: netpol.Allowed, Verdict: netpol.Undefined, Why: "w"}},
		Left:        []generate.Left{{Reason: "r", Flows: 7, Examples: []string{"e"}}},
		Superfluous: []snapshot.Ref{{Namespace: "x", Name: "old"}}, Others: []snapshot.Ref{{Namespace: "x", Name: "wide"}},
	})
	want := &v1alpha1.GeneratedPoliciesReport{
		Policies: []networkingv1.NetworkPolicy{*np},
		Rules:    []v1alpha1.GeneratedRule{{Namespace: "x", Name: "p", Path: "spec.egress[0]", Flows: 2, Seen: 9, DNS: true}},
		Proof: v1alpha1.GeneratedProof{
			Flows: 4, Parts: 3, Unproven: 1, Replicas: 5,
			Wider:    []v1alpha1.FlowOpening{{From: "a", To: "b", Ports: []string{"53/UDP"}, Pairs: 6, Verdict: "Allowed"}},
			Existing: []v1alpha1.FlowOpening{},
		},
		Unmet:       []v1alpha1.UnmetFlow{{From: "pod/x/a", To: "pod/x/a", Port: "53/UDP", Today: "Allowed", Verdict: "Undefined", Why: "w"}},
		Left:        []v1alpha1.LeftFlows{{Reason: "r", Flows: 7, Examples: []string{"e"}}},
		Superfluous: []string{"x/old"}, Others: []string{"x/wide"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
