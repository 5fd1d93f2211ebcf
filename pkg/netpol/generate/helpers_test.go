package generate_test

import (
	"net/netip"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func clusterOf(t testing.TB, b *snapshot.Builder) *netpol.Cluster {
	t.Helper()
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	if len(c.Rejected()) > 0 {
		t.Fatalf("API servers refuse: %+v", c.Rejected())
	}
	return c
}

func external(c *netpol.Cluster, ip string) *netpol.Endpoint { return c.At(netip.MustParseAddr(ip)) }
