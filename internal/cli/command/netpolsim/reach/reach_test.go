package reach_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// run returns what the command prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr},
		Args:      append([]string{"netpol-sim", "reach"}, args...), Getenv: func(string) string { return "" }, Now: time.Now,
	})
	if code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, stderr.String())
	}
	return stdout.String()
}

func write(t *testing.T, manifests string) (file string, c *netpol.Cluster) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "cluster.yaml")
	if err := os.WriteFile(file, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	snap, err := dir.Load(t.Context(), dir.Options{Paths: []string{file}, DefaultNamespace: "default"})
	if err != nil || len(snap.Gaps()) > 0 {
		t.Fatal(err, snap.Gaps())
	}
	return file, netpol.NewCluster(snap, netpol.ProfileCommon)
}

// probes are the ports at which the random rules may change their mind.
func probes() []netpol.PortRange {
	var all []netpol.PortRange
	for _, protocol := range netpol.Protocols() {
		for _, port := range []int32{1, 52, 53, 54, 79, 80, 81, 7999, 8000, 8080, 8100, 8101, 65535} {
			all = append(all, netpol.PortRange{Protocol: protocol, From: port, To: port})
		}
	}
	return all
}

// verdicts are those of all pairs of two sets at a port, a pod and itself left
// out. None means that there are no flows.
func verdicts(c *netpol.Cluster, from, to []*netpol.Endpoint, port netpol.PortRange) map[netpol.Verdict]bool {
	seen := map[netpol.Verdict]bool{}
	for _, source := range from {
		for _, destination := range to {
			same := source.Kind == netpol.PodEndpoint && destination.Kind == netpol.PodEndpoint && source.Name != "" && source.Namespace == destination.Namespace && source.Name == destination.Name
			family, ok := familyOf(source, destination)
			if same || !ok || source.Kind == netpol.ExternalEndpoint && destination.Kind == netpol.ExternalEndpoint {
				continue
			}
			seen[c.Verdict(netpol.Flow{From: source, To: destination, Protocol: port.Protocol, Port: port.From, Family: family})] = true
		}
	}
	return seen
}

func familyOf(from, to *netpol.Endpoint) (netpol.Family, bool) {
	known, other := to, from
	if len(known.Addresses) == 0 {
		known, other = from, to
	}
	for _, addr := range known.Addresses {
		family := netpol.IPv6
		if addr.Is4() {
			family = netpol.IPv4
		}
		if len(other.Addresses) == 0 || other.Address(family).IsValid() {
			return family, true
		}
	}
	return netpol.AnyFamily, len(known.Addresses) == 0
}

// verdictIn is what a report says of a port.
func verdictIn(list []v1alpha1.Reached, name string, port netpol.PortRange) string {
	i := slices.IndexFunc(list, func(r v1alpha1.Reached) bool { return r.Name == name })
	if i < 0 {
		return "Denied"
	}
	for verdict, ports := range map[string][]string{"Allowed": list[i].Allowed, "Partly": list[i].Partly, "Undefined": list[i].Undefined} {
		for _, text := range ports {
			number, protocol, _ := strings.Cut(text, "/")
			var q netpol.Question
			if number != "*" && q.AddPort(text) != nil {
				panic(text)
			}
			if protocol == string(port.Protocol) && (number == "*" || q.Ports[0].From <= port.From && port.From <= q.Ports[0].To) {
				return verdict
			}
		}
	}
	return "Denied"
}

func sum(seen map[netpol.Verdict]bool) string {
	switch {
	case seen[netpol.Undefined]:
		return "Undefined"
	case seen[netpol.Allowed] && seen[netpol.Denied]:
		return "Partly"
	case seen[netpol.Allowed]:
		return "Allowed"
	default:
		return "Denied"
	}
}

// TestReachIsEverySingleFlow asks about every kind of endpoint of random
// clusters, both ways.
func TestReachIsEverySingleFlow(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(14) {
		file, c := write(t, testkit.RandomNetwork(100+seed))
		m := c.Matrix(netpol.MatrixOptions{})
		refs := []string{"node/n1", "203.0.113.9", "203.0.113.0/24", "10.0.0.0/8", "internet", "labels:ns=ns0,app=a", "labels:ns=ns1,tier=x"}
		for _, p := range slices.Concat(m.Parties(netpol.ByPod), m.Parties(netpol.ByWorkload), m.Parties(netpol.ByNamespace)) {
			if p.Kind == netpol.PodEndpoint && len(refs) < 24 {
				refs = append(refs, p.Name)
			}
		}
		for _, ref := range refs {
			by := netpol.Ways()[seed%3]
			var r v1alpha1.ReachReport
			if err := json.Unmarshal([]byte(run(t, ref, "-f", file, "--from", "--to", "--by", string(by), "-o", "json")), &r); err != nil {
				t.Fatal(err)
			}
			reference, err := netpol.ParseReference(ref, "default")
			if err != nil {
				t.Fatal(err)
			}
			own, err := c.Resolve(reference)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Parties(by) {
				for _, port := range probes() {
					out, in := sum(verdicts(c, own, p.Members, port)), sum(verdicts(c, p.Members, own, port))
					if got := verdictIn(r.Reaches, p.Name, port); got != out {
						t.Fatalf("seed %d: %s reaches %s on %s: %s, want %s", seed, ref, p.Name, port, got, out)
					}
					if got := verdictIn(r.ReachedFrom, p.Name, port); got != in {
						t.Fatalf("seed %d: %s is reached from %s on %s: %s, want %s", seed, ref, p.Name, port, got, in)
					}
					seen[out]++
					seen[in]++
				}
			}
		}
	}
	for _, verdict := range []string{"Allowed", "Denied", "Partly", "Undefined"} {
		if seen[verdict] < 1000 {
			t.Errorf("the clusters tell little: %v", seen)
		}
	}
}

// TestCSV has what the JSON has.
func TestCSV(t *testing.T) {
	var r v1alpha1.ReachReport
	args := []string{"deploy/checkout", "--demo", "--from", "--to", "-o"}
	if err := json.Unmarshal([]byte(run(t, append(args, "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(run(t, append(args, "csv")...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range r.Reaches {
		want = append(want, fmt.Sprint([]string{"deploy/checkout", e.Name, e.Reach, strings.Join(e.Allowed, " "), strings.Join(e.Partly, " "), strings.Join(e.Undefined, " ")}))
	}
	for _, e := range r.ReachedFrom {
		want = append(want, fmt.Sprint([]string{e.Name, "deploy/checkout", e.Reach, strings.Join(e.Allowed, " "), strings.Join(e.Partly, " "), strings.Join(e.Undefined, " ")}))
	}
	if len(lines) != len(want)+1 || len(want) < 10 {
		t.Fatalf("%d lines, want %d and a heading", len(lines), len(want))
	}
	for i, line := range want {
		if fmt.Sprint(lines[i+1]) != line {
			t.Errorf("%v, want %s", lines[i+1], line)
		}
	}
}
