package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// cnp writes a ClusterNetworkPolicy about all pods.
func cnp(name, tier, rules string) string {
	return fmt.Sprintf("---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: %s}\nspec: {tier: %s, priority: 3, subject: {namespaces: {}}, %s}\n", name, tier, rules)
}

const (
	denyIn    = "ingress: [{action: Deny, from: [{namespaces: {}}]}]"
	acceptIn  = "ingress: [{action: Accept, from: [{namespaces: {}}]}]"
	denyOut   = "egress: [{action: Deny, to: [{namespaces: {}}, {networks: [0.0.0.0/0, '::/0']}]}]"
	acceptDNS = "egress: [{action: Accept, to: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}}], protocols: [{udp: {destinationPort: {number: 53}}}, {tcp: {destinationPort: {number: 53}}}]}, "
)

func unreadTiers() []snapshot.Gap {
	return []snapshot.Gap{gap("policy.networking.k8s.io", "adminnetworkpolicies", "")}
}

func TestUnprotectedUnderTiers(t *testing.T) {
	isolated := policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
	runAll(t, []findingsTest{
		{"the Baseline denies ingress", input{manifests: three() + cnp("p", "Baseline", denyIn)}, []string{"low unprotected Namespace x", "info unprotected Namespace x"}, "2 of 2 pods are open for egress: no policy isolates"},
		{"both directions", input{manifests: three() + cnp("p", "Baseline", denyIn+", "+denyOut)}, []string{"info unprotected Namespace x"}, "2 pods are closed for ingress by cluster-wide policies alone, which are about pods: addresses outside and nodes reach Pod/a, Pod/b"},
		{"some connections only", input{manifests: three() + cnp("p", "Admin", "ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: red}}}]}]")}, []string{"medium unprotected Namespace x"}, "no policy isolates Pod/a, Pod/b, and cluster-wide policies deny some connections only"},
		{"some of one of them only", input{manifests: three() + cnp("p", "Admin", "ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: ghost}]}]")}, []string{"medium unprotected Namespace x"}, ""},
		{"in vain", input{manifests: three() + isolated + cnp("p", "Admin", acceptIn)}, []string{"medium overruled-isolation Namespace x"}, "NetworkPolicies isolate 2 pods for ingress in vain: ClusterNetworkPolicy p accepts what is from or to any pod, before they are asked"},
		{"of manifests", input{manifests: three() + isolated + cnp("p", "Admin", acceptIn), from: snapshot.FromFiles}, []string{"low overruled-isolation Namespace x"}, ""},
		{"unread", input{manifests: three(), gaps: unreadTiers()}, nil, ""},
		{"unread, isolated", input{manifests: three() + isolated, gaps: unreadTiers()}, nil, ""},
	}, "unprotected", "overruled-isolation")
}

func TestDefaultDenyUnderTiers(t *testing.T) {
	each := policy("pa", "{podSelector: {matchLabels: {app: a}}}") + policy("pb", "{podSelector: {matchLabels: {app: b}}}")
	runAll(t, []findingsTest{
		{"without", input{manifests: three() + each}, []string{"low no-default-deny Namespace x"}, ""},
		{"the Baseline closes new pods", input{manifests: three() + each + cnp("p", "Baseline", denyIn)}, nil, ""},
		{"unread", input{manifests: three() + each, gaps: unreadTiers()}, nil, ""},
	}, "no-default-deny")
}

func TestCoverageUnderTiers(t *testing.T) {
	closed := policy("p", "{podSelector: {matchLabels: {app: a}}}")
	for _, tt := range []struct {
		name, policies string
		want           lint.Coverage
	}{
		{"the Baseline", closed + cnp("c", "Baseline", denyIn), lint.Coverage{Isolated: 1, ByTiers: 1}},
		{"the Admin tier accepts all", policy("p", "{podSelector: {}}") + cnp("c", "Admin", acceptIn), lint.Coverage{}},
		{"it denies some", policy("p", "{podSelector: {}}") + cnp("c", "Admin", "ingress: [{action: Deny, from: [{namespaces: {matchLabels: {a: b}}}]}]"), lint.Coverage{Isolated: 2, DefaultDeny: true}},
	} {
		got := lint.Run(input{manifests: three() + tt.policies}.cluster(t), lint.Options{}).Namespaces[0].Ingress
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	unread := lint.Run(input{manifests: three(), gaps: unreadTiers()}.cluster(t), lint.Options{})
	if !unread.Namespaces[0].Incomplete || !strings.Contains(strings.Join(unread.Notes, "\n"), "cluster-wide policies could not all be read") {
		t.Errorf("%+v, %q", unread.Namespaces, unread.Notes)
	}
}

func TestDNSUnderTiers(t *testing.T) {
	except := strings.TrimSuffix(acceptDNS, ", ") + "]"
	allow := policy("p", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}")
	runAll(t, []findingsTest{
		{"the Baseline denies all", input{manifests: shop() + cnp("c", "Baseline", denyOut)}, []string{"info dns-blocked Namespace kube-system", "info dns-blocked Namespace other", "info dns-blocked Namespace x"}, "may send nothing"},
		{"but DNS", input{manifests: shop() + cnp("c", "Baseline", acceptDNS+strings.TrimPrefix(denyOut, "egress: ["))}, nil, ""},
		{
			"the Admin tier denies what NetworkPolicies allow",
			input{manifests: shop() + allow + cnp("c", "Admin", strings.Replace(denyOut, "action: Deny", "action: Deny, protocols: [{udp: {destinationPort: {number: 53}}}]", 1))},
			[]string{"medium dns-blocked Namespace kube-system", "medium dns-blocked Namespace other", "medium dns-blocked Namespace x"},
			"accept it in ClusterNetworkPolicy c, which denies it before NetworkPolicies are asked",
		},
		{"the Admin tier accepts what they deny", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Egress]}") + cnp("c", "Admin", except)}, nil, ""},
		{"it does not tell where it is", input{manifests: three() + policy("p", "{podSelector: {}, policyTypes: [Egress]}") + cnp("c", "Admin", except)}, nil, ""},
		{"unread", input{manifests: shop() + policy("p", "{podSelector: {}, policyTypes: [Egress]}"), gaps: unreadTiers()}, []string{"info dns-blocked Namespace x"}, "it is not known"},
	}, "dns-blocked")
}

// TestOtherEndUnderTiers checks rules that the other end's NetworkPolicies
// deny.
func TestOtherEndUnderTiers(t *testing.T) {
	manifests := shop() + policy("out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]}") + policy("in", "{podSelector: {matchLabels: {app: api}}}")
	denied := []string{"medium other-end-denies NetworkPolicy x/out spec.egress[0]"}
	runAll(t, []findingsTest{
		{"without", input{manifests: manifests}, denied, ""},
		{"the Admin tier accepts it there", input{manifests: manifests + cnp("c", "Admin", acceptIn)}, nil, ""},
		{"the Baseline would", input{manifests: manifests + cnp("c", "Baseline", acceptIn)}, denied, ""},
		{"unread", input{manifests: manifests, gaps: unreadTiers()}, nil, ""},
	}, "other-end-denies")
}

func TestClusterPolicyChecks(t *testing.T) {
	nobody := strings.Replace(cnp("c", "Admin", denyIn), "subject: {namespaces: {}}", "subject: {namespaces: {matchLabels: {team: none}}}", 1)
	two := "ingress: [{action: Deny, from: [{namespaces: {}}]}, {action: Accept, from: [{namespaces: {matchLabels: {team: blue}}}]}]"
	runAll(t, []findingsTest{
		{"no subject", input{manifests: shop() + nobody}, []string{"low selects-nothing ClusterNetworkPolicy c spec.subject"}, ""},
		{"in manifests", input{manifests: shop() + nobody, from: snapshot.FromFiles}, nil, ""},
		{"no peer", input{manifests: shop() + cnp("c", "Admin", "ingress: [{action: Deny, from: [{namespaces: {}}, {namespaces: {matchLabels: {team: none}}}]}]")}, []string{"low peer-selects-nothing ClusterNetworkPolicy c spec.ingress[0].from[1]"}, ""},
		{"shadowed", input{manifests: shop() + cnp("c", "Admin", two)}, []string{"medium shadowed-rule ClusterNetworkPolicy c spec.ingress[1]"}, "move the rule before spec.ingress[0], or remove it"},
		{"shadowed by the same", input{manifests: shop() + cnp("c", "Admin", strings.Replace(two, "Accept", "Deny", 1))}, []string{"low shadowed-rule ClusterNetworkPolicy c spec.ingress[1]"}, "remove the rule"},
		{"a contest", input{manifests: shop() + cnp("c", "Admin", denyIn) + cnp("d", "Admin", acceptIn)}, []string{"medium equal-priorities ClusterNetworkPolicy c spec.priority"}, "c says Deny, d says Accept"},
		{"refused", input{manifests: shop() + cnp("c", "Admin", strings.Replace(denyIn, "Deny", "Drop", 1)), from: snapshot.FromFiles}, []string{"high refused ClusterNetworkPolicy c spec.ingress[0].action"}, ""},
		{"fine", input{manifests: shop() + cnp("c", "Admin", denyIn)}, nil, ""},
	}, "selects-nothing", "peer-selects-nothing", "shadowed-rule", "equal-priorities", "refused")
}
