package netpol_test

import (
	"net/netip"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// perWorld is how many connections of a random cluster are compared.
const perWorld = 60

// TestSameAsTheWords compares the engine with the plain reading of the API.
// Everything is known, so that nothing but ICMP is undefined.
func TestSameAsTheWords(t *testing.T) {
	seen := map[netpol.Verdict]int{}
	for seed := range uint64(400) {
		d := newDice(seed)
		w := d.world()
		cluster := w.engine(t, netpol.ProfileCommon)
		for range perWorld {
			c := d.connection(w)
			if d.oneIn(12) {
				c.protocol, c.port = netpol.ProtocolICMP, 0
			}
			want := w.verdict(c)
			f := c.flow(cluster)
			got := cluster.Verdict(f)
			seen[got]++
			if got != want {
				t.Fatalf("seed %d, IPv%d: the engine says %s, the words %s\n%s", seed, c.family, got, want, textOf(cluster.Explain(f)))
			}
			if got == netpol.Undefined && c.protocol != netpol.ProtocolICMP && len(w.cluster) == 0 {
				t.Fatalf("seed %d: everything is known, but\n%s", seed, textOf(cluster.Explain(f)))
			}
		}
	}
	for _, v := range []netpol.Verdict{netpol.Allowed, netpol.Denied, netpol.Undefined} {
		if seen[v] < 500 {
			t.Errorf("the random clusters tell little: %v", seen)
		}
	}
}

// TestLessIsNeverWrong takes what is known away, piece by piece: the verdict
// may become Undefined, but never another one.
func TestLessIsNeverWrong(t *testing.T) {
	undefined := 0
	for seed := range uint64(400) {
		d := newDice(seed)
		w := d.world()
		less := d.less(w).engine(t, netpol.ProfileCommon)
		for range perWorld {
			c := d.connection(w)
			if !c.possible() {
				continue
			}
			f := c.flow(less)
			got, want := less.Verdict(f), w.verdict(c)
			if got == netpol.Undefined {
				undefined++
				continue
			}
			if got != want {
				t.Fatalf("seed %d, IPv%d: the verdict is %s when less is known, else %s\n%s", seed, c.family, got, want, textOf(less.Explain(f)))
			}
		}
	}
	if undefined < 200 {
		t.Errorf("only %d verdicts became undefined", undefined)
	}
}

// possible reports whether both ends have an address of the family.
func (c connection) possible() bool {
	is4 := func(addr netip.Addr) bool { return addr.Is4() == (c.family == netpol.IPv4) }
	return slices.ContainsFunc(c.from.addresses, is4) && slices.ContainsFunc(c.to.addresses, is4)
}

// less returns a copy without some namespaces, addresses and nodes of pods.
func (d dice) less(w *world) *world {
	less := &world{nodes: w.nodes, policies: w.policies, cluster: w.cluster}
	for _, ns := range w.namespaces {
		if d.oneIn(2) {
			less.namespaces = append(less.namespaces, ns)
		}
	}
	for _, p := range w.pods {
		p := p.DeepCopy()
		if d.oneIn(3) {
			p.Status.PodIPs = nil
		}
		if d.oneIn(3) {
			p.Spec.NodeName = ""
		}
		less.pods = append(less.pods, p)
	}
	return less
}

// TestStrictProfile checks that the strict profile differs from the common one
// by leaving open what is about the host's network, and nothing else.
func TestStrictProfile(t *testing.T) {
	undefined := 0
	for seed := range uint64(200) {
		d := newDice(seed)
		w := d.world()
		common, strict := w.engine(t, netpol.ProfileCommon), w.engine(t, netpol.ProfileSpec)
		for range perWorld {
			c := d.connection(w)
			want, got := common.Verdict(c.flow(common)), strict.Verdict(c.flow(strict))
			if got == want {
				continue
			}
			undefined++
			half := len(w.cluster) > 0 // of the directions NetworkPolicies may isolate in
			if got != netpol.Undefined || !half && !onHostNetwork(c.from) && !onHostNetwork(c.to) {
				t.Fatalf("seed %d: %s, and by the strict profile\n%s", seed, want, textOf(strict.Explain(c.flow(strict))))
			}
		}
	}
	if undefined < 100 {
		t.Errorf("only %d verdicts differ", undefined)
	}
}

// TestAddressesStandForTheirOwners checks that it does not matter whether a
// question names an end or its address. To most networks a pod of the host's
// network is the node there.
func TestAddressesStandForTheirOwners(t *testing.T) {
	pods, hosts := 0, 0
	for seed := range uint64(300) {
		d := newDice(seed)
		w := d.world()
		cluster := w.engine(t, netpol.ProfileCommon)
		for range perWorld {
			f := d.connection(w).flow(cluster)
			byAddress := f
			for _, end := range []**netpol.Endpoint{&byAddress.From, &byAddress.To} {
				addr := (*end).Address(f.Family)
				switch {
				case !addr.IsValid():
					continue
				case (*end).HostNetwork:
					hosts++
				case (*end).Kind == netpol.PodEndpoint:
					pods++
				}
				*end = cluster.At(addr)
			}
			if got, want := cluster.Verdict(f), cluster.Verdict(byAddress); got != want {
				t.Fatalf("seed %d\n%sbut by address\n%s", seed, textOf(cluster.Explain(f)), textOf(cluster.Explain(byAddress)))
			}
		}
	}
	if pods < 1000 || hosts < 1000 {
		t.Errorf("only %d pods and %d of the host's network were compared", pods, hosts)
	}
}

func onHostNetwork(p place) bool { return p.pod != nil && p.pod.Spec.HostNetwork }

// TestMorePoliciesOfADirection checks that another policy allows no less to
// pods that are isolated already, and no more to those that are not.
func TestMorePoliciesOfADirection(t *testing.T) {
	for seed := range uint64(200) {
		d := newDice(seed)
		w := d.world()
		w.cluster = nil
		more := *w
		extra := d.policy(99)
		more.policies = slices.Concat(w.policies, []*networkingv1.NetworkPolicy{extra})
		before, after := w.engine(t, netpol.ProfileCommon), more.engine(t, netpol.ProfileCommon)
		for range perWorld {
			c := d.connection(w)
			isolated := len(w.selecting(c.from.pod, "Egress")) > 0 && len(w.selecting(c.to.pod, "Ingress")) > 0
			free := len(w.selecting(c.from.pod, "Egress")) == 0 && len(w.selecting(c.to.pod, "Ingress")) == 0
			was, is := before.Verdict(c.flow(before)), after.Verdict(c.flow(after))
			if isolated && was == netpol.Allowed && is != netpol.Allowed {
				t.Fatalf("seed %d: %s/%s took away\n%s", seed, extra.Namespace, extra.Name, textOf(after.Explain(c.flow(after))))
			}
			if free && was != netpol.Allowed {
				t.Fatalf("seed %d: nobody is isolated, but\n%s", seed, textOf(before.Explain(c.flow(before))))
			}
		}
	}
}

// FuzzVerdict lets the fuzzer choose the cluster.
func FuzzVerdict(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, seed, connections uint64) {
		w := newDice(seed).world()
		cluster, d := w.engine(t, netpol.ProfileCommon), newDice(connections)
		for range perWorld {
			c := d.connection(w)
			if got, want := cluster.Verdict(c.flow(cluster)), w.verdict(c); got != want {
				t.Fatalf("%s, by the words %s\n%s", got, want, textOf(cluster.Explain(c.flow(cluster))))
			}
		}
	})
}

// TestNothingIsolatesByDefault checks a cluster without policies.
func TestNothingIsolatesByDefault(t *testing.T) {
	d := newDice(5)
	w := d.world()
	w.policies, w.cluster = nil, nil
	cluster := w.engine(t, netpol.ProfileSpec)
	for range perWorld {
		for _, protocol := range append(netpol.Protocols(), netpol.ProtocolICMP, corev1.Protocol("")) {
			c := d.connection(w)
			c.protocol = protocol
			if e := cluster.Explain(c.flow(cluster)); e.Verdict != netpol.Allowed {
				t.Fatalf("without policies\n%s", textOf(e))
			}
		}
	}
}
