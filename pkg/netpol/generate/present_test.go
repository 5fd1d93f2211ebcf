package generate_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestPresentFlows(t *testing.T) {
	service := func(name, kind, port string) string {
		return object("Service", "x", name, "{type: "+kind+", clusterIP: 10.96.0.1, selector: {app: "+name+"}, ports: [{port: 8080, targetPort: "+port+"}]}")
	}
	base := pod("x/a", "10.0.0.1", "") + pod("x/b-0", "10.0.0.2", "") + pod("x/b-1", "10.0.0.3", "") + node("n1", "192.168.0.1") + node("n2", "192.168.0.2")
	tests := []struct {
		name, manifests string
		nodes           bool
		directions      []netpol.Direction
		want            []string
	}{
		{
			"declared ports of containers and Services", base + service("a", "ClusterIP", "9000"), false, both(),
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/a on 9000/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"what policies of today deny is left out", base + object("NetworkPolicy", "x", "p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}"), true, both(),
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP"}, // what the own node sends always passes
		},
		{
			"nodes", base, true,
			[]netpol.Direction{netpol.Ingress},
			[]string{"node/n1 to pod/x/a on 80/TCP", "node/n1 to pod/x/b-0 on 80/TCP", "node/n2 to pod/x/a on 80/TCP", "node/n2 to pod/x/b-0 on 80/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"the outside by Services that are exposed", base + service("a", "LoadBalancer", "9000"), false,
			[]netpol.Direction{netpol.Ingress},
			[]string{"0.0.0.0/0 to pod/x/a on 9000/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/a on 9000/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"the outside that a policy names", base + object("NetworkPolicy", "x", "p", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}, {port: 8000, endPort: 8010}]}]}"),
			false,
			[]netpol.Direction{netpol.Egress},
			[]string{"pod/x/a to 203.0.113.0/24 on 443/TCP", "pod/x/a to 203.0.113.0/24 on 8000-8010/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
		{
			"not what may be denied", base + object("Deployment", "y2", "new", "{selector: {matchLabels: {app: new}}, template: {metadata: {labels: {app: new}}}}") +
				object("NetworkPolicy", "x", "p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}"), false,
			[]netpol.Direction{netpol.Ingress},
			[]string{"pod/x/a to pod/x/b-0 on 80/TCP"},
		},
		{
			"endpoints of Services outside", base + "{apiVersion: v1, kind: Service, metadata: {name: erp, namespace: x}, spec: {clusterIP: 10.96.0.9, ports: [{port: 8000}]}}\n---\n" +
				"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: erp-1, namespace: x, labels: {kubernetes.io/service-name: erp}}, addressType: IPv4, endpoints: [{addresses: [203.0.113.40]}], ports: [{port: 8000}]}\n---\n",
			false,
			[]netpol.Direction{netpol.Egress},
			[]string{"pod/x/a to 203.0.113.40 on 8000/TCP", "pod/x/a to pod/x/b-0 on 80/TCP", "pod/x/b-0 to 203.0.113.40 on 8000/TCP", "pod/x/b-0 to pod/x/a on 80/TCP", "pod/x/b-0 to pod/x/b-1 on 80/TCP"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := manifestsOf(t, tt.manifests)
			d := draft.New(c)
			today, err := generate.Present(c, d, d.Units("x"), tt.directions, tt.nodes)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range today.Flows {
				got = append(got, today.Flows[i].String())
			}
			if maybe := tt.name == "not what may be denied"; maybe != (today.Undefined > 0) {
				t.Errorf("%d flows are undefined", today.Undefined)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPresentOpen names the workloads of which the egress is free today.
func TestPresentOpen(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/b", "10.0.0.2", "")+object("NetworkPolicy", "x", "p", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}"))
	d := draft.New(c)
	today, err := generate.Present(c, d, d.Units("x"), both(), true)
	if err != nil || len(today.Free) != 1 || today.Free[0].Name != "Pod/b" {
		t.Errorf("today %+v, %v", today, err)
	}
}

// TestSeveralAddresses allows each address of a node by itself: as which of
// them it sends is not known.
func TestSeveralAddresses(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+"{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}, {type: ExternalIP, address: 203.0.113.2}]}}\n")
	d := draft.New(c)
	o := generate.Options{Subjects: d.Units("x"), Directions: []netpol.Direction{netpol.Ingress}, Fold: true}
	today, err := generate.Present(c, d, o.Subjects, o.Directions, true)
	if err != nil {
		t.Fatal(err)
	}
	r, err := generate.Generate(c, d, today.Flows, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("x/a-allow [Ingress] app=a: from 192.168.0.2/32, 203.0.113.2/32 on 80/TCP;\n", textOf(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(r.Unmet) > 0 || r.Unproven > 0 || r.Parts != 2 {
		t.Errorf("unmet %+v, %d parts, %d unproven", r.Unmet, r.Parts, r.Unproven)
	}
}

// TestRanges asks about addresses in the middle of ranges: what stands for a
// range is more than its first address.
func TestRanges(t *testing.T) {
	block := "{ipBlock: {cidr: 0.0.0.0/0, except: [203.0.113.0/24]}}"
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+
		object("NetworkPolicy", "x", "p", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: ["+block+"], ports: [{port: 80}]}], egress: [{to: ["+block+"], ports: [{port: 8000, endPort: 8010}]}]}"))
	d := draft.New(c)
	o := generate.Options{Subjects: d.Units("x"), Directions: both(), Fold: true, Replace: true, NoDNS: true}
	today, err := generate.Present(c, d, o.Subjects, o.Directions, false)
	if err != nil {
		t.Fatal(err)
	}
	r, err := generate.Generate(c, d, today.Flows, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Superfluous) != 1 || len(r.Unmet) > 0 || r.Unproven > 0 {
		t.Fatalf("superfluous %+v, unmet %+v, %d unproven", r.Superfluous, r.Unmet, r.Unproven)
	}
	after, err := c.With([]snapshot.Object{r.Policies[0].Object.DeepCopy()}, r.Superfluous...)
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []string{"0.0.0.0", "127.9.9.9", "128.0.0.0", "202.255.255.255", "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "203.0.116.0", "255.255.255.255", "2001:db8::1"} {
		verdicts := func(c *netpol.Cluster) (all [2]netpol.Verdict) {
			a, outside := c.Endpoints()[0], external(c, ip)
			all[0] = c.Verdict(netpol.Flow{From: outside, To: a, Protocol: "TCP", Port: 80})
			all[1] = c.Verdict(netpol.Flow{From: a, To: outside, Protocol: "TCP", Port: 8005})
			return all
		}
		if was, is := verdicts(c), verdicts(after); was != is {
			t.Errorf("%s: %v today, and %v with the policies", ip, was, is)
		}
	}
}

// TestRangeUnmet has a policy over the generated ones that denies the middle of
// a range only.
func TestRangeUnmet(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+
		"{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: never}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [198.51.100.128/25]}]}]}}\n")
	d := draft.New(c)
	whole := c.Pieces(&netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: external(c, "198.51.100.0").Addresses, Last: external(c, "198.51.100.255").Addresses[0]})
	if len(whole) != 2 || whole[0].String() != "198.51.100.0/25" || whole[1].String() != "198.51.100.128/25" {
		t.Fatalf("pieces %v", whole)
	}
	one := &netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: whole[0].Addresses, Last: whole[1].Last}
	flow := generate.Flow{From: d.Units("x")[0].Pods[0], To: one, Protocol: "TCP", Port: 443, Family: netpol.IPv4}
	r, err := generate.Generate(c, d, []generate.Flow{flow}, generate.Options{Subjects: d.Units("x"), Directions: []netpol.Direction{netpol.Egress}, NoDNS: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Unmet) != 1 || r.Unmet[0].Verdict != netpol.Denied || r.Unmet[0].Today != netpol.Denied || r.Flows != 0 {
		t.Errorf("unmet %+v, %d flows allowed", r.Unmet, r.Flows)
	}
}
