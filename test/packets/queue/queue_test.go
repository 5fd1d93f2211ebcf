package queue

import (
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/yaml"
)

func read[T any](t *testing.T, text string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Fatal(err)
	}
	return object
}

const (
	podA      = `{metadata: {namespace: x, name: a, labels: {app: a}}, status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}}`
	podB      = `{metadata: {namespace: x, name: b, labels: {app: b}}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}, status: {podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.2}]}}`
	namespace = `{metadata: {name: x, labels: {kubernetes.io/metadata.name: x}}}`
)

func packet(from, to string, port int) *network.Packet {
	return &network.Packet{Family: corev1.IPv4Protocol, SrcIP: net.ParseIP(from), DstIP: net.ParseIP(to), Proto: corev1.ProtocolTCP, SrcPort: 20000, DstPort: port}
}

// TestStored: the engine gets what API servers store of what people write, and
// would be wrong otherwise.
func TestStored(t *testing.T) {
	for _, tt := range []struct {
		name, policy string
		port         int
		allowed      bool
	}{
		{name: "empty rules", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: []}}`, port: 80},
		{name: "empty egress rules", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Egress], egress: []}}`, port: 80},
		{name: "no types", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {matchLabels: {app: b}}}}`, port: 80},
		{name: "no types, egress", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {matchLabels: {app: a}}, egress: [{ports: [{protocol: TCP, port: 81}]}]}}`, port: 80},
		{name: "no protocol of a name", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: TCP, port: web}]}]}}`, port: 80, allowed: true},
		{name: "another port", policy: `{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: TCP, port: web}]}]}}`, port: 81},
	} {
		q, err := newQueue()
		if err != nil {
			t.Fatal(err)
		}
		pods := []*corev1.Pod{read[corev1.Pod](t, podA), read[corev1.Pod](t, podB)}
		namespaces := []*corev1.Namespace{read[corev1.Namespace](t, namespace)}
		policy := read[networkingv1.NetworkPolicy](t, tt.policy)
		if err := q.Replace(pods, namespaces, []*networkingv1.NetworkPolicy{policy}); err != nil {
			t.Fatal(err)
		}
		if got, err := q.engine.EvaluatePacket(t.Context(), packet("10.0.0.1", "10.0.0.2", tt.port)); got != tt.allowed || err != nil {
			t.Errorf("%s: %t %v", tt.name, got, err)
		}
		raw := [2]any{policy, pods[1]}
		for i, store := range []int{2, 0} {
			if err := q.stores[store].Update(raw[i]); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := q.engine.EvaluatePacket(t.Context(), packet("10.0.0.1", "10.0.0.2", tt.port)); got == tt.allowed && tt.port == 80 {
			t.Errorf("%s: the engine needs no help", tt.name)
		}
	}
}

// TestStoredFields is about what would end the engine.
func TestStoredFields(t *testing.T) {
	np := read[networkingv1.NetworkPolicy](t, `{spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}], egress: [{ports: [{port: 80, protocol: UDP}, {}]}]}}`)
	before := np.DeepCopy()
	want := read[networkingv1.NetworkPolicy](t, `{spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80, protocol: TCP}]}], egress: [{ports: [{port: 80, protocol: UDP}, {protocol: TCP}]}]}}`)
	if diff := cmp.Diff(want, Stored(np)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(before, np); diff != "" {
		t.Errorf("it was changed itself:\n%s", diff)
	}
	pod := read[corev1.Pod](t, podB)
	if got := StoredPod(pod).Spec.Containers[0].Ports[0].Protocol; got != corev1.ProtocolTCP {
		t.Errorf("the protocol of a port is %q", got)
	}
	if got := pod.Spec.Containers[0].Ports[0].Protocol; got != "" {
		t.Error("the pod was changed itself")
	}
}

// TestConnection joins packets with probes: of IPv4 in one spelling.
func TestConnection(t *testing.T) {
	got := connectionOf(packet("10.0.0.1", "10.0.0.2", 80))
	if got.Source.String() != "10.0.0.1:20000" || got.To.String() != "10.0.0.2" || got.TargetPort != 80 || got.Protocol != corev1.ProtocolTCP {
		t.Errorf("%+v", got)
	}
}
