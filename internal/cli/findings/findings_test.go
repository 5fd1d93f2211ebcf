package findings_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/findings"
	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func limits(t *testing.T, args ...string) (findings.Limits, error) {
	t.Helper()
	fs, flags := pflag.NewFlagSet("", pflag.ContinueOnError), &findings.Flags{}
	flags.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	known := []string{"one", "two"}
	return flags.Limits(func(typed string) (string, bool) {
		name := strings.TrimPrefix(typed, "a/")
		return name, slices.Contains(known, name)
	}, known)
}

func TestLimits(t *testing.T) {
	got, err := limits(t, "--check", "one, a/two", "--check=two", "--skip", "two", "--fail-on", "Medium")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(findings.Limits{Checks: []string{"one", "two", "two"}, Skip: []string{"two"}, FailOn: finding.Medium}, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	for _, args := range [][]string{{"--check", "three"}, {"--skip=three"}, {"--fail-on", "bad"}} {
		_, err := limits(t, args...)
		if err == nil || fault.Code(err) != fault.ExitUsage {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := limits(t, "--check", "three"); len(fault.Help(err)) == 0 || !strings.Contains(fault.Help(err)[0], "one, two") {
		t.Errorf("help: %q", fault.Help(err))
	}
}

func TestFail(t *testing.T) {
	found := []finding.Finding{{Severity: finding.Medium}, {Severity: finding.Info}}
	for severity, want := range map[finding.Severity]int{"": 0, finding.Critical: 0, finding.High: 0, finding.Medium: 3, finding.Low: 3, finding.Info: 3} {
		if got := fault.Code(findings.Limits{FailOn: severity}.Fail(found)); got != want {
			t.Errorf("--fail-on %s: exit code %d, want %d", severity, got, want)
		}
	}
	if err := (findings.Limits{FailOn: finding.Info}).Fail(nil); err != nil {
		t.Errorf("without findings: %v", err)
	}
}

func some() []finding.Finding {
	return []finding.Finding{
		{ID: "a/one", Check: "one", Severity: finding.High, Object: finding.Object{Kind: "Pod", Namespace: "x", Name: "p"}, Path: "spec.a", File: `dir/in 1.yaml`, Line: 3, Message: "is \x1b[31mred", Remedy: "paint it", Evidence: []string{"a fact"}, Fingerprint: "f1"},
		{ID: "a/two", Check: "two", Severity: finding.Medium, Object: finding.Object{Kind: "Namespace", Name: "x"}, File: "-", Line: 1, Message: "m", Evidence: []string{}, Fingerprint: "f2"},
		{ID: "a/two", Check: "two", Severity: finding.Info, Object: finding.Object{Kind: "Node", Name: "n"}, Message: "m", Evidence: []string{}, Fingerprint: "f3"},
	}
}

func TestSARIF(t *testing.T) {
	var out bytes.Buffer
	err := findings.WriteSARIF(&out, findings.Log{
		Version: "v1", Found: some()[:2], Ignored: some()[2:], Notes: []string{"a note"},
		Rules: []findings.Rule{{ID: "a/one", Summary: "s", Severity: finding.High}, {ID: "a/two", Summary: "s", Severity: finding.Low}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log["runs"].([]any)[0].(map[string]any)
	results := run["results"].([]any)
	first := map[string]any{
		"ruleId": "a/one", "level": "error", "message": map[string]any{"text": "Pod x/p spec.a: is \x1b[31mred. Remedy: paint it"},
		"locations": []any{map[string]any{
			"physicalLocation": map[string]any{"artifactLocation": map[string]any{"uri": "dir/in%201.yaml"}, "region": map[string]any{"startLine": 3.0}},
			"logicalLocations": []any{map[string]any{"fullyQualifiedName": "x/Pod/p", "kind": "resource"}},
		}},
		"partialFingerprints": map[string]any{"kubectlSecure/v1": "f1"},
	}
	if diff := cmp.Diff(first, results[0]); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if log["version"] != "2.1.0" || len(results) != 3 {
		t.Errorf("version %v, %d results", log["version"], len(results))
	}
	second, third := results[1].(map[string]any), results[2].(map[string]any)
	if location := second["locations"].([]any)[0].(map[string]any); location["physicalLocation"] != nil || second["level"] != "warning" || second["suppressions"] != nil {
		t.Errorf("from standard input: %v", second)
	}
	if third["suppressions"] == nil || third["level"] != "note" {
		t.Errorf("ignored: %v", third)
	}
	rule := run["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any)[1].(map[string]any)
	if rule["defaultConfiguration"].(map[string]any)["level"] != "note" || rule["properties"].(map[string]any)["security-severity"] != "2.0" {
		t.Errorf("rule: %v", rule)
	}
	if !strings.Contains(out.String(), `"a note"`) {
		t.Error("the note is missing")
	}
	out.Reset()
	if err := findings.WriteSARIF(&out, findings.Log{}); err != nil || strings.Contains(out.String(), "null") {
		t.Errorf("of nothing: %v\n%s", err, out.String())
	}
}

func TestTable(t *testing.T) {
	render := func(o findings.Options) string {
		var out bytes.Buffer
		if err := findings.Table(some(), o).Print(&out, printer.Style{ASCII: true}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	plain, files, wide := render(findings.Options{}), render(findings.Options{Files: true}), render(findings.Options{Wide: true})
	for _, tt := range []struct {
		name, text, part string
		want             bool
	}{
		{"groups", plain, "high (1)\n", true},
		{"groups", plain, "medium (1)\n", true},
		{"path and message", plain, "spec.a: is ", true},
		{"remedy", plain, "help: paint it", true},
		{"no evidence", plain, "a fact", false},
		{"no place", plain, "in 1.yaml:3", false},
		{"place", files, "in 1.yaml:3", true},
		{"evidence", wide, "a fact", true},
		{"fingerprint", wide, "f1", true},
		{"escapes", plain + files + wide, "\x1b", false},
	} {
		if strings.Contains(tt.text, tt.part) != tt.want {
			t.Errorf("%s: %q is there: %v\n%s", tt.name, tt.part, !tt.want, tt.text)
		}
	}
}

func TestSummary(t *testing.T) {
	if got := findings.Summary(some(), some()[:1], "in x"); got != "1 high, 1 medium, 1 info in x; 1 ignored, as annotations say" {
		t.Error(got)
	}
	if got := findings.Summary(nil, nil, "in x"); got != "no findings in x" {
		t.Error(got)
	}
}
