package generate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
)

func TestGenerated(t *testing.T) {
	a, b := pod("x/a", "10.0.0.1", ""), pod("x/b", "10.0.0.2", "")
	dns := pod("kube-system/dns", "10.0.0.9", "") + object("Service", "kube-system", "kube-dns", "{selector: {app: dns}, ports: [{name: u, port: 53, protocol: UDP, targetPort: 5353}, {name: t, port: 53, targetPort: 5353}]}")
	tests := []struct {
		name, manifests string
		options         generate.Options
		flows           []string
		want            string
	}{
		{
			"both ends of a flow", a + b,
			generate.Options{NoDNS: true},
			[]string{"a b 80", "a b 443", "a b 80"},
			"x/a-allow [Ingress Egress] app=a: to app=b on 80/TCP, 443/TCP;\nx/b-allow [Ingress Egress] app=b: from app=a on 80/TCP, 443/TCP;\n",
		},
		{
			"one direction", a + b,
			generate.Options{Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"a b 80"},
			"x/a-allow [Ingress] app=a:\nx/b-allow [Ingress] app=b: from app=a on 80/TCP;\n",
		},
		{
			"another namespace and outside", a + pod("y2/c", "10.0.0.3", ""),
			generate.Options{NoDNS: true},
			[]string{"y2/c a 80", "a 203.0.113.7 443", "203.0.113.200 a 80"},
			"x/a-allow [Ingress Egress] app=a: from app=c in y2, 203.0.113.200/32 on 80/TCP; to 203.0.113.7/32 on 443/TCP;\n",
		},
		{
			"widened addresses", a,
			generate.Options{NoDNS: true, Bits4: 24},
			[]string{"a 203.0.113.7 443", "a 203.0.113.200 443", "a 198.51.100.1 443"},
			"x/a-allow [Ingress Egress] app=a: to 198.51.100.0/24, 203.0.113.0/24 on 443/TCP;\n",
		},
		{
			"names, at the port of the servers", a + dns,
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to app=dns in kube-system on 5353/TCP, 5353/UDP;\n",
		},
		{
			"names, where the servers are not known", a,
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to k8s-app=kube-dns in kube-system on 53/TCP, 53/UDP;\n",
		},
		{
			"names, by a cache on the node", a + dns + object("DaemonSet", "kube-system", "node-local-dns", "{selector: {matchLabels: {k8s-app: node-local-dns}}, template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true}}}"),
			generate.Options{},
			nil,
			"x/a-allow [Ingress Egress] app=a: to app=dns in kube-system on 5353/TCP, 5353/UDP; to 169.254.20.10/32 on 53/TCP, 53/UDP;\n",
		},
		{
			"nothing for what the own node sends", a + node("n1", "192.168.0.1") + node("n2", "192.168.0.2"),
			generate.Options{NoDNS: true},
			[]string{"node/n1 a 80", "node/n2 a 80"},
			"x/a-allow [Ingress Egress] app=a: from 192.168.0.2/32 on 80/TCP;\n",
		},
		{
			"pods of the host's network by address", a + node("n2", "192.168.0.2") + strings.ReplaceAll(pod("y2/h", "192.168.0.2", host), "n1", "n2"),
			generate.Options{NoDNS: true},
			[]string{"a y2/h 9100"},
			"x/a-allow [Ingress Egress] app=a: to 192.168.0.2/32 on 9100/TCP;\n",
		},
		{
			"names, not of the replica on the host's network", pod("x/s-0", "10.0.0.1", "") + pod("x/s-1", "10.0.0.2", host) + dns,
			generate.Options{},
			nil,
			"x/s-allow [Ingress Egress] app=s: to app=dns in kube-system on 5353/TCP, 5353/UDP;\n",
		},
		{
			"kinds where names are the same", a + pod("x/a-0", "10.0.0.5", ""),
			generate.Options{NoDNS: true},
			nil,
			"x/a-pod-allow [Ingress Egress] app=a:\nx/a-statefulset-allow [Ingress Egress] app=a:\n",
		},
		{
			"replicas of one workload", pod("x/s-0", "10.0.0.1", "") + pod("x/s-1", "10.0.0.2", ""),
			generate.Options{NoDNS: true},
			[]string{"s-0 s-1 80"},
			"x/s-allow [Ingress Egress] app=s: from app=s on 80/TCP; to app=s on 80/TCP;\n",
		},
		{
			"whole namespaces where that is allowed", pod("x/a", "10.0.0.1", "") + b + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.4", "") + pod("z2/e", "10.0.0.5", ""),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "y2/c a 443", "b a 443"},
			"x/a-allow [Ingress] app=a: from app=b, app=c in y2 on 443/TCP; from <none> in y2 on 80/TCP;\nx/b-allow [Ingress] app=b:\n",
		},
		{
			"no whole namespace for a replica on the host's network",
			pod("x/a", "10.0.0.1", "") + node("n1", "192.168.0.1") + node("n2", "192.168.0.2") + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.5", "") +
				pod("y2/m-0", "10.0.0.4", "") + strings.ReplaceAll(pod("y2/m-1", "192.168.0.2", host), "n1", "n2"),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "y2/m-1 a 80"},
			"x/a-allow [Ingress] app=a: from app=c in y2, app=d in y2, 192.168.0.2/32 on 80/TCP;\n",
		},
		{
			"all namespaces", pod("x/a", "10.0.0.1", "") + pod("y2/c", "10.0.0.3", "") + pod("y2/d", "10.0.0.4", "") + pod("z2/e", "10.0.0.5", "") + pod("z2/f", "10.0.0.6", ""),
			generate.Options{NoDNS: true, Fold: true, Directions: []netpol.Direction{netpol.Ingress}},
			[]string{"y2/c a 80", "y2/d a 80", "z2/e a 80", "z2/f a 80"},
			"x/a-allow [Ingress] app=a: from <none> in <none> on 80/TCP;\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := generated(t, tt.manifests, tt.options, tt.flows...)
			if diff := cmp.Diff(tt.want, textOf(r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(r.Unmet) > 0 || r.Unproven > 0 || len(r.Left) > 0 {
				t.Errorf("unmet %+v, %d parts unproven, left %+v", r.Unmet, r.Unproven, r.Left)
			}
		})
	}
}
