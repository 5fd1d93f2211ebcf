package nftcompile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// cluster has pods a and b in namespace x, of both families and of IPv4, and
// c in namespace y, with the port web on 80, 8080 and 80.
func cluster(t *testing.T, policies string) Cluster {
	t.Helper()
	pod := func(namespace, name string, web int32, addresses ...string) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": name}}}
		p.Spec.NodeName = "n"
		p.Spec.Containers = []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: web}}}}
		for _, a := range addresses {
			p.Status.PodIPs = append(p.Status.PodIPs, corev1.PodIP{IP: a})
		}
		return p
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "192.0.2.9"}, {Type: corev1.NodeInternalIP, Address: "192.0.2.1"}}
	c := Cluster{
		Namespaces: []*corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, {ObjectMeta: metav1.ObjectMeta{Name: "y", Labels: map[string]string{"team": "t"}}}},
		Nodes:      []*corev1.Node{node},
		Pods:       []*corev1.Pod{pod("x", "a", 80, "10.0.0.1", "fd00::1"), pod("x", "b", 8080, "10.0.0.2"), pod("y", "c", 80, "10.0.0.3")},
	}
	if err := yaml.UnmarshalStrict([]byte(policies), &c.Policies); err != nil {
		t.Fatal(err)
	}
	for i, np := range c.Policies {
		np.Name = fmt.Sprintf("p%d", i)
	}
	return c
}

// chainOf returns the rules of one pod in a direction without the last, which
// rejects, and without those for its node.
func chainOf(t *testing.T, text, name string) []string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "chain "+name+" {\n")
	if !ok {
		return nil
	}
	body, _, _ := strings.Cut(rest, "\n }")
	lines := strings.Split(body, "\n")[1:]
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "reject with icmpx admin-prohibited" {
		t.Errorf("%s ends with %q", name, last)
	}
	found := []string{}
	for _, l := range lines[:len(lines)-1] {
		if l = strings.TrimSpace(l); !strings.Contains(l, "its node") {
			rule, _, _ := strings.Cut(l, "return comment")
			found = append(found, strings.TrimSpace(rule))
		}
	}
	return found
}

func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name, spec string
		in, out    []string // of pod a; nil where it is not isolated
		other      []string // ingress of pod b
	}{
		{name: "another pod", spec: `{podSelector: {matchLabels: {app: b}}}`, other: []string{}},
		{name: "nothing", spec: `{podSelector: {}}`, in: []string{}, other: []string{}},
		{name: "everything", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{}]}`, in: []string{""}},
		{name: "empty peers and ports", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [], ports: []}]}`, in: []string{""}},
		{name: "types of egress rules", spec: `{podSelector: {matchLabels: {app: a}}, egress: [{}]}`, in: []string{}, out: []string{""}},
		{name: "types of no egress rules", spec: `{podSelector: {matchLabels: {app: a}}, egress: []}`, in: []string{}},
		{name: "types that leave rules out", spec: `{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], ingress: [{}]}`, out: []string{}},
		{
			name: "own namespace", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{podSelector: {}}]}]}`,
			in: []string{"ip saddr { 10.0.0.1, 10.0.0.2 }", "ip6 saddr { fd00::1 }"},
		},
		{
			name: "another namespace", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: t}}}]}]}`,
			in: []string{"ip saddr { 10.0.0.3 }"},
		},
		{
			name: "a namespace by name", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}, podSelector: {matchLabels: {app: b}}}]}]}`,
			in: []string{"ip saddr { 10.0.0.2 }"},
		},
		{
			name: "blocks", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8, except: [010.001.0.0/16, "::ffff:10.2.0.0/112"]}}, {ipBlock: {cidr: "::/0", except: ["fd00::/8"]}}, {ipBlock: {cidr: 0.0.0.0/0}}]}]}`,
			in: []string{"ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 ip saddr != 10.2.0.0/16", "meta nfproto ipv6 ip6 saddr != fd00::/8", "meta nfproto ipv4"},
		},
		{
			name: "ports", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{ports: [{}, {protocol: UDP}, {port: 80}, {port: 80, endPort: 90, protocol: SCTP}, {port: web}, {port: web, protocol: UDP}, {port: ghost}]}]}`,
			in: []string{"meta l4proto tcp", "meta l4proto udp", "tcp dport 80", "sctp dport 80-90", "tcp dport 80"},
		},
		{
			name: "names of destinations", spec: `{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: web}], to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: "fd00::/8"}}]}]}`,
			out: []string{
				"ip daddr 10.0.0.0/8 ip daddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 8080, 10.0.0.3 . 80 }",
				"ip6 daddr fd00::/8 ip6 daddr . tcp dport { fd00::1 . 80 }",
			},
		},
		{
			name: "peers and ports", spec: `{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{podSelector: {matchLabels: {app: b}}}, {ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 1}, {port: 2}]}]}`,
			in: []string{"ip saddr { 10.0.0.2 } tcp dport 1", "ip saddr { 10.0.0.2 } tcp dport 2", "ip saddr 192.0.2.0/24 tcp dport 1", "ip saddr 192.0.2.0/24 tcp dport 2"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := Compile(cluster(t, "[{metadata: {namespace: x}, spec: "+tt.spec+"}]"))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string][]string{"Ingress-0": tt.in, "Egress-0": tt.out} {
				if diff := cmp.Diff(want, chainOf(t, text, name)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			if tt.other != nil && chainOf(t, text, "Ingress-1") == nil {
				t.Error("pod b is not isolated")
			}
			if chainOf(t, text, "Ingress-2") != nil {
				t.Error("a pod of another namespace is isolated")
			}
		})
	}
}

func TestPods(t *testing.T) {
	deny := `[{metadata: {namespace: x}, spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}], ports: [{port: web}]}], egress: [{ports: [{port: web}]}]}}]`
	always := corev1.ContainerRestartPolicyAlways
	init := func(policy *corev1.ContainerRestartPolicy) []corev1.Container {
		return []corev1.Container{{RestartPolicy: policy, Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 9}}}}
	}
	for _, tt := range []struct {
		name   string
		change func(b *corev1.Pod)
		in     []string // of pod a
		b      bool     // pod b is isolated
	}{
		{"as it is", func(*corev1.Pod) {}, []string{"ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 80", "ip6 saddr { fd00::1 } tcp dport 80"}, true},
		{"of the host's network", func(b *corev1.Pod) { b.Spec.HostNetwork = true }, []string{"ip saddr { 10.0.0.1 } tcp dport 80", "ip6 saddr { fd00::1 } tcp dport 80"}, false},
		{"that has ended", func(b *corev1.Pod) { b.Status.Phase = corev1.PodFailed }, []string{"ip saddr { 10.0.0.1 } tcp dport 80", "ip6 saddr { fd00::1 } tcp dport 80"}, false},
		{"of another address", func(b *corev1.Pod) { b.Status.PodIPs, b.Status.PodIP = nil, "10.0.0.9" }, []string{"ip saddr { 10.0.0.1, 10.0.0.9 } tcp dport 80", "ip6 saddr { fd00::1 } tcp dport 80"}, true},
	} {
		c := cluster(t, deny)
		tt.change(c.Pods[1])
		text, err := Compile(c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.in, chainOf(t, text, "Ingress-0")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if got := chainOf(t, text, "Ingress-1") != nil; got != tt.b {
			t.Errorf("%s: isolated is %t", tt.name, got)
		}
		if got := strings.Contains(text, "10.0.0.2 . 8080"); got != (tt.name == "as it is") {
			t.Errorf("%s: its port has a name: %t", tt.name, got)
		}
	}
	c := cluster(t, deny)
	c.Pods[0].Spec.InitContainers = init(nil)
	c.Pods[1].Spec.InitContainers = init(&always)
	text, err := Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := "10.0.0.1 . 80, 10.0.0.2 . 8080, 10.0.0.2 . 9, 10.0.0.3 . 80"; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
}

// TestNode: a pod's own node passes, by the addresses that it has.
func TestNode(t *testing.T) {
	text, err := Compile(cluster(t, `[{metadata: {namespace: x}, spec: {podSelector: {}}}]`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(text, `ip saddr { 192.0.2.1 } return comment "its node"`); got != 2 || strings.Contains(text, "192.0.2.9") {
		t.Errorf("%d pods let their node pass:\n%s", got, text)
	}
}

func TestErrors(t *testing.T) {
	for name, spec := range map[string]string{
		"subject":   `{podSelector: {matchExpressions: [{key: a, operator: Is}]}}`,
		"pods":      `{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Is}]}}]}]}`,
		"namespace": `{podSelector: {}, egress: [{to: [{namespaceSelector: {matchExpressions: [{key: a, operator: Is}]}}]}]}`,
		"block":     `{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}`,
		"exception": `{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [ten]}}]}]}`,
	} {
		if _, err := Compile(cluster(t, "[{metadata: {namespace: x}, spec: "+spec+"}]")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestNoPolicy: without policies nothing is looked at.
func TestNoPolicy(t *testing.T) {
	text, err := Compile(cluster(t, "[]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
		if !strings.Contains(text, fmt.Sprintf("chain %s {\n }", d)) {
			t.Errorf("%s is not empty:\n%s", d, text)
		}
	}
}
