package network_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
)

// TestPoliciesAreMissed checks that policies of every kind, where servers have
// the type and do not show it, leave a gap: what takes connections from outside
// need not.
func TestPoliciesAreMissed(t *testing.T) {
	decide := map[string]bool{"policy.networking.k8s.io": true, "cilium.io": true, "crd.projectcalico.org": true}
	seen := map[string]bool{}
	for _, need := range network.Needs() {
		if need.Optional && need.IfServed != decide[need.Type.Group] {
			t.Errorf("%s: %v", need.Type, need.IfServed)
		}
		seen[need.Type.Group] = true
	}
	for group := range decide {
		if !seen[group] {
			t.Errorf("nothing of %s is read", group)
		}
	}
}
