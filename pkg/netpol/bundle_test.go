package netpol_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// pair is two classes.
type pair struct{ from, to int }

// unbundled returns the ports of all pairs of classes. A pair may be in one
// bundle only, and bundles come in order.
func unbundled(t *testing.T, bundles []netpol.Bundle) map[pair][]netpol.OpenPorts {
	t.Helper()
	all := map[pair][]netpol.OpenPorts{}
	last := pair{-1, -1}
	known := map[string]bool{}
	for _, b := range bundles {
		key := fmt.Sprint(slices.Collect(b.To()), b.Ports)
		if known[key] {
			t.Fatalf("two bundles could be one: %s", key)
		}
		known[key] = true
		first := pair{-1, -1}
		for _, from := range b.From {
			for to := range b.To() {
				p := pair{from, to}
				if first.from < 0 {
					first = p
				}
				if all[p] != nil || len(b.Ports) == 0 {
					t.Fatalf("%v is in two bundles, or in one without ports: %v", p, b.Ports)
				}
				all[p] = b.Ports
			}
		}
		if !slices.IsSorted(b.From) || first.from < last.from || first.from == last.from && first.to <= last.to {
			t.Fatalf("bundle %v after %v, from %v", first, last, b.From)
		}
		last = first
	}
	return all
}

// TestBundlesAreEveryEdge: of many small clusters, and of one that several
// workers share.
func TestBundlesAreEveryEdge(t *testing.T) {
	clusters := []*netpol.Cluster{netpol.NewCluster(largeCluster(t, 500, 80), netpol.ProfileCommon)}
	for seed := range uint64(60) {
		d := newDice(seed)
		clusters = append(clusters, d.withTemplates(t, d.less(d.world()), pick(d, netpol.Profiles()...)))
	}
	edges, bundles, exceptions := 0, 0, 0
	for i, c := range clusters {
		m := c.Matrix(netpol.MatrixOptions{})
		joined := m.Join(allOf(m))
		found := joined.Bundles
		var special []netpol.Exception
		for row := range m.Rows() {
			special = slices.AppendSeq(special, m.Exceptions(row))
		}
		if diff := cmp.Diff(fmt.Sprint(special), fmt.Sprint(joined.Exceptions)); diff != "" {
			t.Fatalf("cluster %d: exceptions (-want +got):\n%s", i, diff)
		}
		exceptions += len(special)
		all := unbundled(t, found)
		bundles += len(found)
		n := 0
		for e := range m.Edges() {
			n++
			if !slices.Equal(all[pair{e.From, e.To}], e.Ports) {
				t.Fatalf("cluster %d: %d -> %d: %v in its bundle, want %v", i, e.From, e.To, all[pair{e.From, e.To}], e.Ports)
			}
		}
		if n != len(all) {
			t.Fatalf("cluster %d: %d pairs in bundles, want %d", i, len(all), n)
		}
		edges += n
	}
	if bundles*10 > edges || exceptions < 100 {
		t.Errorf("%d bundles of %d edges, %d exceptions: the clusters tell little", bundles, edges, exceptions)
	}
}

func TestBundlesOfSomeRows(t *testing.T) {
	m := netpol.NewCluster(largeCluster(t, 100, 20), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
	some := []int{3, 4, 50}
	all := unbundled(t, m.Join(some).Bundles)
	want := 0
	for row := range m.RowsOf(some) {
		for _, g := range row.Groups {
			want += g.Len()
		}
	}
	for p := range all {
		if !slices.Contains(some, p.from) {
			t.Errorf("a row that was not asked for: %v", p)
		}
	}
	if len(all) != want {
		t.Errorf("%d pairs, want %d", len(all), want)
	}
	if none := m.Join(nil).Bundles; len(none) != 0 {
		t.Error(none)
	}
}
