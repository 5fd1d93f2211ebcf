package diff

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// shop is a web that sends to an API, and a database of several pods.
const shop = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {phase: Running, podIPs: [{ip: 10.0.0.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {phase: Running, podIPs: [{ip: 10.0.0.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db, role: primary}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}]}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {phase: Running, podIPs: [{ip: 10.0.0.3}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-1, namespace: shop, labels: {app: db}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}]}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {phase: Running, podIPs: [{ip: 10.0.0.4}]}
`

func np(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: shop}\nspec: %s\n", name, spec)
}

func TestObserve(t *testing.T) {
	denyAPI := np("api", "{podSelector: {matchLabels: {app: api}}}")
	denyReplicas := np("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}")
	template := "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new, namespace: shop}\nspec: {selector: {matchLabels: {app: new}}, template: {metadata: {labels: {app: new}}, spec: {containers: [{name: c, image: i}]}}}\n"
	block := np("api", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
	tests := []struct {
		name, before, after string
		flow                string // CSV
		want                string
	}{
		{"kept", "", "", "shop/web,shop/api,80", "kept 1"},
		{"cut", "", denyAPI, "shop/web,shop/api,80", "Cut Allowed Denied: ingress: shop/api isolates the destination and has no rules"},
		{"by address", "", denyAPI, "10.0.0.1,10.0.0.2,80", "Cut Allowed Denied: ingress: shop/api isolates the destination and has no rules"},
		{"from outside", "", denyAPI, "192.0.2.1,shop/api,80", "Cut Allowed Denied: ingress: shop/api isolates the destination and has no rules"},
		{"denied both times", denyAPI, denyAPI, "shop/web,shop/api,80", "Denied Denied Denied: ingress: shop/api isolates the destination and has no rules"},
		{"opened", denyAPI, "", "shop/web,shop/api,80", "kept 1"},
		{
			"the nearest rule", "", denyReplicas, "shop/web,shop/sts/db,5432",
			"Cut Allowed Denied: ingress: shop/db isolates the destination, and no rule lets it pass; nearest rule: spec.ingress[0].from[0].podSelector of shop/db: label app=web, wants api",
		},
		{
			"one of several pods is cut", "", np("p", "{podSelector: {matchLabels: {role: primary}}}"), "shop/web,shop/sts/db,5432",
			"Cut Allowed Denied: ingress: shop/p isolates the destination and has no rules",
		},
		{
			"pods that were closed before were not meant", np("p", "{podSelector: {matchLabels: {role: primary}}}"), np("p", "{podSelector: {matchLabels: {role: primary}}}"),
			"shop/web,shop/sts/db,5432", "kept 1",
		},
		{
			"nobody knows", template, template + block, "shop/deploy/new,shop/api,80",
			"MayBeCut Allowed Undefined: ingress: shop/api isolates the destination, and no rule lets it pass; shop/Deployment/new has no address yet: whether it is in 10.0.0.0/8 is not known",
		},
		{"it is new", "", template, "shop/deploy/new,shop/api,80", "Unknown  : before: there is no deployment new in namespace shop"},
		{"it is gone", template, "", "shop/deploy/new,shop/api,80", "Unknown  : there is no deployment new in namespace shop"},
		{"a pod of long ago", "", denyAPI, "10.0.0.9,shop/web,80", "Unknown  : 10.0.0.9 is near the addresses of pods: it may have been one that is gone"},
		{
			"and what would cut it", "", denyAPI, "10.0.0.9,shop/api,80",
			"Cut Allowed Denied: ingress: shop/api isolates the destination and has no rules; 10.0.0.9 is near the addresses of pods: it may have been one that is gone",
		},
		{
			"a range of which a part is cut", np("w", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}"),
			np("w", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/25}}]}]}"),
			"shop/web,192.0.2.0/24,443",
			"Cut Allowed Denied: egress: shop/w, spec.egress[0] let it pass before; nearest rule: spec.egress[0].to[0].ipBlock of shop/w: 192.0.2.128 is not in 192.0.2.0/25",
		},
		{
			"a range of which only the state before knows parts", np("w", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.128/25}}]}]}"),
			np("w", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}"),
			"shop/web,192.0.2.0/24,443",
			"Cut Allowed Denied: egress: shop/w, spec.egress[0] let it pass before",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, err := observed.Parse(strings.NewReader("from,to,port\n"+tt.flow), observed.Auto)
			if err != nil || len(log.Flows) != 1 {
				t.Fatal(err, log)
			}
			c := compare(t, &Options{namespace: "default"}, shop+tt.before, shop+tt.after)
			c.report()
			o := c.observe(log)
			got := fmt.Sprintf("kept %d", o.Kept)
			for _, f := range o.Results {
				got = fmt.Sprintf("%s %s %s: %s", f.Outcome, f.Before, f.After, strings.Join(reasons(f), "; "))
			}
			got = regexp.MustCompile(` \(in\.yaml:\d+\)`).ReplaceAllString(got, "")
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if o.Kept+o.Cut+o.MayBeCut+o.Denied+o.Unknown != 1 || o.Flows != 1 {
				t.Errorf("it is not counted once: %+v", o)
			}
		})
	}
}

// A client that comes through a node port may be seen by its own address or by
// the node's.
func TestMaskedFlows(t *testing.T) {
	const line = "tcp 6 9 ESTABLISHED src=192.0.2.7 dst=172.16.0.1 sport=50447 dport=30000 src=10.0.0.2 dst=172.16.0.9 sport=80 dport=13174 [ASSURED]"
	from := func(cidr string) string {
		return np("api", fmt.Sprintf("{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr: %s}}]}]}", cidr))
	}
	for after, want := range map[string]string{from("192.0.2.0/24"): mayBeCut, from("172.16.0.0/16"): mayBeCut, from("203.0.113.0/24"): cut} {
		log, err := observed.Parse(strings.NewReader(line), observed.Auto)
		if err != nil {
			t.Fatal(err)
		}
		o := compare(t, &Options{namespace: "default"}, shop, shop+after).observe(log)
		if len(o.Results) != 1 || o.Results[0].Outcome != want {
			t.Errorf("want %s, got %+v", want, o)
		}
	}
}

// BenchmarkObserve judges 100,000 different flows.
func BenchmarkObserve(b *testing.B) {
	var manifests, flows strings.Builder
	flows.WriteString("from,to,port\n")
	for i := range 1000 {
		fmt.Fprintf(&manifests, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: shop, labels: {app: l%d}}\nspec: {nodeName: n%d, containers: [{name: c, image: i}]}\nstatus: {phase: Running, podIPs: [{ip: 10.%d.%d.1}]}\n", i, i%100, i%20, i/200, i%200)
		for j := range 100 {
			fmt.Fprintf(&flows, "shop/p%d,shop/p%d,%d\n", i, (i*7+j*31)%1000, 8000+j%10)
		}
	}
	for i := range 100 {
		manifests.WriteString(np(fmt.Sprintf("np%d", i), fmt.Sprintf("{podSelector: {matchLabels: {app: l%d}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 8000, endPort: %d}]}]}", i, 8000+i%12)))
	}
	c := compare(b, &Options{namespace: "default"}, manifests.String(), manifests.String()+np("deny", "{podSelector: {matchLabels: {app: l1}}, policyTypes: [Egress]}"))
	for b.Loop() {
		log, err := observed.Parse(strings.NewReader(flows.String()), observed.Auto)
		if err != nil {
			b.Fatal(err)
		}
		o := c.observe(log)
		b.ReportMetric(float64(o.Flows), "flows")
		b.ReportMetric(float64(o.Cut), "cut")
	}
}
