package network_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
)

// TestOptionalTypesAreMissed checks that policies of every kind, and what takes
// connections from outside, leave a gap where servers have the type and do not
// show it.
func TestOptionalTypesAreMissed(t *testing.T) {
	seen := map[string]bool{}
	for _, need := range network.Needs() {
		if need.Optional != need.IfServed {
			t.Errorf("%s: %v", need.Type, need.IfServed)
		}
		seen[need.Type.Group] = seen[need.Type.Group] || need.Optional
	}
	for _, group := range []string{"policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "gateway.networking.k8s.io", "route.openshift.io"} {
		if !seen[group] {
			t.Errorf("nothing of %s is read", group)
		}
	}
}
