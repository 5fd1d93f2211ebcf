package network_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestAllGaps: what bears on any flow between endpoints, and nothing else.
func TestAllGaps(t *testing.T) {
	b := snapshot.NewBuilder()
	for _, resource := range []string{"pods", "nodes", "namespaces", "jobs.batch", "cronjobs.batch", "deployments.apps", "networkpolicies.networking.k8s.io", "ciliumnetworkpolicies.cilium.io", "globalnetworkpolicies.crd.projectcalico.org", "secrets", "roles.rbac.authorization.k8s.io"} {
		name, group, _ := strings.Cut(resource, ".")
		b.Gap(snapshot.Gap{Group: group, Resource: name, Reason: snapshot.Forbidden})
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, gap := range network.AllGaps(netpol.NewCluster(s, netpol.ProfileCommon)) {
		got = append(got, gap.Resource)
	}
	if want := "namespaces nodes pods deployments cronjobs jobs ciliumnetworkpolicies globalnetworkpolicies networkpolicies"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestNumbers(t *testing.T) {
	for args, want := range map[string]string{
		"--port 80 --port 1000-1099/UDP --ip-family 6": "",
		"--port http": "is another port on every pod",
		"--port icmp": "ICMP has no ports",
		"--port 0":    "must be between",
	} {
		var f network.Flags
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		f.AddPorts(fs)
		f.AddFamily(fs)
		if err := fs.Parse(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		o, err := f.Numbers()
		switch {
		case want == "" && (err != nil || strings.Join(network.PortTexts(o.Ports), " ") != "80/TCP 1000-1099/UDP" || o.Family != netpol.IPv6):
			t.Errorf("%s: %+v, %v", args, o, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v", args, err)
		}
	}
}

func TestShortRanges(t *testing.T) {
	for _, tt := range []struct {
		name string
		wide bool
		want string
	}{
		{"shop/deployment/web", false, "shop/deployment/web"},
		{"1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8", false, "1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8"},
		{"1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8", false, "1.0.0.0/8, 2.0.0.0/8 and 2 more ranges"},
		{"1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8", true, "1.0.0.0/8, 2.0.0.0/8, 3.0.0.0/8, 4.0.0.0/8"},
	} {
		if got := network.ShortRanges(tt.name, tt.wide); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
