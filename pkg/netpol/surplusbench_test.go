package netpol_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// BenchmarkSurplus is about 10,000 pods and 1,000 policies.
func BenchmarkSurplus(b *testing.B) {
	c := netpol.NewCluster(appCluster(b), netpol.ProfileCommon)
	b.ReportAllocs()
	for b.Loop() {
		c.Inspect().Surplus()
	}
}
