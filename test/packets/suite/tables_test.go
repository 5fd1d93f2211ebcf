package suite

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

func TestTable(t *testing.T) {
	tables, err := step{Expect: map[string][]string{
		"80/TCP":      {"deny * -> x/*", "allow y/* -> x/a", "deny y/b -> x/a", "deny */c -> node1", "deny x/a -> */*"},
		"81/UDP/IPv6": {},
	}}.tables()
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 3 {
		t.Errorf("there are %d tables", len(tables))
	}
	if _, ok := tables[kind{"UDP", 81, netpol.IPv4}]; ok {
		t.Error("a table is for the other family too")
	}
	for text, want := range map[string]bool{
		"outside -> x/a": false, "y/a -> x/a": true, "y/b -> x/a": false, "y/a -> x/b": false, "x/b -> x/b": true,
		"z/c -> node1": false, "z/b -> node1": true, "outside -> node1": true, "x/a -> z/a": false, "x/a -> outside": true,
	} {
		from, to, _ := strings.Cut(text, " -> ")
		if got := tables[kind{"TCP", 80, netpol.IPv6}].allows(from, to); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	for key, line := range map[string]string{
		"TCP": "deny * -> *", "80/ICMP": "deny * -> *", "80/TCP/IPv5": "deny * -> *",
		"80/TCP": "refuse * -> *", "81/TCP": "deny * => *", "82/TCP": "deny *", "83/TCP": "deny * -> * always",
	} {
		if _, err := (step{Expect: map[string][]string{key: {line}}}).tables(); err == nil {
			t.Errorf("%s: %s is taken", key, line)
		}
	}
}

func TestChange(t *testing.T) {
	w := newWorld()
	first := step{Label: map[string]map[string]string{"x/a": {"app": "a"}, "y": {"team": "t"}}, Apply: policies(t, `[
		{metadata: {namespace: x, name: p}, spec: {podSelector: {}}}, {metadata: {namespace: "y", name: p}, spec: {podSelector: {}}}]`)}
	second := step{Apply: policies(t, `[{metadata: {namespace: x, name: p}, spec: {podSelector: {matchLabels: {app: a}}}}]`), Delete: []string{"y/p"}}
	for _, s := range []step{first, second} {
		if err := s.change(w); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.policies) != 1 || w.policies[0].Spec.PodSelector.MatchLabels["app"] != "a" {
		t.Errorf("there are %v", w.policies)
	}
	c := w.engine(t)
	if got := c.Pod("x", "a").Labels.String(); got != "app=a,pod=a" {
		t.Errorf("x/a is labelled %s", got)
	}
	for _, s := range []step{second, {Label: map[string]map[string]string{"x/d": {}}}, {Label: map[string]map[string]string{"true": {}}}} {
		if err := s.change(w); err == nil {
			t.Errorf("%+v finds what is not there", s)
		}
	}
}

// TestTablesCount: a table that says otherwise than the engine is a difference,
// whatever packets do.
func TestTablesCount(t *testing.T) {
	var ends []end
	for _, pod := range newWorld().pods[:3] {
		ends = append(ends, end{nameOf(pod), &lab.Host{Name: nameOf(pod), Addresses: podAddresses(pod)}, endpointOf(pod)})
	}
	for lines, want := range map[string]int{"deny x/a -> *": 0, "": 2, "deny x/a -> x/b": 1, "deny x/a -> *,deny x/b -> x/a": 1} {
		w := newWorld()
		w.apply(policies(t, `[{metadata: {namespace: x, name: p}, spec: {podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress]}}]`)...)
		s := step{Expect: map[string][]string{"80/TCP/IPv4": strings.FieldsFunc(lines, func(r rune) bool { return r == ',' })}}
		tables, err := s.tables()
		if err != nil {
			t.Fatal(err)
		}
		r := &runner{ends: ends}
		wants, wrong := r.wants(w.engine(t), tables)
		if len(wrong) != want || r.expected != 9 {
			t.Errorf("%q: %d of %d are wrong, want %d: %v", lines, len(wrong), r.expected, want, wrong)
		}
		seen := map[kind]bool{}
		for _, w := range wants {
			family := netpol.IPv6
			if w.probe.Source.Is4() {
				family = netpol.IPv4
			}
			seen[kind{w.probe.Protocol, w.probe.Port, family}] = true
		}
		if !seen[kind{"TCP", 80, netpol.IPv4}] || len(seen) < 6 {
			t.Errorf("%q: only %v are tried", lines, seen)
		}
	}
}

func TestSituationNames(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range []string{"upstream", "beyond", "hostnetwork"} {
		for _, s := range situations(t, "testdata/"+file+".yaml") {
			if seen[s.Name] || s.Name == "" || len(s.Steps) == 0 {
				t.Errorf("%s: %q has no name of its own, or no steps", file, s.Name)
			}
			seen[s.Name] = true
			for _, step := range s.Steps {
				if len(step.Expect) == 0 {
					t.Errorf("%s: a step of %q expects nothing", file, s.Name)
				}
			}
		}
	}
}
