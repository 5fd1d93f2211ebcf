package netpol_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestStrange(t *testing.T) {
	c := clusterOf(t, abc())
	for _, tt := range []struct {
		ref  string
		want []string
	}{
		{"x/nosuch", nil},
		{"labels:ns=x,pod=a", nil},
		{"labels:ns=x,pod=z,app=web", []string{"no pod in the input has the label app=web", "no pod in the input has the label pod=z"}},
		{"labels:ns=y,pod=a", []string{"nothing in the input is in namespace y"}},
	} {
		if diff := cmp.Diff(tt.want, c.Strange(reference(t, tt.ref)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.ref, diff)
		}
	}
}

// A namespace of which only pods are known is none that is misspelt, nor is any
// where namespaces could not be read.
func TestStrangeNamespace(t *testing.T) {
	c := clusterOf(t, pod("a", "10.0.0.1", ""))
	if got := c.Strange(reference(t, "labels:ns=x,pod=a")); len(got) > 0 {
		t.Errorf("%q", got)
	}
	b := snapshot.NewBuilder()
	b.Gap(snapshot.Gap{Resource: "namespaces", Reason: snapshot.Forbidden})
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	if got := netpol.NewCluster(s, netpol.ProfileCommon).Strange(reference(t, "labels:ns=y")); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestBearsOn(t *testing.T) {
	in := func(namespace string, except ...string) snapshot.Gap {
		return snapshot.Gap{Resource: "pods", Namespace: namespace, Except: except}
	}
	for _, tt := range []struct {
		from, to string
		gap      snapshot.Gap
		want     bool
	}{
		{"x/a", "y/b", in(""), true},
		{"x/a", "y/b", in("x"), true},
		{"x/a", "y/b", in("y"), true},
		{"x/a", "y/b", in("z"), false},
		{"x/a", "y/b", in("", "x", "y"), false},
		{"x/a", "y/b", in("", "x"), true},
		{"ns/x", "ns/y", in("y"), true},
		{"ns/x", "ns/y", in("z"), false},
		{"labels:ns=x,a=b", "y/svc/b", in("z"), false},
		{"x/a", "10.0.0.1", in("z"), true},
		{"node/n", "x/a", in("z"), true},
		{"internet", "x/a", in("z"), true},
	} {
		q := netpol.Question{From: reference(t, tt.from), To: reference(t, tt.to)}
		if got := q.BearsOn(tt.gap); got != tt.want {
			t.Errorf("%s to %s: %+v bears on it: %t", tt.from, tt.to, tt.gap, got)
		}
	}
}
