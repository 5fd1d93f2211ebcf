package finding_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
)

func TestSeal(t *testing.T) {
	object := func(kind, ns, name string) finding.Object {
		return finding.Object{Kind: kind, Namespace: ns, Name: name}
	}
	one := finding.Finding{ID: "a/b", Severity: finding.Low, Object: object("Pod", "b", "p"), Path: "spec.b", Line: 7, Fingerprint: "text"}
	findings := []finding.Finding{
		{ID: "a/b", Severity: finding.Info, Object: object("Pod", "a", "p")},
		one,
		{ID: "a/b", Severity: finding.Low, Object: object("Namespace", "", "b")},
		{ID: "a/b", Severity: finding.Low, Object: object("Pod", "a", "z")},
		{ID: "a/b", Severity: finding.Critical, Object: object("Pod", "z", "z")},
		{ID: "a/b", Severity: finding.Low, Object: object("Pod", "b", "p"), Path: "spec.a", Fingerprint: "text"},
	}
	finding.Seal(findings)
	var got []string
	seen := map[string]bool{}
	for _, f := range findings {
		got = append(got, string(f.Severity)+" "+f.Object.String()+f.Path)
		if seen[f.Fingerprint] || f.Evidence == nil {
			t.Errorf("fingerprint %s, evidence %v", f.Fingerprint, f.Evidence)
		}
		seen[f.Fingerprint] = true
	}
	want := []string{"critical Pod z/z", "low Pod a/z", "low Namespace b", "low Pod b/pspec.a", "low Pod b/pspec.b", "info Pod a/p"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	moved := one
	moved.Line, moved.Path, moved.Message, moved.Severity = 9, "spec.c", "otherwise", finding.High
	alone := []finding.Finding{one}
	finding.Seal(alone)
	elsewhere := []finding.Finding{moved}
	finding.Seal(elsewhere)
	if alone[0].Fingerprint != elsewhere[0].Fingerprint || alone[0].Fingerprint == "" {
		t.Errorf("fingerprints %s and %s: only the text and the object count", alone[0].Fingerprint, elsewhere[0].Fingerprint)
	}
	for _, change := range []func(*finding.Finding){
		func(f *finding.Finding) { f.ID = "a/c" },
		func(f *finding.Finding) { f.Object.Kind = "Node" },
		func(f *finding.Finding) { f.Object.Namespace = "x" },
		func(f *finding.Finding) { f.Object.Name = "x" },
		func(f *finding.Finding) { f.Fingerprint = "other" },
	} {
		other := one
		change(&other)
		others := []finding.Finding{other}
		finding.Seal(others)
		if others[0].Fingerprint == alone[0].Fingerprint {
			t.Errorf("%+v has the fingerprint of another", other)
		}
	}
}

func TestSeverity(t *testing.T) {
	all := finding.Severities()
	for i, s := range all {
		parsed, err := finding.ParseSeverity(string(s))
		if err != nil || parsed != s {
			t.Errorf("%s: %s, %v", s, parsed, err)
		}
		for j, other := range all {
			if s.AtLeast(other) != (i <= j) {
				t.Errorf("%s is at least %s: %v", s, other, s.AtLeast(other))
			}
		}
	}
	if s, err := finding.ParseSeverity("HIGH"); err != nil || s != finding.High {
		t.Errorf("HIGH: %s, %v", s, err)
	}
	if _, err := finding.ParseSeverity("terrible"); err == nil {
		t.Error("terrible is a severity")
	}
	if finding.Severity("").AtLeast(finding.Info) {
		t.Error("no severity is at least info")
	}
}

func TestIgnored(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  bool
	}{
		{"", false}, {"selects-nothing", true}, {"netpol/selects-nothing", true}, {" a , selects-nothing ", true}, {"a,b", false}, {"secrets/selects-nothing", false}, {",", false},
	} {
		annotations := map[string]string{finding.IgnoreAnnotation: tt.value}
		if got := finding.Ignored(annotations, "netpol/selects-nothing"); got != tt.want {
			t.Errorf("%q: %v", tt.value, got)
		}
	}
	if finding.Ignored(nil, "a/b") || finding.Ignored(map[string]string{finding.IgnoreAnnotation: ""}, "a") {
		t.Error("nothing silences a check")
	}
}

func TestHome(t *testing.T) {
	var got []string
	for _, o := range []finding.Object{{Kind: "Pod", Namespace: "a", Name: "b"}, {Kind: "Namespace", Name: "c"}, {Kind: "Node", Name: "d"}} {
		got = append(got, o.Home())
	}
	if !slices.Equal(got, []string{"a", "c", ""}) {
		t.Errorf("%q", got)
	}
}
