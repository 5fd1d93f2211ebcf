package suite

import (
	"fmt"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// The Service web of namespace y sends port 80 to port 81 of pod y/a, and to
// y/b of none. The router translates as nodes do, before policies see packets.
const translation = `table inet services {
 chain prerouting {
  type nat hook prerouting priority dstnat;
  ip daddr 10.96.0.10 tcp dport 80 dnat ip to 10.64.2.1:81
  ip6 daddr fd00:96::10 tcp dport 80 dnat ip6 to [fd00:64:2::1]:81
 }
 chain postrouting {
  type nat hook postrouting priority srcnat;
  ip saddr 10.64.2.1 ip daddr 10.64.2.1 masquerade
  ip6 saddr fd00:64:2::1 ip6 daddr fd00:64:2::1 masquerade
 }
}
`

func virtual() []netip.Addr { return addresses("10.96.0.10", "fd00:96::10") }

func withService() *world {
	w := newWorld()
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "y", Name: "web"}}
	s.Spec.Selector = map[string]string{"pod": "a"}
	s.Spec.ClusterIP, s.Spec.ClusterIPs = virtual()[0].String(), []string{virtual()[0].String(), virtual()[1].String()}
	s.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}
	s.Spec.IPFamilyPolicy = new(corev1.IPFamilyPolicyRequireDualStack)
	s.Spec.Ports = []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(81), Protocol: corev1.ProtocolTCP}}
	w.services = append(w.services, s)
	return w
}

func policies(t *testing.T, text string) []*networkingv1.NetworkPolicy {
	t.Helper()
	var list []*networkingv1.NetworkPolicy
	if err := yaml.UnmarshalStrict([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestService: a Service's address is gone before policies count (cases 52 and
// 53). That networks work like that is usual, and how the engine answers; it is
// shown here for DNAT, and left to each network by the API.
func TestService(t *testing.T) {
	tests := []struct {
		name, policies string
		want           map[netpol.Family]bool
	}{
		{name: "no policy", want: map[netpol.Family]bool{netpol.IPv4: true, netpol.IPv6: true}},
		{
			name:     "ingress on the Service's port",
			policies: `[{metadata: {namespace: "y", name: p}, spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}}]`,
		},
		{
			name:     "ingress on the pod's port",
			policies: `[{metadata: {namespace: "y", name: p}, spec: {podSelector: {}, ingress: [{ports: [{port: 81}]}]}}]`,
			want:     map[netpol.Family]bool{netpol.IPv4: true, netpol.IPv6: true},
		},
		{
			name:     "egress to the Service's port",
			policies: `[{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}}]`,
		},
		{
			name:     "egress to the Service's address",
			policies: `[{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.10/32}}, {ipBlock: {cidr: "fd00:96::10/128"}}]}]}}]`,
		},
		{
			name:     "egress to the pod's address",
			policies: `[{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.64.2.1/32}}]}]}}]`,
			want:     map[netpol.Family]bool{netpol.IPv4: true},
		},
		{
			name:     "egress to the pod",
			policies: `[{metadata: {namespace: x, name: p}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {ns: "y"}}}], ports: [{port: 81}]}]}}]`,
			want:     map[netpol.Family]bool{netpol.IPv4: true, netpol.IPv6: true},
		},
	}
	withEnforcers(t, withService, func(t *testing.T, l *lab.Lab, ends []end, e enforcer) {
		if err := l.Router.Namespace().Run(translation, "nft", "-f", "-"); err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				w := withService()
				w.apply(policies(t, tt.policies)...)
				c := w.engine(t)
				enforce(t, l, e, w)
				for _, family := range []netpol.Family{netpol.IPv4, netpol.IPv6} {
					if got := answer(t, c, "x/pod/a", "y/svc/web", family); got != verdict(tt.want[family]) {
						t.Errorf("IPv%d: the engine says %s, want %s", family, got, verdict(tt.want[family]))
					}
					from, to := named(ends, "x/a"), named(ends, "y/a")
					sent := want{probe: probe(from, to, kind{corev1.ProtocolTCP, 80, family}), to: to.host, allowed: tt.want[family]}
					sent.probe.Destination = address(virtual(), family)
					results := l.Try(probesOf([]want{sent}))
					report(t, "packets", differences([]want{sent}, results))
					// What is decided about is the connection to the pod.
					decided := sent
					decided.probe.Destination, decided.probe.Port = address(to.host.Addresses, family), 81
					report(t, "decisions", e.decisions([]want{decided}, results))
				}
			})
		}
	})
}

// TestHairpin: of a pod that reaches itself through a Service the API says
// nothing (case 2). Both networks here apply policies to it, others do not:
// the engine has to leave it open where policies would deny.
func TestHairpin(t *testing.T) {
	withEnforcers(t, withService, func(t *testing.T, l *lab.Lab, ends []end, e enforcer) {
		if err := l.Router.Namespace().Run(translation, "nft", "-f", "-"); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]struct {
			verdict netpol.Verdict
			fate    lab.Fate
		}{
			"[]": {netpol.Allowed, lab.Answered},
			`[{metadata: {namespace: "y", name: p}, spec: {podSelector: {}, policyTypes: [Ingress]}}]`: {netpol.Undefined, lab.Rejected},
		} {
			w := withService()
			w.apply(policies(t, text)...)
			enforce(t, l, e, w)
			for _, family := range []netpol.Family{netpol.IPv4, netpol.IPv6} {
				if got := answer(t, w.engine(t), "y/pod/a", "y/svc/web", family); got != want.verdict {
					t.Errorf("IPv%d: the engine says %s, want %s", family, got, want.verdict)
				}
				a := named(ends, "y/a")
				p := probe(a, a, kind{corev1.ProtocolTCP, 80, family})
				p.Destination = address(virtual(), family)
				if got := l.Try([]lab.Probe{p})[0]; got.Fate != want.fate {
					t.Errorf("IPv%d: the packet was %v, want %s", family, got, want.fate)
				}
			}
		}
	})
}

// answer asks as the command does.
func answer(t *testing.T, c *netpol.Cluster, from, to string, family netpol.Family) netpol.Verdict {
	t.Helper()
	var refs [2]netpol.Reference
	for i, text := range []string{from, to} {
		r, err := netpol.ParseReference(text, "default")
		if err != nil {
			t.Fatal(err)
		}
		refs[i] = r
	}
	q := netpol.Question{From: refs[0], To: refs[1], Family: family}
	if err := q.AddPort("80/TCP"); err != nil {
		t.Fatal(err)
	}
	a, err := c.Answer(q)
	if err != nil {
		t.Fatal(err)
	}
	return a.Verdict
}

func verdict(allowed bool) netpol.Verdict {
	if allowed {
		return netpol.Allowed
	}
	return netpol.Denied
}

// withEnforcers runs a test in a network of its own with each enforcer.
func withEnforcers(t *testing.T, begin func() *world, f func(*testing.T, *lab.Lab, []end, enforcer)) {
	for name, open := range enforcers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, ends := build(t, begin())
			f(t, l, ends, open(t, l.Router))
		})
	}
}

// enforce is for new connections and for packets of old ones.
func enforce(t *testing.T, l *lab.Lab, e enforcer, w *world) {
	t.Helper()
	if err := e.enforce(w); err != nil {
		t.Fatal(err)
	}
	if err := l.Router.Flush(); err != nil {
		t.Fatal(err)
	}
}

func named(ends []end, name string) end {
	for _, e := range ends {
		if e.name == name {
			return e
		}
	}
	panic(fmt.Sprintf("there is no %s", name))
}

func probe(from, to end, k kind) lab.Probe {
	return lab.Probe{
		From: from.host, Source: address(from.host.Addresses, k.family),
		Destination: address(to.host.Addresses, k.family), Protocol: k.protocol, Port: k.port,
	}
}
