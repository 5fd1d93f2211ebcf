package suite

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// enforcers are the two that packets are sent through.
func enforcers() map[string]func(*testing.T, *lab.Host) enforcer {
	return map[string]func(*testing.T, *lab.Host) enforcer{"kube-network-policies": newJudge, "nftables": newRules}
}

// TestUpstream is the suite of Kubernetes: tables of what each situation means,
// the engine and packets all say the same.
func TestUpstream(t *testing.T) {
	list := situations(t, "testdata/upstream.yaml")
	if len(list) != 49 {
		t.Errorf("there are %d situations, upstream has 49", len(list))
	}
	run(t, list, newWorld, func(e end) bool { return e.name != "node1" && e.name != "node2" })
}

// TestSituations is about what upstream leaves out: nodes, blocks, families,
// ports that are ranges or have names.
func TestSituations(t *testing.T) {
	run(t, situations(t, "testdata/beyond.yaml"), newWorld, all)
}

// TestHostNetwork is about pods that have no address of their own: x/g is
// node1 and x/h is node2, to packets and to what most networks make of them.
func TestHostNetwork(t *testing.T) {
	run(t, situations(t, "testdata/hostnetwork.yaml"), newWorldWithHostNetwork, all)
}

func all(end) bool { return true }

// run goes through situations that begin with a world, with each enforcer.
func run(t *testing.T, list []situation, begin func() *world, takesPart func(end) bool) {
	for name, open := range enforcers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, ends := build(t, begin())
			var parts []end
			for _, e := range ends {
				if takesPart(e) {
					parts = append(parts, e)
				}
			}
			r := &runner{begin: begin, lab: l, ends: parts, enforcer: open(t, l.Router)}
			failed := 0
			for _, s := range list {
				if !t.Run(s.Name, func(t *testing.T) { r.situation(t, s) }) {
					failed++
				}
				if failed == 5 {
					t.Fatal("the rest is left out")
				}
			}
			t.Logf("%s: %d situations, %d steps, %d expectations by hand, %d probes (%d allowed), %d tried again", name, len(list), r.steps, r.expected, r.probes, r.allowed, r.again)
		})
	}
}

// runner goes through situations in one lab.
type runner struct {
	begin    func() *world
	lab      *lab.Lab
	ends     []end
	enforcer enforcer

	steps, expected, probes, allowed, again int
}

func (r *runner) situation(t *testing.T, s situation) {
	w := r.begin()
	for i, step := range s.Steps {
		if err := step.change(w); err != nil {
			t.Fatal(err)
		}
		tables, err := step.tables()
		if err != nil {
			t.Fatal(err)
		}
		r.steps++
		c := w.engine(t)
		wants, wrong := r.wants(c, tables)
		report(t, fmt.Sprintf("step %d: the engine and the table", i+1), wrong)
		if err := errors.Join(r.enforcer.enforce(w), r.lab.Router.Flush()); err != nil {
			t.Fatal(err)
		}
		results := r.lab.Try(probesOf(wants))
		for _, result := range results {
			if result.Tries > 1 {
				r.again++
			}
		}
		report(t, fmt.Sprintf("step %d: the engine and packets", i+1), differences(wants, results))
		report(t, fmt.Sprintf("step %d: the engine and decisions", i+1), r.enforcer.decisions(wants, results))
	}
}

// wants are connections between the ends, with the engine's verdicts, and where
// these are not those of the tables: all that tables are about, and of others
// one family of each protocol and port.
func (r *runner) wants(c *netpol.Cluster, tables map[kind]table) (wants []want, wrong []string) {
	for i, k := range kinds() {
		table, expected := tables[k]
		if !expected && tables != nil && (i+i/2+r.steps)%2 == 0 {
			continue // the other half is next
		}
		for _, from := range r.ends {
			for _, to := range r.ends {
				if from.host == to.host && (from.name != to.name || !isPod(from)) {
					continue
				}
				verdict := c.Verdict(flow(c, from, to, k))
				w := want{probe: probe(from, to, k), to: to.host, allowed: verdict == netpol.Allowed}
				if expected {
					r.expected++
				}
				if verdict == netpol.Undefined || expected && table.allows(from.name, to.name) != w.allowed {
					wrong = append(wrong, fmt.Sprintf("%s is %s, the table says otherwise", w, verdict))
				}
				r.probes++
				if w.allowed {
					r.allowed++
				}
				wants = append(wants, w)
			}
		}
	}
	return wants, wrong
}

func flow(c *netpol.Cluster, from, to end, k kind) netpol.Flow {
	return netpol.Flow{From: from.endpointOf(c, k.family), To: to.endpointOf(c, k.family), Protocol: k.protocol, Port: k.port, Family: k.family}
}

func isPod(e end) bool { return matches("*/*", e.name) }

func probesOf(wants []want) []lab.Probe {
	list := make([]lab.Probe, 0, len(wants))
	for _, w := range wants {
		list = append(list, w.probe)
	}
	return list
}

// report fails the test with a few of the differences.
func report(t *testing.T, what string, wrong []string) {
	t.Helper()
	for i, text := range wrong {
		if i == 8 {
			t.Errorf("%s: %d more", what, len(wrong)-i)
			return
		}
		t.Errorf("%s: %s", what, text)
	}
}
