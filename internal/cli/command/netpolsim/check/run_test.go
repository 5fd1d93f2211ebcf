package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

const open = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: x}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b, namespace: x}
spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}
`

func cluster(t testing.TB, manifests string) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "x"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

// many are n assertions, of which every other fails.
func many(t testing.TB, n int) []assertion {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- {from: x/a, to: x/b, port: %d, expect: %s}\n", 80+i%2, []string{"allow", "deny"}[i/2%2])
	}
	all, err := parseAll("f", []byte(b.String()), "", netpol.Question{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func reportOf(t testing.TB, o *Options) *v1alpha1.FlowCheckReport {
	t.Helper()
	c := cluster(t, open)
	found, err := outcomes(t.Context(), c, o.assertions)
	if err != nil {
		t.Fatal(err)
	}
	return o.report(c, found)
}

// Outcomes are those of one after another, however many are checked at once.
func TestOutcomesInOrder(t *testing.T) {
	c, all := cluster(t, open), many(t, 10*share+7)
	found, err := outcomes(t.Context(), c, all)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range all {
		if want := c.Check(a.Assertion, maxExamples); found[i].Verdict != want.Verdict || found[i].Passed != want.Passed {
			t.Errorf("assertion %d: %+v, want %+v", i, found[i], want)
		}
	}
}

func TestOutcomesAreInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := outcomes(ctx, cluster(t, open), many(t, 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// Of very many failures the first are explained, and all are counted.
func TestExplanationsAreBounded(t *testing.T) {
	r := reportOf(t, &Options{assertions: many(t, 4*maxExplained)})
	explained := 0
	for i := range r.Results {
		f := &r.Results[i]
		if len(f.Failures) > 0 {
			explained++
		}
		if f.Failed() && len(reasons(f, false)) == 0 {
			t.Fatalf("nothing is said of %+v", f)
		}
	}
	if r.Passed != 2*maxExplained || r.Failed != 2*maxExplained || explained != maxExplained {
		t.Errorf("%d passed, %d failed, %d explained", r.Passed, r.Failed, explained)
	}
	if !slices.Contains(r.Notes, "only the first 1000 assertions that fail are explained") {
		t.Errorf("notes %q", r.Notes)
	}
	if r = reportOf(t, &Options{assertions: many(t, 4)}); len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
}

// A long table has what fails, up to a limit, and says what it leaves out.
func TestLongTables(t *testing.T) {
	for _, tt := range []struct {
		n, rows int
		wide    bool
		want    string
	}{
		{fewResults, fewResults, false, ""},
		{2 * fewResults, fewResults, false, "100 assertions are not listed: -o wide lists all"},
		{8 * maxRows, maxRows, false, "1400 assertions are not listed: -o wide lists all"},
		{8 * maxRows, 8 * maxRows, true, ""},
	} {
		items := view(reportOf(t, &Options{assertions: many(t, tt.n)}), tt.wide)
		table := items[0].(*printer.Table)
		var b strings.Builder
		if err := printer.Stack(&b, printer.Style{}, items[1:]...); err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) != tt.rows || !strings.Contains(b.String(), tt.want) || (tt.want == "") == strings.Contains(b.String(), "not listed") {
			t.Errorf("%d assertions, wide %t: %d rows, want %d, and below %q", tt.n, tt.wide, len(table.Rows), tt.rows, b.String())
		}
	}
}

func TestNearest(t *testing.T) {
	policy := func(name string, misses ...int) v1alpha1.FlowPolicy {
		p := v1alpha1.FlowPolicy{Kind: "NetworkPolicy", Namespace: "x", Name: name}
		for i, n := range misses {
			r := v1alpha1.FlowRule{Path: fmt.Sprint("rule", i)}
			for j := range n {
				r.Misses = append(r.Misses, v1alpha1.FlowMiss{Detail: fmt.Sprintf("miss %d", j)})
			}
			p.Rules = append(p.Rules, r)
		}
		return p
	}
	for _, tt := range []struct {
		policies []v1alpha1.FlowPolicy
		want     string
	}{
		{nil, "nothing allows it"},
		{[]v1alpha1.FlowPolicy{policy("p")}, "NetworkPolicy x/p isolates it and has no rule that allows anything"},
		{[]v1alpha1.FlowPolicy{policy("p"), policy("q", 2)}, "NetworkPolicy x/q rule0: miss 0"},
		{[]v1alpha1.FlowPolicy{policy("p", 3, 2), policy("q", 2, 1)}, "NetworkPolicy x/q rule1: miss 0 (nearest of 4 rules)"},
	} {
		if got := nearest(tt.policies); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// An outcome of which flows are shown has them for a reason: not where
// something else leaves it open.
func TestReasons(t *testing.T) {
	failure := func(verdict string) v1alpha1.FlowFailure {
		return v1alpha1.FlowFailure{FlowResult: v1alpha1.FlowResult{Ports: []v1alpha1.PortVerdict{{Verdict: verdict}}}, Summary: []string{verdict, "since"}}
	}
	outside := failure("Allowed")
	outside.From = v1alpha1.FlowEnd{Kind: "External", Addresses: []string{"1.1.1.1"}}
	doubt := v1alpha1.Doubt{Cause: "spec", Detail: "d"}
	for _, tt := range []struct {
		name string
		f    v1alpha1.FlowCheck
		want []string
	}{
		{"sure", v1alpha1.FlowCheck{Verdict: "Denied", Against: 1, Failures: []v1alpha1.FlowFailure{failure("Denied")}}, []string{"Denied", "  since"}},
		{"more", v1alpha1.FlowCheck{Verdict: "Denied", Against: 7, Flows: 9, Failures: []v1alpha1.FlowFailure{failure("Denied")}}, []string{"Denied", "  since", "7 of 9 flows are not as expected"}},
		{"open", v1alpha1.FlowCheck{Verdict: "Undefined", Against: 1, Doubts: []v1alpha1.Doubt{doubt}, Failures: []v1alpha1.FlowFailure{failure("Undefined")}}, []string{"Undefined", "  since"}},
		{"open whatever the flow", v1alpha1.FlowCheck{Verdict: "Undefined", Against: 1, Doubts: []v1alpha1.Doubt{doubt}, Failures: []v1alpha1.FlowFailure{failure("Allowed")}}, []string{"Undefined, the API leaves it to the network: d"}},
		{"many doubts", v1alpha1.FlowCheck{Verdict: "Undefined", Doubts: []v1alpha1.Doubt{doubt, doubt, doubt, doubt, doubt}}, []string{
			"Undefined, the API leaves it to the network: d", "Undefined, the API leaves it to the network: d", "Undefined, the API leaves it to the network: d", "and for 2 more reasons",
		}},
		{"outside", v1alpha1.FlowCheck{Verdict: "Allowed", Against: 2, Flows: 2, Failures: []v1alpha1.FlowFailure{outside, outside}}, []string{"Allowed", "  since"}},
		{"inside", v1alpha1.FlowCheck{Verdict: "Allowed", Against: 2, Flows: 2, Failures: []v1alpha1.FlowFailure{failure("Allowed"), failure("Allowed")}}, []string{"Allowed", "  since", "Allowed", "  since"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, linesOf(reasons(&tt.f, false))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
