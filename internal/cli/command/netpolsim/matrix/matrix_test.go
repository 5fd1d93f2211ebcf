package matrix_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// run returns what the command prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr},
		Args:      append([]string{"netpol-sim", "matrix"}, args...), Getenv: func(string) string { return "" }, Now: time.Now,
	})
	if code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, stderr.String())
	}
	return stdout.String()
}

// input is a cluster: as arguments, and for the engine.
type input struct {
	name    string
	args    []string
	cluster *netpol.Cluster
}

func inputs(t *testing.T, random int) []input {
	t.Helper()
	snap, err := dir.LoadFS(t.Context(), demo.FS(), snapshot.Info{Source: snapshot.FromDemo}, demo.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	all := []input{{"demo", []string{"--demo"}, netpol.NewCluster(snap, netpol.ProfileCommon)}}
	for seed := range random {
		file := filepath.Join(t.TempDir(), "cluster.json")
		if err := os.WriteFile(file, []byte(testkit.RandomNetwork(uint64(seed))), 0o600); err != nil {
			t.Fatal(err)
		}
		snap, err := dir.Load(context.Background(), dir.Options{Paths: []string{file}, DefaultNamespace: "default"})
		if err != nil || len(snap.Gaps()) > 0 {
			t.Fatal(err, snap.Gaps())
		}
		profile := netpol.Profiles()[seed%2]
		all = append(all, input{fmt.Sprint("seed ", seed), []string{"-f", file, "--profile", string(profile)}, netpol.NewCluster(snap, profile)})
	}
	return all
}

// open is what passes between two, by verdict.
type open map[string][]string

// pairsOf reads the compact form as its documentation says.
func pairsOf(t *testing.T, r *v1alpha1.ReachabilityMatrix) map[[2]string]open {
	t.Helper()
	var members func(id int) []string
	members = func(id int) []string {
		class := r.Classes[id]
		if class.ID != id || (len(class.Members) == 0) == (len(class.Classes) == 0) {
			t.Fatalf("class %d: %+v", id, class)
		}
		all := slices.Clone(class.Members)
		for _, ids := range class.Classes {
			for id := ids[0]; id <= ids[1]; id++ {
				all = append(all, members(id)...)
			}
		}
		return all
	}
	pairs := map[[2]string]open{}
	for _, edge := range r.Edges {
		for _, from := range members(edge.From) {
			for _, to := range members(edge.To) {
				key := [2]string{from, to}
				if pairs[key] == nil {
					pairs[key] = open{}
				}
				pairs[key][edge.Verdict] = append(pairs[key][edge.Verdict], edge.Ports...)
			}
		}
	}
	for _, found := range pairs {
		found.settle(t)
	}
	return pairs
}

// settle lets Allowed win where several edges speak of a port, and writes the
// ports as single flows do.
func (o open) settle(t *testing.T) {
	t.Helper()
	said := map[string][]netpol.PortRange{}
	cuts := map[corev1.Protocol][]int32{}
	for verdict, texts := range o {
		for _, text := range texts {
			q := netpol.Question{}
			if err := q.AddPort(strings.Replace(text, "*", "1-65535", 1)); err != nil {
				t.Fatal(err)
			}
			r := q.Ports[0]
			said[verdict] = append(said[verdict], r)
			cuts[r.Protocol] = append(cuts[r.Protocol], r.From, r.To+1)
		}
		delete(o, verdict)
	}
	holds := func(verdict string, protocol corev1.Protocol, port int32) bool {
		return slices.ContainsFunc(said[verdict], func(r netpol.PortRange) bool {
			return r.Protocol == protocol && r.From <= port && port <= r.To
		})
	}
	for _, verdict := range []string{"Allowed", "Undefined"} {
		for _, protocol := range netpol.Protocols() {
			at := slices.Compact(slices.Sorted(slices.Values(cuts[protocol])))
			var joined []netpol.PortRange
			for i, port := range at {
				if i+1 == len(at) || !holds(verdict, protocol, port) || verdict == "Undefined" && holds("Allowed", protocol, port) {
					continue
				}
				if n := len(joined); n > 0 && joined[n-1].To == port-1 {
					joined[n-1].To = at[i+1] - 1
					continue
				}
				joined = append(joined, netpol.PortRange{Protocol: protocol, From: port, To: at[i+1] - 1})
			}
			for _, r := range joined {
				o[verdict] = append(o[verdict], r.String())
			}
		}
	}
}

// truth asks about one flow. It is false where there are none.
func truth(t *testing.T, c *netpol.Cluster, from, to string) (open, bool) {
	t.Helper()
	f := netpol.Flow{From: endpoint(t, c, from), To: endpoint(t, c, to)}
	if f.From.Kind == netpol.ExternalEndpoint && f.To.Kind == netpol.ExternalEndpoint {
		return nil, false
	}
	known, other := f.To, f.From
	if len(known.Addresses) == 0 {
		known, other = f.From, f.To
	}
	ok := len(known.Addresses) == 0
	for _, addr := range known.Addresses {
		family := netpol.IPv6
		if addr.Is4() {
			family = netpol.IPv4
		}
		if !ok && (len(other.Addresses) == 0 || other.Address(family).IsValid()) {
			ok, f.Family = true, family
		}
	}
	if !ok {
		return nil, false
	}
	found := open{}
	for _, p := range c.Ports(f) {
		if p.Verdict != netpol.Denied {
			found[string(p.Verdict)] = append(found[string(p.Verdict)], p.Ports.String())
		}
	}
	return found, true
}

// endpoint resolves a member as a user would who types it.
func endpoint(t *testing.T, c *netpol.Cluster, name string) *netpol.Endpoint {
	t.Helper()
	if first, _, isRange := strings.Cut(name, "-"); isRange && strings.Trim(first, "0123456789abcdef.:") == "" {
		name = first // of a range that is no CIDR
	}
	ref, err := netpol.ParseReference(name, "")
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Resolve(ref)
	if err != nil {
		t.Fatal(err)
	}
	e := found[len(found)-1] // after pods with addresses in the range
	if len(found) > 1 && e.Kind != netpol.ExternalEndpoint {
		t.Fatalf("%s names %v", name, found)
	}
	return e
}

// TestCompactIsEverySingleFlow expands the JSON and asks about every pair.
func TestCompactIsEverySingleFlow(t *testing.T) {
	pairs, merged, exceptions := 0, 0, 0
	for _, in := range inputs(t, 25) {
		var r v1alpha1.ReachabilityMatrix
		if err := json.Unmarshal([]byte(run(t, append(in.args, "-o", "json")...)), &r); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, class := range r.Classes {
			if slices.ContainsFunc(class.Members, func(name string) bool { return slices.Contains(all, name) }) {
				exceptions++
				continue
			}
			all = append(all, class.Members...)
			merged += len(class.Members) - 1
		}
		got := pairsOf(t, &r)
		for _, from := range all {
			for _, to := range all {
				want, _ := truth(t, in.cluster, from, to)
				if diff := cmp.Diff(map[string][]string(want), map[string][]string(got[[2]string{from, to}])); len(want)+len(got[[2]string{from, to}]) > 0 && diff != "" {
					t.Fatalf("%s: %s -> %s (-single flow +matrix):\n%s", in.name, from, to, diff)
				}
				pairs++
			}
		}
	}
	if pairs < 10_000 || merged < 100 || exceptions < 100 {
		t.Errorf("the clusters tell little: %d pairs, %d members share classes, %d exceptions", pairs, merged, exceptions)
	}
}

// TestExpandedIsEverySingleFlow does the same with the lists of pairs.
func TestExpandedIsEverySingleFlow(t *testing.T) {
	seen := map[string]int{}
	for _, in := range inputs(t, 25) {
		var r v1alpha1.ReachabilityMatrix
		if err := json.Unmarshal([]byte(run(t, append(in.args, "-o", "json", "--expand")...)), &r); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(run(t, append(in.args, "-o", "csv")...))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != len(r.Pairs)+1 || len(r.Classes)+len(r.Edges) > 0 {
			t.Fatalf("%s: %d lines of CSV, %d pairs", in.name, len(lines), len(r.Pairs))
		}
		for i, p := range r.Pairs {
			if diff := cmp.Diff([]string{p.From, p.To, p.Reach, strings.Join(p.Allowed, " "), "", strings.Join(p.Undefined, " ")}, lines[i+1]); diff != "" {
				t.Fatalf("%s (-JSON +CSV):\n%s", in.name, diff)
			}
			seen[p.Reach]++
			want, ok := truth(t, in.cluster, p.From, p.To)
			if ok != (p.Reach != "NoFlow") {
				t.Fatalf("%s: %s -> %s: %s", in.name, p.From, p.To, p.Reach)
			}
			if !slices.Equal(want["Allowed"], p.Allowed) || !slices.Equal(want["Undefined"], p.Undefined) || len(p.Partly) > 0 {
				t.Fatalf("%s: %s -> %s: %+v, want %v", in.name, p.From, p.To, p, want)
			}
			reach := "Some"
			switch {
			case !ok:
				reach = "NoFlow"
			case len(want["Undefined"]) > 0:
				reach = "Undefined"
			case len(want["Allowed"]) == 0:
				reach = "None"
			case slices.Equal(want["Allowed"], []string{"*/TCP", "*/UDP", "*/SCTP"}):
				reach = "All"
			}
			if p.Reach != reach {
				t.Fatalf("%s: %+v, want %s", in.name, p, reach)
			}
		}
	}
	for _, reach := range []string{"All", "Some", "None", "Undefined", "NoFlow"} {
		if seen[reach] < 100 {
			t.Errorf("the clusters tell little: %v", seen)
		}
	}
}

// TestStreamIsTheReport: what is written in pieces is what other formats make
// of the whole report.
func TestStreamIsTheReport(t *testing.T) {
	for _, in := range inputs(t, 4) {
		for _, args := range [][]string{nil, {"--expand"}, {"--expand", "--by", "workload"}, {"--port", "80"}} {
			var streamed, whole v1alpha1.ReachabilityMatrix
			if err := json.Unmarshal([]byte(run(t, append(slices.Concat(in.args, args), "-o", "json")...)), &streamed); err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal([]byte(run(t, append(slices.Concat(in.args, args), "-o", "yaml")...)), &whole); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, streamed); diff != "" {
				t.Fatalf("%s %v (-whole +streamed):\n%s", in.name, args, diff)
			}
			if streamed.Classes == nil || streamed.Edges == nil || streamed.Pairs == nil {
				t.Errorf("%s %v: a list is null", in.name, args)
			}
		}
	}
}

// TestOfOneNamespace: every flow of which one end is there, and no other.
func TestOfOneNamespace(t *testing.T) {
	for _, in := range inputs(t, 10)[1:] {
		read := func(args ...string) map[[2]string]open {
			var r v1alpha1.ReachabilityMatrix
			if err := json.Unmarshal([]byte(run(t, slices.Concat(in.args, args, []string{"-o", "json"})...)), &r); err != nil {
				t.Fatal(err)
			}
			return pairsOf(t, &r)
		}
		want := read("-A")
		for key := range want {
			if !strings.HasPrefix(key[0], "ns0/") && !strings.HasPrefix(key[1], "ns0/") {
				delete(want, key)
			}
		}
		if _, err := in.cluster.Resolve(netpol.Reference{Type: "Namespace", Name: "ns0"}); err != nil {
			continue // nobody is there
		}
		if diff := cmp.Diff(want, read("-n", "ns0")); diff != "" {
			t.Fatalf("%s (-part of all +namespace):\n%s", in.name, diff)
		}
	}
}
