package netpol_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// TestExplainPorts holds that a proof is never said of ports for which another
// clause decides: each step is asked about again, port by port.
func TestExplainPorts(t *testing.T) {
	const ends = `
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: a}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: x, labels: {app: b}}, spec: {nodeName: n2, containers: [{name: c}]}, status: {podIP: 10.0.0.2}}
---
`
	policy := func(name, app, kind, rules string) string {
		return fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: x}, spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [%s], %s}}\n---\n", name, app, kind, rules)
	}
	tests := []struct {
		name, manifests string
		ports           netpol.PortRange
		want            string
	}{
		{"nothing decides", ends, netpol.PortRange{Protocol: "TCP", From: 1, To: 65535}, "*/TCP Allowed Allowed"},
		{"one port", ends + policy("p", "b", "Ingress", ""), netpol.PortRange{Protocol: "TCP", From: 80, To: 80}, "80/TCP Allowed Denied"},
		{"denied alike", ends + policy("p", "b", "Ingress", "ingress: [{ports: [{port: 80}]}]"), netpol.PortRange{Protocol: "TCP", From: 81, To: 65535}, "81-65535/TCP Allowed Denied"},
		{"one end lets some pass", ends + policy("e", "a", "Egress", "") + policy("i", "b", "Ingress", "ingress: [{ports: [{port: 5000, endPort: 6000}]}]"), netpol.PortRange{Protocol: "TCP", From: 1, To: 65535}, "5000-6000/TCP Denied Allowed"},
		{"one end, in two rules", ends + policy("e", "a", "Egress", "") + policy("i", "b", "Ingress", "ingress: [{ports: [{port: 80}]}, {ports: [{port: 81}]}]"), netpol.PortRange{Protocol: "TCP", From: 1, To: 65535}, "80/TCP Denied Allowed"},
		{"allowed by two rules", ends + policy("i", "b", "Ingress", "ingress: [{ports: [{port: 80}]}, {ports: [{port: 81}]}]"), netpol.PortRange{Protocol: "TCP", From: 80, To: 81}, "80/TCP Allowed Allowed"},
		{"allowed by one rule, another tells ports apart", ends + policy("i", "b", "Ingress", "ingress: [{}, {from: [{podSelector: {matchLabels: {app: z}}}], ports: [{port: 80}]}]"), netpol.PortRange{Protocol: "TCP", From: 1, To: 65535}, "*/TCP Allowed Allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clusterOf(t, tt.manifests)
			f := netpol.Flow{From: c.Pod("x", "a"), To: c.Pod("x", "b"), Protocol: corev1.ProtocolUDP, Port: 7}
			e := c.ExplainPorts(f, tt.ports)
			if got := fmt.Sprint(e.Flow.Ports(), " ", e.Steps[0].Verdict, " ", e.Steps[1].Verdict); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for port := e.Flow.Ports().From; port <= min(e.Flow.Ports().To, e.Flow.Ports().From+100); port++ {
				one := netpol.Flow{From: f.From, To: f.To, Protocol: corev1.ProtocolTCP, Port: port}
				for i, step := range c.Explain(one).Steps {
					if step.Verdict != e.Steps[i].Verdict {
						t.Fatalf("%s of port %d is %s, and %s is said", step.Direction, port, step.Verdict, e.Steps[i].Verdict)
					}
				}
			}
		})
	}
}
