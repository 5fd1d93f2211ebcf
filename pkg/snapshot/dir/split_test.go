package dir

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitDocuments(t *testing.T) {
	tests := []struct {
		name, text string
		want       []document
	}{
		{"none", "", nil},
		{"blank", " \n\t\n", nil},
		{"one", "a", []document{{[]byte("a"), 1}}},
		{"markers", "a\n---\nb\n--- c\n...\nd\n", []document{{[]byte("a\n"), 1}, {[]byte("---\nb\n"), 2}, {[]byte("--- c\n"), 4}, {[]byte("\nd\n"), 5}}},
		{"begin with a marker", "---\na", []document{{[]byte("---\na"), 1}}},
		{"end with a marker", "a\n---", []document{{[]byte("a\n"), 1}, {[]byte("---"), 2}}},
		{"not quite markers", "--\n----\n ---\n---a\n.. .\n", []document{{[]byte("--\n----\n ---\n---a\n.. .\n"), 1}}},
		{"marker with a carriage return", "a\r\n---\r\nb", []document{{[]byte("a\r\n"), 1}, {[]byte("---\r\nb"), 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, splitDocuments([]byte(tt.text)), cmp.AllowUnexported(document{})); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

func yamlLists() []string {
	const head, item = "apiVersion: v1\nkind: List\nitems:\n", "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n"
	return []string{
		head + item, head + item + item, head + "  " + strings.ReplaceAll(item, "\n", "\n  "), head + "# c\n\n" + item + "# c\nmetadata: {}\n",
		head + item + "  data:\n    x: |\n      - a\n\n    y: >-\n     - b\n    z: \"q\n- c\n  \"\n", head + item + "  data: {x: 'a\n\n- b'}\n", head + "- - a\n  - b\n-\n- c\n",
		head + "- &a\n  x: y\n- *a\n", head + "- {a: [\n- b]}\n", head + item + "items:\n" + item, "items:\n- a\n", "kind: PodList\nitems:\n- metadata: {name: x}\nb: \"\n- y\"\n",
		"a: |\n items:\n - b\nkind: List\nitems:\n- c\n", "items: []\n", "items:\n  a: b\n", "kind: \"List\nitems:\n- a\n\"\n", head + "-\ta: b\n", head + "- a: b\n\t- c\n", head + "- |\n - a\n- b\n",
		head + "- ? a\n  : b\n- ! c\n- %d\n", head + "- a #\n- 'b''\n- c'\n", head + "- a\r\n- b\r\n", head + "- a\r- b\r\n", head + "- a\u2028- b\n",
	}
}

func TestYAMLListsAreCutSoundly(t *testing.T) {
	for _, text := range yamlLists() {
		compareYAMLList(t, text)
	}
}

// FuzzYAMLList compares a list that is cut into its items with the same list
// decoded as a whole.
func FuzzYAMLList(f *testing.F) {
	for _, text := range yamlLists() {
		f.Add(text)
	}
	f.Fuzz(compareYAMLList)
}

func compareYAMLList(t *testing.T, text string) {
	docs := splitDocuments([]byte(text))
	if len(docs) != 1 || splitYAMLList(docs[0]) == nil {
		return
	}
	whole := decodeSafely("in", wholeUnit(docs[0]))
	if slices.ContainsFunc(whole, isNotYAML) {
		return // nothing to compare with
	}
	cut := decodeText(t.Context(), "in", []byte(text), false)
	if diff := cmp.Diff(outcomes(whole), outcomes(cut)); diff != "" {
		t.Errorf("%q (-whole +cut):\n%s", text, diff)
	}
}

// outcomes says what came of each record that is not skipped.
func outcomes(records []record) []string {
	var lines []string
	for _, r := range records {
		switch {
		case r.object != nil:
			text, _ := json.Marshal(r.object)
			lines = append(lines, string(text))
		case r.gap != nil:
			lines = append(lines, r.gap.err.Error())
		case r.info != nil:
			lines = append(lines, string(r.info))
		}
	}
	return lines
}

func jsonLists() []string {
	return []string{
		`{}`, `{"items":[]}`, `{"items":[{},{}]}`, `{"items":null}`, `{"kind":"List","items":[{"kind":"\"]},{"},[{}],1,"a\\",null,true]}`,
		` { "kind" : "L" , "items" : [ { "a" : [ ] } , { } ] } `, `{"kind":"List","a":{"items":[1]},"items":[{"items":[{}]}]}`, `{"it\u0065ms":[{}],"kind":"List"}`,
		`{"items":[{"kind":"\u0000","kind":"b"}],"kind":"List","kind":"XList"}`, `{"kind":"List","items":[-1.5e+3,{"x":-0}]}`,
	}
}

func TestJSONListsAreCutSoundly(t *testing.T) {
	for _, text := range jsonLists() {
		compareJSON(t, []byte(text))
	}
}

// FuzzJSON compares the scanner with encoding/json on valid objects.
func FuzzJSON(f *testing.F) {
	for _, text := range jsonLists() {
		f.Add([]byte(text))
	}
	f.Fuzz(compareJSON)
}

func compareJSON(t *testing.T, text []byte) {
	units := splitJSON(text, 1, 0)
	if !json.Valid(text) {
		return
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil || fields == nil {
		return
	}
	for _, name := range []string{`\u`, `"kind"`, `"items"`} { // which of two fields counts is not compared here
		if bytes.Count(text, []byte(name)) > 1 {
			return
		}
	}
	var kind string
	_ = json.Unmarshal(fields["kind"], &kind)
	var items []json.RawMessage
	isArray := json.Unmarshal(fields["items"], &items) == nil && items != nil
	want := [][]byte{bytes.Trim(text, " \t\r\n")}
	if isArray && strings.HasSuffix(kind, "List") {
		want = nil
		for _, item := range items {
			want = append(want, item)
		}
	} else if isArray {
		return // an object with a field items, or no kind at all
	}
	var got [][]byte
	for _, u := range units {
		got = append(got, u.text)
	}
	if !slices.EqualFunc(want, got, bytes.Equal) {
		t.Errorf("%q is cut into %q, not %q", text, got, want)
	}
}
