package dir

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func yamlSeeds() []string {
	return []string{
		"", "a", "a: b", "a: 1\nb: 1.5\nc: 1e3\nd: 0x10\ne: 010\nf: 1_000\ng: 0b11", "a: yes\nb: no\nc: on\nd: ~\ne: null\nf: TRUE\ny: n",
		"1: a\n1.5: b\ntrue: c\n.inf: d\n-.inf: e\n.nan: f\n-3: g", "a: .inf", "~: a", "1: a\n'1': b", "a: 2001-01-01\nb: 2001-01-01T00:00:00Z\n2001-01-01: c",
		"a: \"\\u263a \\n <&> \\\" \\\\ \\x7f\"", "a: !!binary aGVsbG8=\nb: !!binary /w==", "a: !!str 1\nb: !!int '1'\nc: !!float 1", "a: &x [1, {b: c}]\nd: *x",
		"a: {<<: {b: c}, d: e}", "- a\n- - b\n- {}\n- []", "a: |\n  b\nc: >\n  d", "a: 123456789012345678901234567890\nb: 9223372036854775807\nc: 18446744073709551615\nd: -9223372036854775808",
		"{a: b}\n{c: d}", "  a: b\nc: d", "a: b\na: c", "a: 1:30\nb: 0o7\nc: +1\nd: .5", "? [a]\n: b", "a: \u2028b", "=: a", "<<: a",
	}
}

func TestYAMLIsConvertedAsKubectlDoes(t *testing.T) {
	for _, text := range yamlSeeds() {
		compareYAML(t, text)
	}
}

// FuzzYAML compares the conversion with that of sigs.k8s.io/yaml.
func FuzzYAML(f *testing.F) {
	for _, text := range yamlSeeds() {
		f.Add(text)
	}
	f.Fuzz(compareYAML)
}

func compareYAML(t *testing.T, text string) {
	got, gotErr := yamlToJSON(document{[]byte(text), 1})
	want, wantErr := yaml.YAMLToJSON([]byte(text))
	if errors.Is(gotErr, errNotJSONable) {
		return // stricter: a key twice in other types
	}
	if (gotErr != nil) != (wantErr != nil) {
		t.Fatalf("%q: error %v, want %v", text, gotErr, wantErr)
	}
	if gotErr != nil {
		return
	}
	var gotValue, wantValue any
	if err := json.Unmarshal(got.asJSON, &gotValue); err != nil {
		t.Fatalf("%q: %s: %v", text, got.asJSON, err)
	}
	if err := json.Unmarshal(want, &wantValue); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantValue, gotValue); diff != "" {
		t.Errorf("%q (-want +got):\n%s", text, diff)
	}
}
