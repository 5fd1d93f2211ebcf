package cli_test

import (
	"path/filepath"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

// TestNetpolDiffOfUnread: what could not be read again is not said to be gone.
func TestNetpolDiffOfUnread(t *testing.T) {
	server := demoServer(t)
	base := filepath.Join(t.TempDir(), "base.json")
	live(t, server.Config(), "snapshot", "save", base).wantCode(t, 0)
	for _, path := range pathsOf(t, "networkpolicies", "pods", "nodes") {
		server.Inject(path, apiserver.Forbidden("lead"))
	}
	server.Inject("/apis/networking.k8s.io/v1/namespaces/payments*", apiserver.Forbidden("lead"))
	server.Inject("/api/v1/namespaces/payments/*", apiserver.Forbidden("lead"))
	r := live(t, server.Config(), "netpol-sim", "diff", "--base", base)
	r.wantCode(t, 0)
	wantNotIn(t, r.stdout, "removed: NetworkPolicy", "gone, with all connections")
	wantIn(t, r.stderr, "in one state only, and not compared: the other one could not be read there")
	r = live(t, server.Config(), "netpol-sim", "diff", "--base", base, "--require-complete")
	r.wantCode(t, 4)
}
