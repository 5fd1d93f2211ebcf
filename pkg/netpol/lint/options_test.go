package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func twoFaults() string {
	return namespace("x", "") + pod("x", "a", "", "10.0.0.1", "") + namespace("z", "") +
		policy("p", "{podSelector: {matchLabels: {app: ghost}}}") +
		strings.Replace(policy("p", "{podSelector: {matchLabels: {app: ghost}}}"), "namespace: x", "namespace: z", 1)
}

func TestOptions(t *testing.T) {
	nothing := func(ns string) string { return "medium selects-nothing NetworkPolicy " + ns + "/p spec.podSelector" }
	open := "medium unprotected Namespace x"
	for _, tt := range []struct {
		name    string
		options lint.Options
		want    []string
	}{
		{"all", lint.Options{}, []string{open, nothing("x"), nothing("z")}},
		{"a namespace", lint.Options{Namespace: "x"}, []string{open, nothing("x")}},
		{"a check", lint.Options{Checks: []string{"unprotected"}}, []string{open}},
		{"but a check", lint.Options{Skip: []string{"unprotected"}}, []string{nothing("x"), nothing("z")}},
		{"no check left", lint.Options{Checks: []string{"unprotected"}, Skip: []string{"unprotected"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lines(lint.Run(input{manifests: twoFaults()}.cluster(t), tt.options).Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIgnored(t *testing.T) {
	annotated := func(text, kind, checks string) string {
		before, after, _ := strings.Cut(text, "kind: "+kind+"\nmetadata: {")
		return before + "kind: " + kind + "\nmetadata: {annotations: {kubectl-secure.io/ignore: '" + checks + "'}, " + after
	}
	for _, tt := range []struct {
		name, manifests string
		found, ignored  []string
	}{
		{
			"a policy", annotated(twoFaults(), "NetworkPolicy", "other, selects-nothing"),
			[]string{"medium unprotected Namespace x", "medium selects-nothing NetworkPolicy z/p spec.podSelector"},
			[]string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"},
		},
		{
			"by its ID", annotated(twoFaults(), "NetworkPolicy", "netpol/selects-nothing"),
			[]string{"medium unprotected Namespace x", "medium selects-nothing NetworkPolicy z/p spec.podSelector"},
			[]string{"medium selects-nothing NetworkPolicy x/p spec.podSelector"},
		},
		{
			"another check", annotated(twoFaults(), "NetworkPolicy", "netpol"),
			[]string{"medium unprotected Namespace x", "medium selects-nothing NetworkPolicy x/p spec.podSelector", "medium selects-nothing NetworkPolicy z/p spec.podSelector"},
			nil,
		},
		{
			"a namespace", annotated(twoFaults(), "Namespace", "selects-nothing,unprotected"),
			[]string{"medium selects-nothing NetworkPolicy z/p spec.podSelector"},
			[]string{"medium unprotected Namespace x", "medium selects-nothing NetworkPolicy x/p spec.podSelector"},
		},
		{
			"a workload", annotated(twoFaults(), "Pod", "unprotected"),
			[]string{"medium selects-nothing NetworkPolicy x/p spec.podSelector", "medium selects-nothing NetworkPolicy z/p spec.podSelector"},
			[]string{"medium unprotected Pod x/a"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result := lint.Run(input{manifests: tt.manifests}.cluster(t), lint.Options{})
			if diff := cmp.Diff(tt.found, lines(result.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ignored, lines(result.Ignored)); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFingerprints are those of findings, wherever they are in a file and in
// their policy.
func TestFingerprints(t *testing.T) {
	const ghost, other = "{from: [{podSelector: {matchLabels: {app: ghost}}}]}", "{from: [{podSelector: {matchLabels: {app: spectre}}}]}"
	prints := func(rules string, before string) []string {
		in := input{manifests: before + shop() + policy("p", "{podSelector: {}, ingress: ["+rules+"]}"), from: snapshot.FromFiles}
		var all []string
		for _, f := range in.run(t, "peer-selects-nothing") {
			all = append(all, f.Fingerprint)
		}
		slices.Sort(all)
		return all
	}
	alone := prints(ghost, "")
	two := prints(other+", "+ghost, namespace("before", ""))
	if !slices.Contains(two, alone[0]) || len(slices.Compact(two)) != 2 {
		t.Errorf("fingerprints %q, of which one should be %q", two, alone)
	}
	again := prints(ghost+", "+ghost, "")
	if !slices.Contains(again, alone[0]) || len(slices.Compact(again)) != 2 {
		t.Errorf("of two equal rules: %q, of which one should be %q", again, alone)
	}
}

// TestWhole looks at all fields of a finding.
func TestWhole(t *testing.T) {
	in := input{manifests: shop() + policy("p", "{podSelector: {matchLabels: {app: databsae}}}")}
	f := in.run(t, "selects-nothing")[0]
	if f.ID != "netpol/selects-nothing" || f.File != "in.yaml" || f.Line == 0 || len(f.Fingerprint) != 16 || f.Evidence == nil {
		t.Errorf("%+v", f)
	}
}

func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range lint.Checks() {
		name, ok := lint.ParseCheck(c.ID())
		if seen[c.Name] || !ok || name != c.Name || c.Summary == "" {
			t.Errorf("%+v: %q %v", c, name, ok)
		}
		seen[c.Name] = true
	}
	if _, ok := lint.ParseCheck("nosuch"); ok {
		t.Error("nosuch is a check")
	}
}
