package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func openText(open []netpol.OpenPorts) string {
	var parts []string
	for _, o := range open {
		parts = append(parts, fmt.Sprintf("%s %s", o.Ports, o.Verdict))
	}
	return strings.Join(parts, "; ")
}

func TestPorts(t *testing.T) {
	for _, c := range []struct{ name, policies, from, want string }{
		{"no policy", "", "x/a", "*/TCP Allowed; */UDP Allowed; */SCTP Allowed"},
		{"deny-all", policy("p", "{}"), "x/a", "*/TCP Denied; */UDP Denied; */SCTP Denied"},
		{"one port", policy("p", "{ingress: [{ports: [{port: 80}]}]}"), "x/a", "1-79/TCP Denied; 80/TCP Allowed; 81-65535/TCP Denied; */UDP Denied; */SCTP Denied"},
		{
			"neighbours are joined", policy("p", "{ingress: [{ports: [{port: 80}, {port: 81, endPort: 90}]}, {ports: [{port: 85, endPort: 99}]}]}"), "x/a",
			"1-79/TCP Denied; 80-99/TCP Allowed; 100-65535/TCP Denied; */UDP Denied; */SCTP Denied",
		},
		{
			"ends of the ports", policy("p", "{ingress: [{ports: [{port: 1}, {protocol: UDP, port: 65535}]}]}"), "x/a",
			"1/TCP Allowed; 2-65535/TCP Denied; 1-65534/UDP Denied; 65535/UDP Allowed; */SCTP Denied",
		},
		{"all ports of one protocol", policy("p", "{ingress: [{ports: [{protocol: SCTP}]}]}"), "x/a", "*/TCP Denied; */UDP Denied; */SCTP Allowed"},
		{"the same verdict of two protocols is not joined", policy("p", "{ingress: [{ports: [{port: 1, endPort: 65535}, {protocol: UDP}]}]}"), "x/a", "*/TCP Allowed; */UDP Allowed; */SCTP Denied"},
		{
			"names", policy("p", "{ingress: [{ports: [{port: http}, {port: dns, protocol: UDP}, {port: ghost}, {port: dns}]}]}"), "x/a",
			"1-79/TCP Denied; 80/TCP Allowed; 81-65535/TCP Denied; 1-52/UDP Denied; 53/UDP Allowed; 54-65535/UDP Denied; */SCTP Denied",
		},
		{"a rule for others", policy("p", "{ingress: [{from: [{podSelector: {matchLabels: {pod: c}}}], ports: [{port: 80}]}]}"), "x/a", "*/TCP Denied; */UDP Denied; */SCTP Denied"},
		{
			"both directions", policy("p", "{policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80, endPort: 90}]}], egress: [{ports: [{port: 85, endPort: 95}]}]}"), "x/a",
			"1-84/TCP Denied; 85-90/TCP Allowed; 91-65535/TCP Denied; */UDP Denied; */SCTP Denied",
		},
		{
			"an open end", policy("p", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]}, {ports: [{port: 81}]}]}"), "x/[pod=new]",
			"1-79/TCP Denied; 80/TCP Undefined; 81/TCP Allowed; 82-65535/TCP Denied; */UDP Denied; */SCTP Denied",
		},
		{"the pod itself", policy("p", "{policyTypes: [Ingress, Egress]}"), "x/b", "*/TCP Allowed; */UDP Allowed; */SCTP Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cluster := clusterOf(t, abc()+c.policies)
			for _, ignored := range []string{"1", "80", "53/UDP", "ICMP"} {
				if got := openText(cluster.Ports(flowOf(t, cluster, c.from, "x/b", ignored))); got != c.want {
					t.Errorf("asked with %s: %s\nwant %s", ignored, got, c.want)
				}
			}
		})
	}
}

// TestPortsOfUnknownNames checks that a pod that does not exist yet may have
// its named ports anywhere.
func TestPortsOfUnknownNames(t *testing.T) {
	c := clusterOf(t, abc()+policy("p", "{ingress: [{ports: [{port: http}, {port: 80}]}]}"))
	got := openText(c.Ports(flowOf(t, c, "x/a", "x/[pod=new]", "1")))
	if want := "1-79/TCP Undefined; 80/TCP Allowed; 81-65535/TCP Undefined; */UDP Denied; */SCTP Denied"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestPortsOfBothEndsOfAFlow asks for every port one by one.
func TestPortsOneByOne(t *testing.T) {
	for seed := range uint64(3) {
		d := newDice(seed)
		w := d.world()
		cluster := w.engine(t, netpol.ProfileCommon)
		f := d.connection(w).flow(cluster)
		for _, r := range cluster.Ports(f) {
			for port := r.Ports.From; port <= r.Ports.To; port++ {
				checkPort(t, cluster, f, r, port)
			}
		}
	}
}

// TestPortsNearCuts compares single ports at the ends of all ranges, and
// checks that ranges are in order, without gaps, and joined.
func TestPortsNearCuts(t *testing.T) {
	cut := 0
	for seed := range uint64(150) {
		d := newDice(seed)
		w := d.world()
		cluster := d.less(w).engine(t, pick(d, netpol.Profiles()...))
		for range 10 {
			f := d.connection(w).flow(cluster)
			open := cluster.Ports(f)
			if len(open) > len(netpol.Protocols()) {
				cut++
			}
			checkWhole(t, open)
			for _, r := range open {
				for _, port := range []int32{r.Ports.From, r.Ports.From + 1, r.Ports.To - 1, r.Ports.To, r.Ports.From + d.Int32N(r.Ports.To-r.Ports.From+1)} {
					if port >= r.Ports.From && port <= r.Ports.To {
						checkPort(t, cluster, f, r, port)
					}
				}
			}
		}
	}
	if cut < 100 {
		t.Errorf("only %d flows tell ports apart", cut)
	}
}

func checkPort(t *testing.T, c *netpol.Cluster, f netpol.Flow, r netpol.OpenPorts, port int32) {
	t.Helper()
	f.Protocol, f.Port = r.Ports.Protocol, port
	if got := c.Verdict(f); got != r.Verdict {
		t.Fatalf("%s is %s, but in it\n%s", r.Ports, r.Verdict, textOf(c.Explain(f)))
	}
}

func checkWhole(t *testing.T, open []netpol.OpenPorts) {
	t.Helper()
	var protocols []corev1.Protocol
	for i, r := range open {
		first := i == 0 || open[i-1].Ports.Protocol != r.Ports.Protocol
		last := i == len(open)-1 || open[i+1].Ports.Protocol != r.Ports.Protocol
		if first {
			protocols = append(protocols, r.Ports.Protocol)
		}
		if first && r.Ports.From != 1 || last && r.Ports.To != 65535 || !first && r.Ports.From != open[i-1].Ports.To+1 {
			t.Fatalf("a gap or overlap at %s in %s", r.Ports, openText(open))
		}
		if !first && open[i-1].Verdict == r.Verdict {
			t.Fatalf("%s is not joined in %s", r.Ports, openText(open))
		}
	}
	if !slices.Equal(protocols, netpol.Protocols()) {
		t.Fatalf("protocols %v in %s", protocols, openText(open))
	}
}
