package netpol_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// BenchmarkSurplus finds what makes no difference.
func BenchmarkSurplus(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			c := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon)
			parts := 0
			for b.Loop() {
				found, _ := c.Inspect().Surplus()
				parts = len(found)
			}
			b.ReportMetric(float64(parts), "parts")
		})
	}
}
