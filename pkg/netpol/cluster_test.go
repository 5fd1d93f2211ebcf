package netpol_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// clusterFile has two nodes, of which one is known by its pods only.
func clusterFile() string {
	return `apiVersion: v1
kind: Node
metadata: {name: n1, labels: {zone: a}}
status:
  addresses:
  - {type: Hostname, address: 192.168.9.9}
  - {type: InternalIP, address: 192.168.0.1}
  - {type: ExternalIP, address: 198.51.100.1}
  - {type: InternalIP, address: "fd01::1"}
  - {type: InternalIP, address: none}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: x, labels: {app: web}}
spec:
  nodeName: n1
  initContainers:
  - {name: i, image: i, ports: [{name: setup, containerPort: 1000}]}
  - {name: s, image: i, restartPolicy: Always, ports: [{name: metrics, containerPort: 9090}]}
  containers:
  - {name: c, image: i, ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}, {containerPort: 81}]}
status: {phase: Running, hostIP: 192.168.0.1, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old, namespace: x}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {phase: Running, hostIP: 192.168.0.2, podIP: "::ffff:10.0.0.2"}
---
apiVersion: v1
kind: Pod
metadata: {name: shared, namespace: x}
spec: {nodeName: n2, hostNetwork: true, containers: [{name: c, image: i}]}
status: {phase: Running, hostIP: 192.168.0.2, hostIPs: [{ip: 192.168.0.2}, {ip: "fd01::2"}], podIPs: [{ip: 192.168.0.2}, {ip: "fd01::2"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: x}
spec: {nodeName: n3, containers: [{name: c, image: i}]}
status: {phase: Succeeded, hostIP: 192.168.0.3, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: waiting, namespace: x}
spec: {containers: [{name: c, image: i}]}
`
}

func TestEndpointsByAddress(t *testing.T) {
	c := clusterOf(t, clusterFile())
	for address, want := range map[string]string{
		"10.0.0.1":         "pod/x/web", // the one that has ended had it before
		"fd00::1":          "pod/x/web",
		"::ffff:10.0.0.1":  "pod/x/web",
		"10.0.0.2":         "pod/x/old",
		"192.168.0.1":      "node/n1",
		"198.51.100.1":     "node/n1",
		"fd01::1":          "node/n1",
		"192.168.0.2":      "node/n2", // not the pod that uses its network
		"fd01::2":          "node/n2",
		"192.168.0.3":      "192.168.0.3",
		"192.168.9.9":      "192.168.9.9", // no address of a node, but a name
		"::ffff:192.0.2.1": "192.0.2.1",
	} {
		e := c.At(netip.MustParseAddr(address))
		if e.String() != want {
			t.Errorf("%s is %s, want %s", address, e, want)
		}
		if family := netpol.IPv4; e.Kind == netpol.ExternalEndpoint && e.Address(family).String() != want {
			t.Errorf("%s has the address %s", want, e.Address(family))
		}
	}
}

func TestEndpointsByName(t *testing.T) {
	c := clusterOf(t, clusterFile())
	if c.Pod("x", "done") != nil || c.Pod("z", "web") != nil || c.Pod("x", "n1") != nil || c.Node("n3") != nil || c.Node("web") != nil {
		t.Error("there are pods or nodes that should not be")
	}
	if e := c.Pod("x", "waiting"); e == nil || len(e.Addresses) != 0 || e.Node != "" || e.Address(netpol.IPv4).IsValid() {
		t.Errorf("the waiting pod: %+v", e)
	}
	if n1, n2 := c.Node("n1"), c.Node("n2"); n1.Labels["zone"] != "a" || n2 == nil || n2.Kind != netpol.NodeEndpoint || n2.Node != "n2" {
		t.Errorf("nodes: %+v, %+v", n1, n2)
	}
	if host := c.Pod("x", "shared"); !host.HostNetwork || host.Node != "n2" {
		t.Errorf("the pod of the host network: %+v", host)
	}

	web := c.Pod("x", "web")
	if web.Address(netpol.IPv6) != netip.MustParseAddr("fd00::1") || web.Address(netpol.AnyFamily).IsValid() {
		t.Errorf("the pod: %+v", web)
	}
	want := []netpol.NamedPort{
		{Name: "http", Protocol: corev1.ProtocolTCP, Number: 80},
		{Name: "dns", Protocol: corev1.ProtocolUDP, Number: 53},
		{Protocol: corev1.ProtocolTCP, Number: 81},
		{Name: "setup", Protocol: corev1.ProtocolTCP, Number: 1000, Init: true},
		{Name: "metrics", Protocol: corev1.ProtocolTCP, Number: 9090, Sidecar: true},
	}
	if diff := cmp.Diff(want, web.Ports); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
}

func TestEndpointString(t *testing.T) {
	for want, e := range map[string]netpol.Endpoint{
		"pod/x/web":                      {Kind: netpol.PodEndpoint, Namespace: "x", Name: "web", Workload: "Deployment/web"},
		"x/Deployment/web":               {Kind: netpol.PodEndpoint, Namespace: "x", Workload: "Deployment/web"},
		"a pod in x labelled a=b,c=d":    {Kind: netpol.PodEndpoint, Namespace: "x", Labels: map[string]string{"c": "d", "a": "b"}},
		"node/n1":                        {Kind: netpol.NodeEndpoint, Name: "n1"},
		"an address":                     {Kind: netpol.ExternalEndpoint},
		"2001:db8::1":                    {Kind: netpol.ExternalEndpoint, Addresses: []netip.Addr{netip.MustParseAddr("2001:db8::1")}},
		"a pod in x labelled <none>":     {Kind: netpol.PodEndpoint, Namespace: "x"},
		"pod/kube-system/coredns-abc-12": {Kind: netpol.PodEndpoint, Namespace: "kube-system", Name: "coredns-abc-12"},
	} {
		if got := e.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPoliciesInOrder(t *testing.T) {
	other := "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: a}\nspec: {}\n"
	s := snapshotOf(t, policy("b", "{}")+policy("a", "{}")+other+policy("a-1", "{}"))
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	var got []string
	for _, p := range c.Policies() {
		got = append(got, p.Namespace+"/"+p.Name+" "+p.Origin.String())
	}
	want := []string{"a/a in.yaml:12", "x/a in.yaml:7", "x/a-1 in.yaml:17", "x/b in.yaml:2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	if c.Snapshot() != s {
		t.Error("the snapshot is another one")
	}
}

// TestPoliciesOfNeighbours checks that policies of namespaces whose names
// begin alike are kept apart.
func TestPoliciesOfNeighbours(t *testing.T) {
	in := func(namespace string) string {
		return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: " + namespace + "}\nspec: {}\n"
	}
	c := clusterOf(t, in("team")+in("team-b")+in("team0"))
	for namespace, want := range map[string]netpol.Verdict{
		"team": netpol.Denied, "team-b": netpol.Denied, "team0": netpol.Denied,
		"tea": netpol.Allowed, "team-a": netpol.Allowed, "team-": netpol.Allowed, "zzz": netpol.Allowed, "a": netpol.Allowed,
	} {
		if got := c.Verdict(flowOf(t, c, "a/[app=x]", namespace+"/[app=x]", "80")); got != want {
			t.Errorf("%s: %s, want %s", namespace, got, want)
		}
	}
}

// TestHypothetical checks what is and is not known of a pod that does not
// exist: policies select it, addresses and ports are open.
func TestHypothetical(t *testing.T) {
	c := clusterOf(t, abc()+"---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.1}]}\n"+
		policy("p", "{podSelector: {matchLabels: {app: new}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}], ports: [{port: http}, {port: 443}]}]}")+
		policy("b", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: new}}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]}"))
	for _, q := range []struct {
		from, to, port string
		want           netpol.Verdict
	}{
		{"x/a", "x/[app=new]", "443", netpol.Allowed},
		{"x/a", "x/[app=new]", "80", netpol.Undefined},
		{"x/a", "x/[app=new]", "80/UDP", netpol.Denied},
		{"x/c", "x/[app=new]", "80", netpol.Denied},
		{"x/c", "x/[app=old]", "80", netpol.Allowed},
		{"node/n1", "x/[app=new]", "80", netpol.Undefined}, // it may run there
		{"203.0.113.9", "x/[app=new]", "80", netpol.Denied},
		{"x/[app=new]", "x/b", "80", netpol.Allowed},
		{"x/[app=old]", "x/b", "80", netpol.Undefined}, // by its address
		{"x/[app=new]", "x/[app=new]", "80", netpol.Denied},
	} {
		if e := c.Explain(flowOf(t, c, q.from, q.to, q.port)); e.Verdict != q.want {
			t.Errorf("want %s\n%s", q.want, textOf(e))
		}
	}
}

// TestSelfThroughService checks that what a pod gets from itself by way of a
// Service is left open where policies would not let it pass.
func TestSelfThroughService(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{podSelector: {matchLabels: {pod: b}}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80}]}], egress: [{ports: [{port: 80}, {port: 81}]}]}"))
	for port, want := range map[string]netpol.Verdict{"80": netpol.Allowed, "81": netpol.Undefined, "82": netpol.Undefined} {
		f := flowOf(t, c, "x/b", "x/b", port)
		if got := c.Verdict(f); got != netpol.Allowed {
			t.Errorf("itself on %s: %s", port, got)
		}
		f.ThroughService = true
		e := c.Explain(f)
		if e.Verdict != want || want == netpol.Undefined && e.Doubts[0].Cause != netpol.BySpec {
			t.Errorf("through a Service on %s, want %s\n%s", port, want, textOf(e))
		}
		f.From = c.Pod("x", "a")
		if want := map[string]netpol.Verdict{"80": netpol.Allowed}[port]; want == netpol.Allowed && c.Verdict(f) != want || port != "80" && c.Verdict(f) != netpol.Denied {
			t.Errorf("another pod through a Service on %s: %s", port, c.Verdict(f))
		}
	}
}

// TestAnyFamily checks flows whose family is not known: addresses of both
// count, and must agree.
func TestAnyFamily(t *testing.T) {
	both := "---\napiVersion: v1\nkind: Pod\nmetadata: {name: both, namespace: x}\nspec: {containers: [{name: c, image: i}]}\nstatus: {podIPs: [{ip: 10.0.0.1}, {ip: \"fd00::1\"}]}\n"
	c := clusterOf(t, abc()+both+policy("p", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 80}]}, {from: [{ipBlock: {cidr: 11.0.0.0/8}}]}]}"))
	for _, q := range []struct {
		from, port string
		want       netpol.Verdict
	}{
		{"x/a", "80", netpol.Allowed},
		{"x/c", "80", netpol.Denied},
		{"x/[app=new]", "80", netpol.Undefined},
		{"2001:db8::1", "80", netpol.Denied},
		{"x/both", "80", netpol.Undefined},
		{"x/both", "81", netpol.Denied},
	} {
		f := flowOf(t, c, q.from, "x/b", q.port)
		f.Family = netpol.AnyFamily
		if e := c.Explain(f); e.Verdict != q.want {
			t.Errorf("want %s\n%s", q.want, textOf(e))
		}
	}
}

func TestProfiles(t *testing.T) {
	if diff := cmp.Diff([]netpol.Profile{"common", "spec"}, netpol.Profiles()); diff != "" {
		t.Errorf("profiles, the default first (-want +got):\n%s", diff)
	}
}
