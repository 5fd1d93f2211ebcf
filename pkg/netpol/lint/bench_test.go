package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
)

// BenchmarkRun lints 1,000 policies of 10,000 pods in 100 namespaces.
func BenchmarkRun(b *testing.B) {
	var text strings.Builder
	text.WriteString(dns())
	for n := range 100 {
		ns := fmt.Sprint("ns-", n)
		text.WriteString(namespace(ns, "team: t"+fmt.Sprint(n%7)))
		for i := range 100 {
			text.WriteString(pod(ns, fmt.Sprint("p-", i), fmt.Sprintf("app: a%d, zone: z%d", i/10, i%3), fmt.Sprintf("10.%d.%d.%d", 1+n/50, n%50, i), "{name: http, containerPort: 8080}"))
		}
		for i := range 10 {
			spec := fmt.Sprintf("{podSelector: {matchLabels: {app: a%d}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {matchLabels: {app: a%d}}}, {namespaceSelector: {matchLabels: {team: t%d}}}], ports: [{port: http}, {port: %d}]}], "+
				"egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}, {to: [{ipBlock: {cidr: 203.0.%d.0/24}}]}]}", i, (i+1)%10, i%7, 8000+i, n)
			text.WriteString(strings.Replace(policy(fmt.Sprint("np-", i), spec), "namespace: x", "namespace: "+ns, 1))
		}
	}
	c := input{manifests: text.String()}.cluster(b)
	findings := 0
	for b.Loop() {
		findings = len(lint.Run(c, lint.Options{}).Findings)
	}
	b.ReportMetric(float64(findings), "findings")
}
