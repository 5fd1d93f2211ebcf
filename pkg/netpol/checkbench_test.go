package netpol_test

import (
	"fmt"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// BenchmarkCheck checks 100,000 assertions about the cluster of 10,000 pods, one
// after another, each kind of ends by itself.
func BenchmarkCheck(b *testing.B) {
	c := netpol.NewCluster(appCluster(b), netpol.ProfileCommon)
	pod := func(n int) string {
		n %= manyNamespaces * podsEach
		return fmt.Sprintf("ns-%03d/app-%d-5f-%05d", n/podsEach, n%podsEach/podsPerApp, n)
	}
	app := func(kind string, n int) string {
		n %= manyNamespaces * podsEach / podsPerApp
		return fmt.Sprintf("ns-%03d/%s/app-%d", n/podsPerApp, kind, n%podsPerApp)
	}
	for _, kind := range []struct {
		name     string
		from, to func(n int) string
		port     string
	}{
		{"pod to pod", pod, func(n int) string { return pod(7 * n) }, "8080"},
		{"pod to Service", pod, func(n int) string { return app("svc", 7*n) }, "80"},
		{"pod to Deployment", pod, func(n int) string { return app("deploy", 7*n) }, "8080"},
		{"pod to nobody", pod, func(n int) string { return app("deploy", 7*n) + "x" }, "8080"},
	} {
		b.Run(kind.name, func(b *testing.B) {
			const many = 100_000
			assertions := make([]netpol.Assertion, many)
			for i := range assertions {
				a := &assertions[i]
				a.From, a.To, a.Expect = reference(b, kind.from(13*i)), reference(b, kind.to(i)), netpol.ExpectAllow
				if err := a.AddPort(kind.port); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range assertions {
					c.Check(assertions[i], 3)
				}
			}
		})
	}
}
