package dir_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadForms(t *testing.T) {
	tests := []struct {
		name string
		file string
		text string
		want []string
	}{
		{
			name: "one YAML object",
			text: "# a comment\n\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n",
			want: []string{"in.yaml:3 Namespace /a"},
		},
		{
			name: "documents, some of them empty",
			text: "---\n---\n# nothing\n---\n" + pod("a") + "---\n\n" + pod("b") + "...\n# end\n",
			want: []string{"in.yaml:5 Pod here/a", "in.yaml:11 Pod here/b"},
		},
		{
			name: "content on the marker line",
			text: "--- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n--- # b\n" + pod("b"),
			want: []string{"in.yaml:1 Pod here/a", "in.yaml:3 Pod here/b"},
		},
		{
			name: "a document after the end marker without a begin marker",
			text: pod("a") + "...\n" + pod("b"),
			want: []string{"in.yaml:1 Pod here/a", "in.yaml:6 Pod here/b"},
		},
		{
			name: "a marker within a block scalar ends the document",
			text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    --- indented\n---\n" + pod("b"),
			want: []string{"in.yaml:1 ConfigMap here/a", "in.yaml:8 Pod here/b"},
		},
		{
			name: "line ends of Windows",
			text: "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: a\r\n---\r\napiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: b\r\n",
			want: []string{"in.yaml:1 Pod here/a", "in.yaml:6 Pod here/b"},
		},
		{
			name: "YAML list as kubectl writes it",
			text: "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
			want: []string{"in.yaml:3 Pod here/a", "in.yaml:7 Pod here/b"},
		},
		{
			name: "YAML list with indented items, comments and blank lines",
			text: "kind: List\napiVersion: v1\nitems: # here\n\n  # first\n  - kind: Pod\n    apiVersion: v1\n    metadata: {name: a}\n# between\n\n  -\n    kind: Pod\n    apiVersion: v1\n    metadata: {name: b}\n",
			want: []string{"in.yaml:6 Pod here/a", "in.yaml:12 Pod here/b"},
		},
		{
			name: "YAML list whose items share an anchor",
			text: "apiVersion: v1\nkind: List\nitems:\n- &p\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- <<: *p\n  metadata: {name: b}\n",
			want: []string{"in.yaml:4 Pod here/a", "in.yaml:8 Pod here/b"},
		},
		{
			name: "YAML list with an item's line inside a quoted string",
			text: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data:\n    x: \"1\n- apiVersion: v1\n  2\"\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n",
			want: []string{"in.yaml:4 ConfigMap here/a", "in.yaml:11 Pod here/b"},
		},
		{
			name: "YAML list in flow style",
			text: "{apiVersion: v1, kind: List, items: [\n {apiVersion: v1, kind: Pod, metadata: {name: a}},\n {apiVersion: v1, kind: Pod, metadata: {name: b}}]}\n",
			want: []string{"in.yaml:2 Pod here/a", "in.yaml:3 Pod here/b"},
		},
		{
			name: "typed list in YAML, items without kind",
			text: "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- metadata: {name: b, namespace: x}\n",
			want: []string{"in.yaml:4 Pod here/a", "in.yaml:5 Pod x/b"},
		},
		{
			name: "typed list whose items name a part of their type",
			text: "apiVersion: v1\nkind: PodList\nitems:\n- {apiVersion: v1, metadata: {name: a}}\n- {kind: Pod, metadata: {name: b}}\n",
			want: []string{"in.yaml:4 Pod here/a", "in.yaml:5 Pod here/b"},
		},
		{
			name: "lists within lists in YAML",
			text: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items:\n  - metadata: {name: a}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n",
			want: []string{"in.yaml:7 Pod here/a", "in.yaml:8 Pod here/b"},
		},
		{
			name: "JSON under any name",
			text: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}`,
			want: []string{"in.yaml:1 Pod here/a"},
		},
		{
			name: "JSON objects one after the other",
			file: "in.json",
			text: "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n\n{\"apiVersion\":\"v1\",\n\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"}}",
			want: []string{"in.json:1 Pod here/a", "in.json:3 Pod here/b", "in.json:4 Pod here/c"},
		},
		{
			name: "JSON list as kubectl writes it",
			file: "in.json",
			text: "{\n \"apiVersion\": \"v1\",\n \"items\": [\n  {\n   \"apiVersion\": \"v1\",\n   \"kind\": \"Pod\",\n   \"metadata\": {\"name\": \"a\"}\n  },\n  {\n   \"apiVersion\": \"v1\",\n   \"kind\": \"Pod\",\n   \"metadata\": {\"name\": \"b\"}\n  }\n ],\n \"kind\": \"List\",\n \"metadata\": {}\n}\n",
			want: []string{"in.json:4 Pod here/a", "in.json:9 Pod here/b"},
		},
		{
			name: "typed JSON list, nested in a list",
			file: "in.json",
			text: "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[\n{\"items\":[\n{\"metadata\":{\"name\":\"a\"}},\n{\"metadata\":{\"name\":\"b\"}}],\"kind\":\"PodList\",\"apiVersion\":\"v1\"},\n{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":null},{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}]}",
			want: []string{"in.json:3 Pod here/a", "in.json:4 Pod here/b"},
		},
		{
			name: "JSON array of objects",
			file: "in.json",
			text: "[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}},\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}]",
			want: []string{"in.json:1 Pod here/a", "in.json:2 Pod here/b"},
		},
		{
			name: "keys written with escapes",
			file: "in.json",
			text: `{"api\u0056ersion":"v1","k\u0069nd":"P\u006fd","metadata":{"name":"a\"\\"}}`,
			want: []string{`in.json:1 Pod here/a"\`},
		},
		{
			name: "an object whose kind ends in List, and one with a field items",
			text: "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a, namespace: ns}\n---\napiVersion: example.com/v1\nkind: Menu\nmetadata: {name: b, namespace: ns}\nitems:\n- {apiVersion: v1, kind: Pod}\n",
			want: []string{"in.yaml:1 AllowList ns/a", "in.yaml:5 Menu ns/b"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = "in.yaml"
			}
			s := load(t, tt.file, tt.text)
			if diff := cmp.Diff(tt.want, summary(s)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if len(s.Gaps()) > 0 || len(s.Warnings()) > 0 {
				t.Errorf("gaps %q, warnings %q", details(s), s.Warnings())
			}
		})
	}
}

func pod(name string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n"
}
