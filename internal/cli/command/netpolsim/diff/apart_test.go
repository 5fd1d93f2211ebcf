package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is new is told with what limits it: of several pods only what limits
// all of them.
func TestAdded(t *testing.T) {
	pod := func(name, labels, spec string) string {
		return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: shop, labels: {%s}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: new, uid: u, controller: true}]}\n"+
			"spec: {%snodeName: n1, containers: [{name: c, image: i}]}\n", name, labels, spec)
	}
	ingress, egress := np("in", "{podSelector: {matchLabels: {new: one}}}"), np("out", "{podSelector: {matchLabels: {new: one}}, policyTypes: [Egress]}")
	tests := []struct {
		name, after, want string
	}{
		{"nothing selects it", pod("new-0", "new: one", ""), "no policy limits it, everything passes"},
		{"one way", pod("new-0", "new: one", "") + ingress, "policies limit it for ingress only"},
		{"the other", pod("new-0", "new: one", "") + egress, "policies limit it for egress only"},
		{"both", pod("new-0", "new: one", "") + ingress + egress, "policies limit it for ingress and egress"},
		{"one of its pods is free", pod("new-0", "new: one", "") + pod("new-1", "new: other", "") + ingress, "no policy limits it, everything passes"},
		{"it uses the network of its node", pod("new-0", "new: one", "hostNetwork: true, ") + ingress, "no policy limits it, everything passes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, g := range compare(t, &Options{}, shop, shop+tt.after).report().Added {
				got = append(got, groupName(g.FlowGroup, true)+": "+isolation(g))
			}
			if d := cmp.Diff([]string{"shop/statefulset/new: " + tt.want}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
