package netpol_test

import (
	"fmt"
	"net/netip"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// TestStrangersAreEverySingleFlow: endpoints that the matrix does not have, as
// sources and as destinations.
func TestStrangersAreEverySingleFlow(t *testing.T) {
	seen := map[netpol.Reach]int{}
	for seed := range uint64(120) {
		d := newDice(1300 + seed)
		w := d.less(d.world())
		c := d.withTemplates(t, w, pick(d, netpol.Profiles()...))
		o := netpol.MatrixOptions{Family: pick(d, netpol.AnyFamily, netpol.IPv6)}
		if d.oneIn(3) {
			o.Ports = []netpol.PortRange{{Protocol: "TCP", From: 80, To: 81}}
		}
		m := c.Matrix(o)
		strangers := []netpol.Party{
			{Name: "labels", Members: []*netpol.Endpoint{c.Hypothetical("ns0", labels.Set(d.labels())), c.Hypothetical("ns1", labels.Set(d.labels()))}},
			{Name: "node", Members: []*netpol.Endpoint{c.At(netip.MustParseAddr("192.168.0.1"))}},
		}
		for _, pod := range w.pods {
			if ips := pod.Status.PodIPs; len(ips) == 2 {
				strangers = append(strangers, netpol.Party{Name: "pod", Members: []*netpol.Endpoint{c.At(netip.MustParseAddr(ips[1].IP))}})
				break
			}
		}
		for _, by := range []netpol.By{netpol.ByPod, netpol.ByNamespace} {
			parties := append(m.Parties(by), strangers...)
			b := m.Between(parties, parties)
			for from := range parties {
				for _, crossing := range b.Row(from) {
					to := parties[crossing.To]
					if from < len(parties)-len(strangers) && crossing.To < len(parties)-len(strangers) || to.Name == "pod" || parties[from].Name == "pod" {
						continue // that is for other tests
					}
					compareCrossing(t, fmt.Sprintf("seed %d by %s", seed, by), c, o, parties[from], to, crossing)
					seen[crossing.Reach]++
				}
			}
		}
	}
	for _, reach := range []netpol.Reach{netpol.ReachAll, netpol.ReachSome, netpol.ReachNone, netpol.ReachMixed, netpol.ReachUndefined, netpol.ReachNoFlow} {
		if seen[reach] < 50 {
			t.Errorf("the random clusters tell little: %v", seen)
		}
	}
}

func TestOwn(t *testing.T) {
	c := clusterOf(t, `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x}
spec: {nodeName: n1}
status: {podIP: 10.0.0.1, hostIP: 192.168.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: dual, namespace: x}
status: {podIPs: [{ip: 10.0.0.2}, {ip: "fd00::2"}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}
`)
	m := c.Matrix(netpol.MatrixOptions{})
	at := func(addr string) *netpol.Endpoint { return m.Own(c.At(netip.MustParseAddr(addr))) }
	if at("10.0.0.1") != c.Pod("x", "a") || at("192.168.0.1") != c.Node("n1") {
		t.Error("a pod or node by its only address is not itself")
	}
	if e := at("10.0.0.2"); e == c.Pod("x", "dual") || e.Name != "dual" {
		t.Errorf("one of two addresses: %v", e)
	}
	for addr, want := range map[string]string{"203.0.113.9": "203.0.113.0/24", "203.0.114.0": "203.0.114.0-255.255.255.255", "2001:db8::1": "::/0"} {
		if got := at(addr); got.String() != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	if e := c.Hypothetical("x", nil); m.Own(e) != e {
		t.Error("a pod that does not exist is another")
	}
	// A pod by one of its addresses is itself.
	one := []netpol.Party{{Name: "one", Members: []*netpol.Endpoint{at("10.0.0.2")}}}
	dual := []netpol.Party{{Name: "dual", Members: []*netpol.Endpoint{c.Pod("x", "dual")}}}
	for _, b := range []*netpol.Between{m.Between(one, dual), m.Between(dual, one)} {
		if got := b.Row(0)[0]; !got.Self || got.Reach != netpol.ReachAll {
			t.Errorf("a pod and itself: %+v", got)
		}
	}
	// What always passes from a node stays where there is nothing else.
	b := m.Between([]netpol.Party{{Members: []*netpol.Endpoint{c.Node("n1")}}}, m.Parties(netpol.ByPod))
	b.WithoutNear = true
	if got := b.Row(0)[0]; got.Reach != netpol.ReachAll {
		t.Errorf("a node and its pod: %+v", got)
	}
}
