package netpol_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func TestUnsettled(t *testing.T) {
	template := "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w, namespace: x}\nspec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: i}]}}}\n"
	ingress := func(cidr string) string {
		return policy("p", fmt.Sprintf("{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: {cidr: %s}}]}]}", cidr))
	}
	tied := func(action string) string {
		from := "from: [{pods: {podSelector: {matchLabels: {pod: a}}}}]"
		return cnp("p", "", "tier: Admin, ingress: [{action: "+action+", "+from+"}]") + cnp("q", "", "tier: Admin, ingress: [{action: Deny, "+from+"}]")
	}
	tests := []struct {
		name          string
		before, after string
		want          string
	}{
		{"another policy decides, and it is open both times", abc() + template + ingress("10.0.0.0/9"), abc() + template + ingress("10.0.0.0/10"), "1 x/Deployment/w pod/x/a"},
		{"the same policy leaves it open", abc() + template + ingress("10.0.0.0/9"), abc() + template + ingress("10.0.0.0/9"), "0 <nil> <nil>"},
		{"a policy about others", abc() + template + ingress("10.0.0.0/9"), abc() + template + ingress("10.0.0.0/9") + policy("q", "{podSelector: {matchLabels: {pod: b}}}"), "0 <nil> <nil>"},
		{"nothing is open", abc() + ingress("10.0.0.0/9"), abc() + ingress("10.0.0.0/10"), "0 <nil> <nil>"},
		{"it was open before only", abc() + template + ingress("10.0.0.0/9"), abc() + template + policy("p", "{podSelector: {matchLabels: {pod: a}}}"), "0 <nil> <nil>"},
		{"another cluster-wide policy, and it is open both times", abc() + tied("Accept"), abc() + tied("Pass"), "2 pod/x/a pod/x/b"},
		{"the same cluster-wide policies leave it open", abc() + tied("Accept"), abc() + tied("Accept"), "0 <nil> <nil>"},
		{"another cluster-wide policy without rules", abc() + tied("Accept"), abc() + tied("Accept") + cnp("r", "", "tier: Admin"), "0 <nil> <nil>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff := clusterOf(t, tt.before).Matrix(netpol.MatrixOptions{}).Diff(clusterOf(t, tt.after).Matrix(netpol.MatrixOptions{}))
			pairs, from, to := diff.Unsettled()
			if got := fmt.Sprint(pairs, " ", from, " ", to); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
