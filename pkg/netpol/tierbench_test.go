package netpol_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// withTiers adds cluster-wide policies to a large cluster, which select half
// of its namespaces each.
func withTiers(tb testing.TB, s *snapshot.Snapshot, policies int) *snapshot.Snapshot {
	tb.Helper()
	d := newDice(uint64(policies))
	b := snapshot.NewBuilder()
	for object := range s.All() {
		b.Add(object)
	}
	peer := func() clusterPeer {
		p := clusterPeer{namespaces: pick(d, &metav1.LabelSelector{MatchLabels: map[string]string{"env": pick(d, "prod", "test")}}, &metav1.LabelSelector{MatchLabels: map[string]string{"team": fmt.Sprint(d.IntN(20))}})}
		if d.oneIn(3) {
			p.pods = d.largeSelector()
		}
		return p
	}
	rule := func() clusterRule {
		r := clusterRule{action: pick(d, "Accept", "Deny", "Pass"), peers: []clusterPeer{peer(), peer()}}
		for range d.IntN(3) {
			port := pick[int32](d, 22, 53, 80, 443, 8080)
			r.ports = append(r.ports, clusterPort{protocol: "TCP", from: port, to: port})
		}
		return r
	}
	for i := range policies {
		p := &clusterPolicy{kind: "ClusterNetworkPolicy", name: fmt.Sprint("cnp-", i), tier: pick(d, "Admin", "Baseline"), priority: int64(i), rules: map[netpol.Direction][]clusterRule{}}
		p.subject = clusterPeer{namespaces: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "env", Operator: metav1.LabelSelectorOpNotIn, Values: []string{pick(d, "prod", "test", "dev")}}}}}
		for _, direction := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
			p.rules[direction] = []clusterRule{rule(), rule(), rule()}
		}
		b.Add(p.object())
	}
	with, err := b.Build(s.Info())
	if err != nil {
		tb.Fatal(err)
	}
	return with
}

// BenchmarkMatrixWithTiers makes all rows of clusters with cluster-wide
// policies.
func BenchmarkMatrixWithTiers(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d+100", size.pods, size.policies), func(b *testing.B) {
			c := netpol.NewCluster(withTiers(b, largeCluster(b, size.pods, size.policies), 100), netpol.ProfileCommon)
			if len(c.ClusterPolicies()) != 100 {
				b.Fatal(c.Rejected())
			}
			for b.Loop() {
				for range c.Matrix(netpol.MatrixOptions{}).Rows() {
				}
			}
		})
	}
}
