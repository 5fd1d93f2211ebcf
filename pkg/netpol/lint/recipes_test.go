package lint_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// recipes are policies as tutorials have them, each with all that is to be
// said of it: nothing, or what its author should know.
func recipes() []findingsTest {
	toDNS := "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}"
	return []findingsTest{
		{name: "deny all to an app", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: []}")}},
		{name: "deny all of a namespace", input: input{manifests: policy("p", "{podSelector: {}, ingress: []}")}},
		{name: "deny all of a namespace by types", input: input{manifests: policy("p", "{podSelector: {}, policyTypes: [Ingress]}")}},
		{
			name: "allow all to an app", input: input{manifests: policy("deny", "{podSelector: {}, policyTypes: [Ingress]}") + policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{}]}")},
			want: []string{"info allows-all NetworkPolicy x/p spec.ingress[0]"},
		},
		{
			name: "allow all, empty from", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: []}]}")},
			want: []string{"info allows-all NetworkPolicy x/p spec.ingress[0]"},
		},
		{name: "limit to an app", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}")}},
		{name: "deny from other namespaces (case 30)", input: input{manifests: policy("p", "{podSelector: {matchLabels: {}}, ingress: [{from: [{podSelector: {}}]}]}")}},
		{name: "allow from all namespaces", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {}}]}]}")}},
		{name: "allow from a namespace by a label", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}")}},
		{name: "allow from a namespace by its name", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]}")}},
		{name: "allow from some pods of a namespace", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: client}}}]}]}")}},
		{name: "allow from outside", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}")}},
		{name: "allow a port only", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 9090}], from: [{podSelector: {matchLabels: {app: web}}}]}]}")}},
		{name: "allow several apps", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: database}}, ingress: [{from: [{podSelector: {matchLabels: {app: web, tier: front}}}, {podSelector: {matchLabels: {app: api}}}]}]}")}},
		{name: "all but one (case 33)", input: input{manifests: policy("p", "{podSelector: {matchExpressions: [{key: track, operator: NotIn, values: [canary]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: track, operator: DoesNotExist}]}}]}]}")}},
		{
			name: "deny egress of an app", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: []}")},
			want: []string{"info dns-blocked Namespace x"},
		},
		{name: "deny egress but DNS", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: ["+toDNS+"]}")}},
		{name: "deny egress but port 53", input: input{manifests: policy("p", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]}")}},
		{name: "deny egress out of the cluster", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}, {to: [{namespaceSelector: {}}]}]}")}},
		{
			name: "deny all, both ways", input: input{manifests: policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")},
			want: []string{"info dns-blocked Namespace x"},
		},
		{name: "allow the internet only", input: input{manifests: policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: ["+toDNS+", {to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}}]}]}")}},
	}
}

// TestRecipes finds nothing in what tutorials teach but what is so.
func TestRecipes(t *testing.T) {
	tests := recipes()
	for i := range tests {
		tests[i].input.manifests = shop() + tests[i].input.manifests
	}
	var checks []string
	for _, c := range lint.Checks() {
		if c.Name != "unprotected" && c.Name != "no-default-deny" {
			checks = append(checks, c.Name)
		}
	}
	runAll(t, tests, checks...)
}

// TestRecipesAlone lints the policies without any pod or namespace: nothing
// can be said of what they select.
func TestRecipesAlone(t *testing.T) {
	for _, tt := range recipes() {
		t.Run(tt.name, func(t *testing.T) {
			tt.input.from = snapshot.FromFiles
			result := lint.Run(tt.input.cluster(t), lint.Options{})
			if len(result.Findings) > 0 {
				t.Errorf("found %q", lines(result.Findings))
			}
			if diff := cmp.Diff("the input holds no pods and no workloads: what policies select is not checked", result.Notes[0]); diff != "" {
				t.Errorf("note (-want +got):\n%s", diff)
			}
		})
	}
}
