package netpol_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// probes are the ports at which the random rules may change their mind.
func probes() []int32 {
	return []int32{1, 2, 3, 29, 30, 52, 53, 54, 55, 79, 80, 81, 82, 108, 109, 110, 8000, 8001, 8002, 8053, 8054, 8080, 8081, 8082, 8108, 8109, 16080, 16081, 65534, 65535}
}

// TestCrossingsAreEverySingleFlow compares what passes between parties of
// random clusters with the flows between their members, one by one.
func TestCrossingsAreEverySingleFlow(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(150) {
		d := newDice(900 + seed)
		var gaps []snapshot.Gap
		if d.oneIn(6) {
			gaps = append(gaps, snapshot.Gap{Group: "networking.k8s.io", Resource: "networkpolicies", Namespace: "ns1", Reason: snapshot.Forbidden})
		}
		w := d.less(d.world())
		for _, pod := range w.pods {
			if d.oneIn(2) {
				d.own(pod)
			}
		}
		c := d.withTemplates(t, w, pick(d, netpol.Profiles()...), gaps...)
		o := netpol.MatrixOptions{Family: pick(d, netpol.AnyFamily, netpol.IPv4), Namespace: pick(d, "", "", "ns0")}
		if d.oneIn(3) {
			o.Ports = []netpol.PortRange{{Protocol: "TCP", From: 80, To: 80}}
		}
		m := c.Matrix(o)
		for _, by := range netpol.Ways() {
			parties := m.Parties(by)
			b := m.Between(parties, parties)
			for from := range parties {
				for _, crossing := range b.Row(from) {
					compareCrossing(t, fmt.Sprintf("seed %d by %s", seed, by), c, o, parties[from], parties[crossing.To], crossing)
					seen[string(by)+" "+string(crossing.Reach)]++
				}
			}
		}
	}
	for _, by := range netpol.Ways() {
		for _, reach := range []netpol.Reach{netpol.ReachAll, netpol.ReachSome, netpol.ReachNone, netpol.ReachMixed, netpol.ReachUndefined, netpol.ReachNoFlow} {
			if key := string(by) + " " + string(reach); (by != netpol.ByPod || reach != netpol.ReachMixed) && seen[key] < 50 {
				t.Errorf("the random clusters tell little: %v", seen)
			}
		}
	}
}

// own makes the pod one of a workload.
func (d dice) own(pod *corev1.Pod) {
	pod.OwnerReferences = []metav1.OwnerReference{{Kind: pick(d, "DaemonSet", "StatefulSet"), Name: "w", Controller: new(true)}}
}

func compareCrossing(t *testing.T, name string, c *netpol.Cluster, o netpol.MatrixOptions, from, to netpol.Party, got netpol.Crossing) {
	t.Helper()
	flows := 0
	verdicts := map[netpol.PortRange]map[netpol.Verdict]bool{}
	for _, source := range from.Members {
		for _, destination := range to.Members {
			family, ok := familyOfPair(o.Family, source, destination)
			if !ok || !isAbout(o, source, destination) || source == destination && source.Kind == netpol.PodEndpoint && source.Name != "" && len(from.Members)*len(to.Members) > 1 {
				continue
			}
			flows++
			for _, protocol := range netpol.Protocols() {
				for _, port := range probes() {
					if !asksFor(o, protocol, port) {
						continue
					}
					key := netpol.PortRange{Protocol: protocol, From: port, To: port}
					if verdicts[key] == nil {
						verdicts[key] = map[netpol.Verdict]bool{}
					}
					verdicts[key][c.Verdict(netpol.Flow{From: source, To: destination, Protocol: protocol, Port: port, Family: family})] = true
				}
			}
		}
	}
	if (flows == 0) != (got.Reach == netpol.ReachNoFlow) {
		t.Fatalf("%s: %s -> %s: %d flows, and %s", name, from.Name, to.Name, flows, got.Reach)
	}
	want := map[netpol.Verdict]int{}
	for key, all := range verdicts {
		verdict := netpol.Denied
		switch {
		case all[netpol.Undefined]:
			verdict = netpol.Undefined
		case all[netpol.Allowed] && all[netpol.Denied]:
			verdict = netpol.Partly
		case all[netpol.Allowed]:
			verdict = netpol.Allowed
		}
		want[verdict]++
		is := netpol.Denied
		for _, open := range got.Ports {
			if open.Ports.Protocol == key.Protocol && open.Ports.From <= key.From && key.From <= open.Ports.To {
				is = open.Verdict
			}
		}
		if is != verdict {
			t.Fatalf("%s: %s -> %s: %s is %s of %v, want %s", name, from.Name, to.Name, key, is, got.Ports, verdict)
		}
	}
	if reach := reachOf(want, flows); reach != got.Reach {
		t.Fatalf("%s: %s -> %s: %s of %v, want %s", name, from.Name, to.Name, got.Reach, got.Ports, reach)
	}
}

// reachOf sums up verdicts about ports.
func reachOf(verdicts map[netpol.Verdict]int, flows int) netpol.Reach {
	switch {
	case flows == 0:
		return netpol.ReachNoFlow
	case verdicts[netpol.Undefined] > 0:
		return netpol.ReachUndefined
	case verdicts[netpol.Partly] > 0:
		return netpol.ReachMixed
	case verdicts[netpol.Denied] == 0:
		return netpol.ReachAll
	case verdicts[netpol.Allowed] == 0:
		return netpol.ReachNone
	default:
		return netpol.ReachSome
	}
}

// TestNodesAndTheirPods: the pods of a workload on two nodes, one of them
// isolated from everybody.
func TestNodesAndTheirPods(t *testing.T) {
	c := clusterOf(t, `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x, labels: {app: a}, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: ds, controller: true, uid: u}]}
spec: {nodeName: n1}
status: {podIP: 10.0.0.1, hostIP: 192.168.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: x, labels: {app: a}, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: ds, controller: true, uid: u}]}
spec: {nodeName: n2}
status: {podIP: 10.0.0.2, hostIP: 192.168.0.2}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: x}
spec: {podSelector: {}}
`)
	m := c.Matrix(netpol.MatrixOptions{})
	parties := m.Parties(netpol.ByWorkload)
	names := func(parties []netpol.Party) (all []string) {
		for _, p := range parties {
			all = append(all, p.Name)
		}
		return all
	}
	if diff := cmp.Diff([]string{"x/daemonset/ds", "nodes", "internet"}, names(parties)); diff != "" {
		t.Fatal(diff)
	}
	reaches := func(b *netpol.Between) (all []netpol.Reach) {
		for from := range parties {
			for _, crossing := range b.Row(from) {
				all = append(all, crossing.Reach)
			}
		}
		return all
	}
	const all, none, mixed, noFlow = netpol.ReachAll, netpol.ReachNone, netpol.ReachMixed, netpol.ReachNoFlow
	b := m.Between(parties, parties)
	if diff := cmp.Diff([]netpol.Reach{none, all, all, mixed, all, all, none, all, noFlow}, reaches(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.WithoutNear = true
	if diff := cmp.Diff([]netpol.Reach{none, all, all, none, all, all, none, all, noFlow}, reaches(b)); diff != "" {
		t.Errorf("without what is on the same node (-want +got):\n%s", diff)
	}
	one := m.Parties(netpol.ByPod)
	if diff := cmp.Diff([]string{"x/pod/a", "x/pod/b", "node/n1", "node/n2", "0.0.0.0/0"}, names(one)); diff != "" {
		t.Fatal(diff)
	}
	b = m.Between(one, one)
	b.WithoutNear = true
	row := b.Row(slices.IndexFunc(one, func(p netpol.Party) bool { return p.Name == "node/n1" }))
	if row[0].Reach != all || row[1].Reach != none {
		t.Errorf("a node and the pod on it: %+v", row)
	}
	if self := b.Row(0)[0]; !self.Self || self.Reach != all {
		t.Errorf("a pod and itself: %+v", self)
	}
}
