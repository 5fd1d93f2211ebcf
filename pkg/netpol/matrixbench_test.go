package netpol_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// sizes are those of the budgets.
func sizes() []struct{ pods, policies int } {
	return []struct{ pods, policies int }{{1000, 150}, {10_000, 1000}}
}

// BenchmarkMatrix makes all rows of the matrix, with exceptions.
func BenchmarkMatrix(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			c := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon)
			classes, groups, edges, exceptions := 0, 0, 0, 0
			for b.Loop() {
				m := c.Matrix(netpol.MatrixOptions{})
				classes, groups, edges, exceptions = len(m.Classes()), 0, 0, 0
				for row := range m.Rows() {
					groups += len(row.Groups)
					for _, g := range row.Groups {
						edges += g.Len()
					}
					for range m.Exceptions(row) {
						exceptions++
					}
				}
			}
			b.ReportMetric(float64(classes), "classes")
			b.ReportMetric(float64(groups)/float64(classes), "groups/row")
			b.ReportMetric(float64(edges)/float64(classes*classes), "edges/pair")
			b.ReportMetric(float64(exceptions), "exceptions")
		})
	}
}

// BenchmarkMatrixWithoutRows makes the part of the matrix that rows share.
func BenchmarkMatrixWithoutRows(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			c := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon)
			for b.Loop() {
				c.Matrix(netpol.MatrixOptions{})
			}
		})
	}
}

// BenchmarkMatrixRow makes one row: what one pod reaches.
func BenchmarkMatrixRow(b *testing.B) {
	m := netpol.NewCluster(largeCluster(b, 10_000, 1000), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
	for i := 0; b.Loop(); i++ {
		m.Row(i % 1000)
	}
}

// BenchmarkMatrixDiff compares two clusters that differ in ten policies.
func BenchmarkMatrixDiff(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			before := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
			after := netpol.NewCluster(largeCluster(b, size.pods, size.policies+10), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
			pairs, changes := 0, 0
			for b.Loop() {
				pairs, changes = 0, 0
				for change := range before.Diff(after).Changes() {
					changes++
					pairs += len(change.From) * len(change.To)
				}
			}
			b.ReportMetric(float64(changes), "changes")
			b.ReportMetric(float64(pairs), "pairs")
		})
	}
}

// BenchmarkMatrixAgainstFlows makes rows, and the same by single flows: ratio is
// how much longer those take.
func BenchmarkMatrixAgainstFlows(b *testing.B) {
	c := netpol.NewCluster(largeCluster(b, 1000, 150), netpol.ProfileCommon)
	m := c.Matrix(netpol.MatrixOptions{})
	var rows, flows time.Duration
	for id := 0; b.Loop(); id = (id + 17) % 1000 {
		start := b.Elapsed()
		m.Row(id)
		rows += b.Elapsed() - start
		start = b.Elapsed()
		for _, class := range m.Classes() {
			c.Ports(netpol.Flow{From: m.Classes()[id].Members[0], To: class.Members[0], Family: netpol.IPv4})
		}
		flows += b.Elapsed() - start
	}
	b.ReportMetric(float64(flows)/float64(rows), "ratio")
}

// BenchmarkMatrixJoin joins all rows.
func BenchmarkMatrixJoin(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			c := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon)
			bundles := 0
			for b.Loop() {
				m := c.Matrix(netpol.MatrixOptions{})
				bundles = len(m.Join(allOf(m)).Bundles)
			}
			b.ReportMetric(float64(bundles), "bundles")
		})
	}
}

// allOf are the classes of the matrix.
func allOf(m *netpol.Matrix) []int {
	var ids []int
	for _, class := range m.Classes() {
		ids = append(ids, class.ID)
	}
	return ids
}

// BenchmarkMatrixEdges goes through all edges.
func BenchmarkMatrixEdges(b *testing.B) {
	m := netpol.NewCluster(largeCluster(b, 1000, 150), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
	edges := 0
	for b.Loop() {
		edges = 0
		for range m.Edges() {
			edges++
		}
	}
	b.ReportMetric(float64(edges), "edges")
}

// TestLargeMatrix compares some rows of a cluster whose sets have many words.
func TestLargeMatrix(t *testing.T) {
	c := netpol.NewCluster(largeCluster(t, 500, 80), netpol.ProfileCommon)
	later := netpol.NewCluster(largeCluster(t, 500, 90), netpol.ProfileCommon)
	m, d, seen := c.Matrix(netpol.MatrixOptions{}), newDice(1), map[netpol.Verdict]int{}
	changed := map[[2]string][]netpol.PortChange{}
	for change := range m.Diff(later.Matrix(netpol.MatrixOptions{})).Changes() {
		for from, to := range change.Pairs() {
			changed[[2]string{from.String(), to.String()}] = change.Ports
		}
	}
	after := endpointsOf(later)
	for id := 0; id < len(m.Classes()); id += 1 + d.IntN(20) {
		row, from := m.Row(id), m.Classes()[id].Members[0]
		for _, class := range m.Classes() {
			to := class.Members[0]
			ports, _ := m.Ports(row, from, to)
			comparePair(t, "large", c, netpol.MatrixOptions{}, from, to, ports, seen)
			if from.Kind == netpol.ExternalEndpoint || to.Kind == netpol.ExternalEndpoint {
				continue
			}
			f := netpol.Flow{From: from, To: to, Protocol: "TCP", Port: pick[int32](d, 22, 80, 8080, 9090, 12345), Family: netpol.IPv4}
			g := f
			g.From, g.To = after[from.String()], after[to.String()]
			is := c.Verdict(f)
			for _, p := range changed[[2]string{from.String(), to.String()}] {
				if p.Ports.Protocol == f.Protocol && p.Ports.From <= f.Port && f.Port <= p.Ports.To {
					is = p.After
				}
			}
			if want := later.Verdict(g); is != want {
				t.Fatalf("%s -> %s %d: %s by the difference, %s by the flow", from, to, f.Port, is, want)
			}
		}
	}
	if seen[netpol.Allowed] < 100_000 || seen[netpol.Denied] < 100_000 || len(changed) < 1000 {
		t.Errorf("the cluster tells little: %v, %d changes", seen, len(changed))
	}
}
