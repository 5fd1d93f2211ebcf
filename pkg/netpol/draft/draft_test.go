package draft_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func clusterOf(t testing.TB, manifests string) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "x"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil || len(s.Gaps()) > 0 {
		t.Fatal(err, s.Gaps())
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

func pod(name, set, more string) string {
	return "---\n{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: x, labels: {" + set + "}" + more + "}, spec: {nodeName: n1, containers: [{name: c, image: i}]}}\n"
}

// owned is by a workload without a ReplicaSet between.
func owned(kind, name string) string {
	return ", ownerReferences: [{apiVersion: apps/v1, kind: " + kind + ", name: " + name + ", controller: true}]"
}

func workload(kind, name, selector string) string {
	return "---\n{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: " + name + ", namespace: x}, spec: {selector: {" + selector + "}, template: {metadata: {labels: {app: none}}}}}\n"
}

func unitOf(t testing.TB, d *draft.Drafter, name string) *draft.Unit {
	t.Helper()
	for _, u := range d.Units("x") {
		if u.Name == name {
			return u
		}
	}
	t.Fatalf("there is no unit %s", name)
	return nil
}

func TestLabels(t *testing.T) {
	tests := []struct{ name, manifests, unit, labels, also string }{
		{
			"those of the controller's selector",
			workload("StatefulSet", "db", "matchLabels: {app: db}") + pod("db-0", "app: db, tier: data, statefulset.kubernetes.io/pod-name: db-0", owned("StatefulSet", "db")),
			"StatefulSet/db", "app=db", "",
		},
		{
			"more where others have these",
			workload("StatefulSet", "db", "matchLabels: {app: db}") + pod("db-0", "app: db, tier: data, zone: a, app.kubernetes.io/version: v1", owned("StatefulSet", "db")) +
				pod("other", "app: db, tier: web, zone: a, app.kubernetes.io/version: v2", ""),
			"StatefulSet/db", "app=db,tier=data", "",
		},
		{
			"none of a release while others do",
			pod("a-0", "app: a, app.kubernetes.io/version: v1, tier: data", owned("StatefulSet", "a")) + pod("other", "app: a, app.kubernetes.io/version: v2, tier: web", ""),
			"StatefulSet/a", "app=a,tier=data", "",
		},
		{
			"those of a release where nothing else tells",
			pod("a-0", "app: a, app.kubernetes.io/version: v1", owned("StatefulSet", "a")) + pod("other", "app: a, app.kubernetes.io/version: v2", ""),
			"StatefulSet/a", "app.kubernetes.io/version=v1,app=a", "",
		},
		{
			"none that a controller gives",
			pod("a-0", "app: a, pod-template-hash: x, controller-revision-hash: r, batch.kubernetes.io/job-name: z, topology.kubernetes.io/zone: q", owned("Job", "a")),
			"Job/a", "app=a", "",
		},
		{
			"those that all of its pods have",
			pod("a-0", "app: a, track: old", owned("DaemonSet", "a")) + pod("a-1", "app: a, track: new", owned("DaemonSet", "a")),
			"DaemonSet/a", "app=a", "",
		},
		{
			"of the pods where the selector has expressions",
			workload("DaemonSet", "a", "matchExpressions: [{key: app, operator: Exists}]") + pod("a-0", "app: a, tier: data", owned("DaemonSet", "a")),
			"DaemonSet/a", "app=a,tier=data", "",
		},
		{
			"of the pods where they lack those of the selector",
			workload("DaemonSet", "a", "matchLabels: {app: other}") + pod("a-0", "app: a", owned("DaemonSet", "a")),
			"DaemonSet/a", "app=a", "",
		},
		{
			"that others have too, for want of better",
			pod("a-0", "app: a", owned("StatefulSet", "a")) + pod("b", "app: a, more: yes-it-has", ""),
			"StatefulSet/a", "app=a", "pod/x/b",
		},
		{"of a pod by itself", pod("a", "app: a, run: a", "") + pod("b", "app: a", ""), "Pod/a", "app=a,run=a", ""},
		{"none", pod("a", "", "") + pod("b", "app: a", ""), "Pod/a", "", "pod/x/b"},
		{"of a template", workload("Deployment", "w", "matchLabels: {app: none}"), "Deployment/w", "app=none", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := unitOf(t, draft.New(clusterOf(t, tt.manifests)), tt.unit)
			var also []string
			for _, pod := range u.Also {
				also = append(also, pod.String())
			}
			if got := strings.TrimPrefix(labels.FormatLabels(u.Labels), "<none>"); got != tt.labels {
				t.Errorf("labels %s, want %s", got, tt.labels)
			}
			if got := strings.Join(also, ","); got != tt.also {
				t.Errorf("also selected: %s, want %s", got, tt.also)
			}
		})
	}
}

func TestUnits(t *testing.T) {
	c := clusterOf(t, pod("b", "app: b", "")+pod("a-0", "app: a", owned("StatefulSet", "a"))+pod("a-1", "app: a", owned("StatefulSet", "a"))+
		"---\n{apiVersion: v1, kind: Pod, metadata: {name: z, namespace: other}, spec: {containers: [{name: c, image: i}]}}\n")
	d := draft.New(c)
	var names []string
	for _, u := range d.Units("") {
		names = append(names, u.String())
	}
	if diff := cmp.Diff([]string{"other/pod/z", "x/pod/b", "x/statefulset/a"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(d.Units("other")) != 1 {
		t.Errorf("units of a namespace: %v", d.Units("other"))
	}
	a := d.Unit(c.Pod("x", "a-0"))
	if a != d.Unit(c.Pod("x", "a-1")) || len(a.Pods) != 2 {
		t.Errorf("the pods of a workload are not one unit: %v", a.Pods)
	}
	if d.Unit(c.Node("n1")) != nil || d.Unit(c.At(netip.MustParseAddr("203.0.113.7"))) != nil {
		t.Error("a node or an address is a unit")
	}
	none := d.Unit(c.Hypothetical("x", labels.Set{"app": "a"}))
	if none.Name != "" || len(none.Also) != 2 || none.String() != "a pod in x labelled app=a" {
		t.Errorf("a pod that does not exist: %+v", none)
	}
	if !none.Selects(a) || a.Selects(none) {
		t.Error("Selects is wrong about the pod that does not exist")
	}
}

const ends = `
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: InternalIP, address: "fd01::1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: x, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: x, labels: {app: host}}, spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, image: i}]}, status: {podIP: 192.168.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: new, namespace: x, labels: {app: new}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}
`

func TestPeers(t *testing.T) {
	c := clusterOf(t, ends)
	d := draft.New(c)
	block := &netpol.Endpoint{Kind: netpol.ExternalEndpoint, Addresses: []netip.Addr{netip.MustParseAddr("1.0.0.0")}, Last: netip.MustParseAddr("9.255.255.255")}
	tests := []struct {
		name, namespace string
		end             *netpol.Endpoint
		family          netpol.Family
		want            string
	}{
		{"a pod of the namespace", "x", c.Pod("x", "web"), netpol.IPv4, "- podSelector: {matchLabels: {app: web}}"},
		{"a pod of another", "y", c.Pod("x", "web"), netpol.IPv4, "- {podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}"},
		{"a node", "x", c.Node("n1"), netpol.IPv4, "- ipBlock: {cidr: 192.168.0.1/32}"},
		{"a node over IPv6", "x", c.Node("n1"), netpol.IPv6, "- ipBlock: {cidr: 'fd01::1/128'}"},
		{"a node over both", "x", c.Node("n1"), netpol.AnyFamily, "[{ipBlock: {cidr: 192.168.0.1/32}}, {ipBlock: {cidr: 'fd01::1/128'}}]"},
		{"a pod of the host's network", "x", c.Pod("x", "host"), netpol.IPv4, "- ipBlock: {cidr: 192.168.0.1/32}"},
		{"one without an address", "x", c.Pod("x", "new"), netpol.IPv4, "[]"},
		{"an address outside", "x", c.At(netip.MustParseAddr("203.0.113.7")), netpol.IPv4, "- ipBlock: {cidr: 203.0.113.7/32}"},
		{"a range outside", "x", block, netpol.IPv4, "[{ipBlock: {cidr: 1.0.0.0/8}}, {ipBlock: {cidr: 2.0.0.0/7}}, {ipBlock: {cidr: 4.0.0.0/6}}, {ipBlock: {cidr: 8.0.0.0/7}}]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []networkingv1.NetworkPolicyPeer
			if err := yaml.UnmarshalStrict([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			got := d.Peers(tt.namespace, tt.end, tt.family)
			if len(got) == 0 {
				got = []networkingv1.NetworkPolicyPeer{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRules(t *testing.T) {
	c := clusterOf(t, ends)
	d := draft.New(c)
	web, host, outside := d.Unit(c.Pod("x", "web")).Peer("x"), draft.Block(netip.MustParsePrefix("10.0.0.0/8")), draft.Block(netip.MustParsePrefix("203.0.113.7/32"))
	tcp := func(from, to int32) netpol.PortRange {
		return netpol.PortRange{Protocol: corev1.ProtocolTCP, From: from, To: to}
	}
	udp := netpol.PortRange{Protocol: corev1.ProtocolUDP, From: 1, To: 65535}
	rules := draft.Rules([]draft.Atom{{outside, tcp(443, 443)}, {web, tcp(80, 89)}, {web, tcp(22, 22)}, {web, udp}, {host, tcp(443, 443)}, {web, tcp(22, 22)}})
	want := []draft.Rule{
		{Peers: []networkingv1.NetworkPolicyPeer{web}, Ports: []netpol.PortRange{tcp(22, 22), tcp(80, 89), udp}},
		{Peers: []networkingv1.NetworkPolicyPeer{host, outside}, Ports: []netpol.PortRange{tcp(443, 443)}},
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := yaml.Marshal(d.Unit(c.Pod("x", "web")).Policy("p", map[netpol.Direction][]draft.Rule{netpol.Ingress: rules}, netpol.Ingress, netpol.Egress))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(policyText, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := draft.Text(rules[0].Ports); got != "22/TCP, 80-89/TCP, */UDP" {
		t.Errorf("the ports are written %s", got)
	}
}

const policyText = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
  namespace: x
spec:
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: web
    ports:
    - port: 22
      protocol: TCP
    - endPort: 89
      port: 80
      protocol: TCP
    - protocol: UDP
  - from:
    - ipBlock:
        cidr: 10.0.0.0/8
    - ipBlock:
        cidr: 203.0.113.7/32
    ports:
    - port: 443
      protocol: TCP
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Ingress
  - Egress
`

func TestNames(t *testing.T) {
	c := clusterOf(t, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web-allow, namespace: x}, spec: {podSelector: {}}}\n---\n"+ends)
	d := draft.New(c)
	long := strings.Repeat("very-long-", 10)
	seen := map[string]bool{}
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"web", "allow"}, "web-allow-2"}, // the cluster has the first
		{[]string{"web", "allow"}, "web-allow-3"},
		{[]string{"api", "from", "10.0.0.0/8"}, "api-from-10-0-0-0-8"},
		{[]string{"api", "from", "fd00::1"}, "api-from-fd00--1"},
		{[]string{"Über", "Web_1"}, "ber-web-1"},
		{[]string{"…"}, "policy"},
		{[]string{long}, ""},
		{[]string{long}, ""},
		{[]string{long + "x"}, ""},
	} {
		got := d.Name("x", tt.words...)
		if tt.want != "" && got != tt.want {
			t.Errorf("name of %q: %s, want %s", tt.words, got, tt.want)
		}
		if wrong := validation.IsDNS1123Label(got); len(wrong) > 0 || seen[got] {
			t.Errorf("name of %q: %s: %v, taken: %v", tt.words, got, wrong, seen[got])
		}
		seen[got] = true
	}
	if got := d.Name("y", "web", "allow"); got != "web-allow" {
		t.Errorf("in another namespace: %s", got)
	}
	for _, tt := range []struct {
		end  *netpol.Endpoint
		want string
	}{
		{c.Pod("x", "web"), "web"},
		{c.Node("n1"), "node-n1"},
		{c.Hypothetical("x", nil), "pods"},
		{c.At(netip.MustParseAddr("203.0.113.7")), "203.0.113.7"},
	} {
		if got := d.Word(tt.end); got != tt.want {
			t.Errorf("%s is named %s, want %s", tt.end, got, tt.want)
		}
	}
}
