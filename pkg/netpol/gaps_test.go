package netpol_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// without makes a cluster of the pods of abc where some could not be read.
func without(t *testing.T, gaps ...snapshot.Gap) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	for object := range clusterOf(t, abc()).Snapshot().All() {
		b.Add(object)
	}
	b.Gap(gaps...)
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

// TestMayExist: what could not be read is not said to be missing.
func TestMayExist(t *testing.T) {
	for _, tt := range []struct{ ref, group, resource, except, says string }{
		{"y/a", "", "pods", "x", "whether there is a pod a in namespace y is not known, since these could not be read: pods (forbidden)"},
		{"x/d", "", "pods", "x", "there is no pod d in namespace x"},
		{"y/a", "", "services", "", "there is no pod a in namespace y"},
		{"y/deploy/a", "apps", "deployments", "", "not known, since these could not be read: deployments.apps (forbidden)"},
		{"y/deploy/a", "apps", "statefulsets", "", "there is no deployment a"},
		{"y/cronjob/a", "batch", "cronjobs", "", "cronjobs.batch (forbidden)"},
		{"y/svc/a", "", "services", "x", "services (forbidden)"},
		{"ns/y", "", "namespaces", "", "whether there is a namespace y is not known"},
		{"ns/y", "", "pods", "x", "whether there is a namespace y is not known"},
		{"ns/y", "", "pods", "y", "there is no namespace y"},
		{"node/n", "", "nodes", "", "whether there is a node n is not known"},
		{"y/ingress/a", "networking.k8s.io", "ingresses", "", "ingresses.networking.k8s.io (forbidden)"},
		{"y/gateway/a", "gateway.networking.k8s.io", "gateways", "", "gateways.gateway.networking.k8s.io (forbidden)"},
	} {
		t.Run(tt.ref+" without "+tt.resource, func(t *testing.T) {
			gap := snapshot.Gap{Group: tt.group, Resource: tt.resource, Reason: snapshot.Forbidden}
			if tt.except != "" {
				gap.Except = []string{tt.except}
			}
			_, err := without(t, gap).Answer(netpol.Question{From: reference(t, tt.ref), To: reference(t, "x/b")})
			if tt.ref == "y/svc/a" {
				_, err = without(t, gap).Answer(netpol.Question{From: reference(t, "x/b"), To: reference(t, tt.ref)})
			}
			if _, ok := errors.AsType[*netpol.NotFoundError](err); !ok || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one with %q", err, tt.says)
			}
		})
	}
}

// TestUnreadKindsOfOthers: policies of networks that may be there and could not
// be read may change any answer.
func TestUnreadKindsOfOthers(t *testing.T) {
	gaps := []snapshot.Gap{
		{Group: "cilium.io", Resource: "ciliumnetworkpolicies", Reason: snapshot.Forbidden},
		{Group: "cilium.io", Resource: "ciliumclusterwidenetworkpolicies", Reason: snapshot.Forbidden},
		{Group: "crd.projectcalico.org", Resource: "networkpolicies", Reason: snapshot.Forbidden},
		{Group: "crd.projectcalico.org", Resource: "globalnetworkpolicies", Reason: snapshot.Forbidden},
	}
	c := without(t, append(gaps, snapshot.Gap{Group: "networking.k8s.io", Resource: "ingresses", Reason: snapshot.Forbidden})...)
	if found := c.GapsFor(netpol.Question{From: reference(t, "x/a"), To: reference(t, "x/b")}); len(found) != len(gaps) {
		t.Errorf("gaps %+v, want those of other networks", found)
	}
}
