package netpol_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestAddressesOfTheUnread asks about addresses that may be those of objects
// which could not be read: no verdict about something outside is theirs.
func TestAddressesOfTheUnread(t *testing.T) {
	policies := policy("b", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{podSelector: {matchLabels: {pod: a}}}]}]}") +
		policy("c", "{podSelector: {matchLabels: {pod: c}}, egress: [{to: [{podSelector: {}}]}], policyTypes: [Egress]}")
	for _, tt := range []struct {
		from, to, unread string
		want             netpol.Verdict
		says             string
	}{
		{"10.9.9.9", "b", "", netpol.Denied, ""},
		{"10.9.9.9", "b", "pods", netpol.Undefined, "10.9.9.9 may be the address of a pod: pods could not all be read"},
		{"10.9.9.0/30", "b", "pods", netpol.Undefined, "may be the address of a pod"},
		{"8.8.8.8", "b", "pods", netpol.Denied, ""},
		{"internet", "b", "pods", netpol.Denied, ""},
		{"10.9.9.9", "b", "services", netpol.Denied, ""}, // Services send nothing
		{"10.9.9.9", "b", "nodes", netpol.Undefined, "may be the address of a node"},
		{"10.9.9.9", "a", "nodes", netpol.Allowed, ""},
		{"a", "10.9.9.9", "", netpol.Allowed, ""},
		{"a", "10.9.9.9", "pods", netpol.Undefined, "may be the address of a pod"},
		{"a", "10.9.9.9", "services", netpol.Undefined, "10.9.9.9 may be the address of a Service: Services could not all be read"},
		{"a", "10.9.9.9", "nodes", netpol.Allowed, ""}, // nodes take what comes
		{"c", "10.9.9.9", "nodes", netpol.Denied, ""},
		{"c", "10.9.9.9", "pods", netpol.Undefined, "may be the address of a pod"},
		{"a", "8.8.8.8", "services", netpol.Allowed, ""},
		{"a", "b", "services", netpol.Allowed, ""},
	} {
		t.Run(strings.TrimSuffix(tt.from+" to "+tt.to+" without "+tt.unread, " without "), func(t *testing.T) {
			b := snapshot.NewBuilder()
			for object := range clusterOf(t, abc()+policies).Snapshot().All() {
				b.Add(object)
			}
			if tt.unread != "" {
				b.Gap(snapshot.Gap{Resource: tt.unread, Except: []string{"x"}, Reason: snapshot.Forbidden})
			}
			s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
			if err != nil {
				t.Fatal(err)
			}
			a := ask(t, netpol.NewCluster(s, netpol.ProfileCommon), tt.from, tt.to, 0, "80")
			if a.Verdict != tt.want || !strings.Contains(answerText(a), tt.says) {
				t.Errorf("want %s, %q:\n%s", tt.want, tt.says, answerText(a))
			}
		})
	}
}
