package diff

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func pods(namespace, workload string, members ...string) v1alpha1.FlowGroup {
	return v1alpha1.FlowGroup{Kind: "Pod", Namespace: namespace, Workload: workload, Members: members}
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		name    string
		summary v1alpha1.FlowDiffSummary
		n       int // policies that differ
		want    string
	}{
		{"nothing", v1alpha1.FlowDiffSummary{}, 0, "no connection changes: no network policy differs"},
		{"a policy without effect", v1alpha1.FlowDiffSummary{}, 1, "no connection changes, although a network policy differs"},
		{"policies without effect", v1alpha1.FlowDiffSummary{}, 3, "no connection changes, although 3 network policies differ"},
		{"one", v1alpha1.FlowDiffSummary{Opened: 1, Workloads: 1}, 1, "opens 1 connection of 1 workload"},
		{"all", v1alpha1.FlowDiffSummary{Opened: 1200, Closed: 12, MayOpen: 3, MayClose: 1, Workloads: 40}, 2, "opens 1,200, closes 12, may open 3, may close 1 connections of 40 workloads"},
	}
	for _, tt := range tests {
		r := &v1alpha1.FlowDiffReport{Summary: tt.summary, Policies: make([]v1alpha1.PolicyChange, tt.n)}
		if got := answer(r); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestObservedAnswer(t *testing.T) {
	tests := map[string]v1alpha1.ObservedFlows{
		"no flow was found in f":                 {Source: "f"},
		"no flow was found in standard input":    {Source: "-"},
		"of 1 observed flow none would be cut":   {Flows: 1, Kept: 1},
		"of 1,240 observed flows 3 would be cut": {Flows: 1240, Cut: 3, Kept: 1237},
		"of 9 observed flows 1 would be cut, 2 may be cut, 1 is unknown, 3 were denied before, 2 lines could not be used": {
			Flows: 9, Cut: 1, MayBeCut: 2, Unknown: 1, Denied: 3, Troubles: 2,
		},
	}
	for want, o := range tests {
		if got := observedAnswer(&o); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestEnds(t *testing.T) {
	web, api, db := pods("shop", "Deployment/web", "web-1", "web-2"), pods("shop", "Deployment/api"), pods("shop", "", "db")
	nodes := v1alpha1.FlowGroup{Kind: "Node", Members: []string{"n1", "n2"}}
	outside := v1alpha1.FlowGroup{Kind: "External", Members: []string{"0.0.0.0/0", "::/0"}}
	tests := []struct {
		groups     []v1alpha1.FlowGroup
		want, wide string
	}{
		{[]v1alpha1.FlowGroup{web}, "shop/deployment/web", "shop/deployment/web"},
		{[]v1alpha1.FlowGroup{web, db}, "shop/deployment/web, shop/db", "shop/deployment/web, shop/db"},
		{[]v1alpha1.FlowGroup{web, api, db}, "3 workloads of shop", "shop/deployment/web, shop/deployment/api, shop/db"},
		{[]v1alpha1.FlowGroup{web, api, pods("pay", "Job/x")}, "3 workloads of 2 namespaces", "shop/deployment/web, shop/deployment/api, pay/job/x"},
		{[]v1alpha1.FlowGroup{web, nodes, outside}, "1 workload of shop, 2 nodes, addresses outside (2 ranges)", "shop/deployment/web, node/n1, node/n2, 0.0.0.0/0, ::/0"},
		{[]v1alpha1.FlowGroup{{Kind: "Node", Members: []string{"n1"}}, {Kind: "External", Members: []string{"10.0.0.0/8"}}}, "node/n1, 10.0.0.0/8", "node/n1, 10.0.0.0/8"},
	}
	for _, tt := range tests {
		if got := ends(tt.groups, false); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
		if got := ends(tt.groups, true); got != tt.wide {
			t.Errorf("wide: %q, want %q", got, tt.wide)
		}
	}
}

func TestPortsText(t *testing.T) {
	for want, ports := range map[string][]string{
		"every port":                            {"*/TCP", "*/UDP", "*/SCTP"},
		"80/TCP":                                {"80/TCP"},
		"*/TCP, */UDP":                          {"*/TCP", "*/UDP"},
		"1/TCP, 3/TCP, 5/TCP, 7/TCP and 2 more": {"1/TCP", "3/TCP", "5/TCP", "7/TCP", "9/TCP", "*/UDP"},
	} {
		if got := portsText(ports, maxPorts); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// many is a report of n changes and n observed flows.
func many(n int) *v1alpha1.FlowDiffReport {
	r := &v1alpha1.FlowDiffReport{Observed: &v1alpha1.ObservedFlows{Flows: n, Unknown: n}}
	for i := range n {
		r.Policies = append(r.Policies, v1alpha1.PolicyChange{Change: added, Kind: "NetworkPolicy", Namespace: "shop", Name: fmt.Sprint("p", i)})
		r.Changes = append(r.Changes, v1alpha1.FlowChange{
			From: []v1alpha1.FlowGroup{pods("shop", "", fmt.Sprint("from", i))}, To: []v1alpha1.FlowGroup{pods("shop", "", fmt.Sprint("to", i))},
			Ports: []v1alpha1.FlowPortChange{{Ports: "80/TCP", Change: closed, Before: "Allowed", After: "Denied"}},
		})
		r.Observed.Results = append(r.Observed.Results, v1alpha1.ObservedFlow{From: fmt.Sprint("flow", i), To: "b", Port: "80/TCP", Count: 1, Outcome: unknown})
	}
	return r
}

func render(t *testing.T, v *view, style printer.Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := printer.Stack(&b, style, v.render()...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What people see is bounded; -o wide shows all.
func TestLimitsOfTheView(t *testing.T) {
	text := render(t, &view{report: many(130)}, printer.Style{Width: 80})
	for what, want := range map[string]int{"NetworkPolicy shop/p": maxPolicies, "shop/from": maxRows, "flow": maxRows} {
		if got := strings.Count(strings.ReplaceAll(text, "observed flows", ""), what); got < want || got > want+1 { // the help has "flows"
			t.Errorf("%d of %s, want %d:\n%s", got, what, want, text)
		}
	}
	for _, want := range []string{"and 120 more\n", "110 more changes are not shown: -o wide shows all", "110 more flows are not shown: -o wide shows all"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	wide := render(t, &view{report: many(130), wide: true}, printer.Style{})
	if strings.Count(wide, "shop/from") != 130 || strings.Contains(wide, "not shown") {
		t.Errorf("-o wide:\n%s", wide)
	}
	var b bytes.Buffer
	if err := writeMarkdown(&b, many(130)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- and 30 more\n", "30 more changes are not shown.", "30 more flows are not shown."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
}

// hostile is a report whose texts forge terminals, Markdown, CSV and XML.
func hostile() *v1alpha1.FlowDiffReport {
	const evil = "=x|`*<img src=x>@team\x1b[2J\n</td>"
	r := many(1)
	r.Notes = []string{evil}
	r.Gaps = []snapshot.Gap{{Resource: "pods", Reason: snapshot.Forbidden, Detail: evil}}
	r.Changes[0].From[0].Members[0] = evil
	r.Changes[0].Ports[0].Causes = []v1alpha1.FlowCause{{Detail: evil}}
	r.Observed.Results[0].From, r.Observed.Results[0].Detail = evil, evil
	return r
}

func TestHostileText(t *testing.T) {
	var md, table, x bytes.Buffer
	if err := writeMarkdown(&md, hostile()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(md.String()) {
		outside, cell := "", strings.Split(strings.ReplaceAll(line, "\\`", ""), "`")
		for i := 0; i < len(cell); i += 2 {
			outside += cell[i]
		}
		if strings.ContainsAny(line, "\x1b") || strings.ContainsAny(outside, "<>@") || strings.HasPrefix(line, "| closes") && strings.Count(strings.ReplaceAll(line, "\\|", ""), "|") != 6 {
			t.Errorf("Markdown: %q", line)
		}
	}
	if !strings.Contains(md.String(), "not evaluated: pods forbidden") {
		t.Errorf("the gap is missing:\n%s", md.String())
	}
	if err := writeCSV(&table, hostile(), true); err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range cells {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("CSV: %q", cell)
			}
		}
	}
	if err := writeJUnit(&x, hostile(), []outcome{{name: failClosed, failed: true}}, false); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(x.Bytes(), &suites{}); err != nil {
		t.Errorf("JUnit: %v\n%s", err, x.String())
	}
	if text := render(t, &view{report: hostile()}, printer.Style{Width: 80}); strings.Contains(text, "\x1b") {
		t.Errorf("terminal: %q", text)
	}
}

// Pairs of CSV leave out what the change excepts, and a pod to itself.
func TestPairs(t *testing.T) {
	nodes := v1alpha1.FlowGroup{Kind: "Node", Members: []string{"n1", "n2"}}
	l := row{
		from:   []v1alpha1.FlowGroup{pods("a", "", "x"), pods("a", "Deployment/d"), nodes, {Kind: "External", Members: []string{"::/0"}}},
		to:     []v1alpha1.FlowGroup{pods("a", "", "x"), pods("a", "", "y")},
		except: []v1alpha1.FlowPair{{From: "node/n1", To: "pod/a/x"}},
	}
	var got []string
	for _, p := range pairs(l) {
		got = append(got, p[0]+" > "+p[1])
	}
	want := []string{
		"a/x > a/y", "a/deployment/d > a/x", "a/deployment/d > a/y", "node/n2 > a/x", "node/n1, node/n2 > a/y", "::/0 > a/x", "::/0 > a/y",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJudge(t *testing.T) {
	observed := func(o v1alpha1.ObservedFlows) *v1alpha1.FlowDiffReport { return &v1alpha1.FlowDiffReport{Observed: &o} }
	summary := func(s v1alpha1.FlowDiffSummary) *v1alpha1.FlowDiffReport { return &v1alpha1.FlowDiffReport{Summary: s} }
	gap := summary(v1alpha1.FlowDiffSummary{Opened: 1})
	gap.Incomplete = true
	tests := []struct {
		name   string
		failOn string
		r      *v1alpha1.FlowDiffReport
		want   string
	}{
		{"nothing", failAny, summary(v1alpha1.FlowDiffSummary{}), "no connection would change"},
		{"opened", failOpened, summary(v1alpha1.FlowDiffSummary{Opened: 2, MayClose: 1}), "failed: 2 connections would open"},
		{"closed is not opened", failOpened, summary(v1alpha1.FlowDiffSummary{Closed: 2, MayClose: 1}), "no connection would open"},
		{"may open", failOpened, summary(v1alpha1.FlowDiffSummary{MayOpen: 1}), "failed: 1 connection may open, unproven"},
		{"opened for sure is proof enough", failOpened, summary(v1alpha1.FlowDiffSummary{Opened: 1, MayOpen: 1}), "failed: 1 connection would open, 1 more may"},
		{"closed", failClosed, summary(v1alpha1.FlowDiffSummary{Closed: 3}), "failed: 3 connections would close"},
		{"may close", failClosed, summary(v1alpha1.FlowDiffSummary{MayClose: 3, Opened: 1}), "failed: 3 connections may close, unproven"},
		{"any", failAny, summary(v1alpha1.FlowDiffSummary{Closed: 3, Opened: 1}), "failed: 4 connections would change"},
		{"any that may be", failAny, summary(v1alpha1.FlowDiffSummary{MayClose: 1, MayOpen: 1}), "failed: 2 connections may change, unproven"},
		{"open before and after", failOpened, summary(v1alpha1.FlowDiffSummary{Unsettled: 1}), "no connection would open, unproven"},
		{"a gap", failOpened, gap, "failed: 1 connection would open, unproven"},
		{"cut", failCut, observed(v1alpha1.ObservedFlows{Flows: 2, Cut: 2}), "failed: 2 observed flows would be cut"},
		{"may be cut", failCut, observed(v1alpha1.ObservedFlows{Flows: 1, MayBeCut: 1}), "failed: 1 observed flow may be cut, unproven"},
		{"unknown flows", failCut, observed(v1alpha1.ObservedFlows{Flows: 1, Unknown: 1}), "no observed flow would be cut, unproven"},
		{"lines that could not be used", failCut, observed(v1alpha1.ObservedFlows{Flows: 1, Kept: 1, Troubles: 1}), "no observed flow would be cut, unproven"},
		{"no flows", failCut, observed(v1alpha1.ObservedFlows{}), "no observed flow would be cut, unproven"},
		{"flows that were denied before", failCut, observed(v1alpha1.ObservedFlows{Flows: 1, Denied: 1}), "no observed flow would be cut"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outcomes := (&Options{failOn: []string{tt.failOn}}).judge(tt.r)
			got := outcomes[0].text
			if outcomes[0].failed {
				got = "failed: " + got
			}
			if outcomes[0].unproven {
				got += ", unproven"
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// suites is JUnit as others read it.
type suites struct {
	Tests    int              `xml:"tests,attr"`
	Failures int              `xml:"failures,attr"`
	Errors   int              `xml:"errors,attr"`
	Skipped  int              `xml:"skipped,attr"`
	Suite    assertions.Suite `xml:"testsuite"`
}

// JUnit follows the exit code.
func TestJUnit(t *testing.T) {
	outcomes := []outcome{{name: failOpened}, {name: failClosed, failed: true}, {name: failAny, failed: true, unproven: true}, {name: failCut, unproven: true}}
	for requireComplete, want := range map[bool][]string{
		false: {"passed", "failure", "failure", "skipped"},
		true:  {"passed", "failure", "error", "error"},
	} {
		var b bytes.Buffer
		if err := writeJUnit(&b, many(1), outcomes, requireComplete); err != nil {
			t.Fatal(err)
		}
		var written suites
		if err := xml.Unmarshal(b.Bytes(), &written); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range written.Suite.Cases {
			kind := "passed"
			switch {
			case c.Failure != nil:
				kind = "failure"
			case c.Error != nil:
				kind = "error"
			case c.Skipped != nil:
				kind = "skipped"
			}
			got = append(got, kind)
		}
		if !slices.Equal(got, want) || written.Tests != 4 || written.Failures+written.Errors+written.Skipped != 3 {
			t.Errorf("%v, want %v:\n%s", got, want, b.String())
		}
	}
}
