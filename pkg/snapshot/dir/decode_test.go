package dir

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// outcome says in words what became of a record.
func outcome(r record) string {
	switch {
	case r.object != nil:
		return fmt.Sprintf("%T %s", r.object, r.object.GetName())
	case r.gap != nil:
		return "gap " + r.gap.err.Error()
	case r.info != nil:
		return "info"
	case r.skipped:
		return "skipped"
	}
	return "nothing"
}

func TestDecodeUnit(t *testing.T) {
	in := &list{}
	tests := []struct {
		name string
		unit unit
		want []string
	}{
		{"built-in type", unit{text: []byte(`{"metadata":{"name":"a"}}`), meta: typeMeta{"v1", "Pod"}}, []string{"*v1.Pod a"}},
		{"custom type", unit{text: []byte(`{"metadata":{"name":"a"}}`), meta: typeMeta{"x.io/v1", "X"}}, []string{"*unstructured.Unstructured a"}},
		{"type of the list", unit{text: []byte(`{"metadata":{"name":"a"}}`), listed: typeMeta{"v1", "Pod"}, in: in}, []string{"*v1.Pod a"}},
		{"own type before that of the list", unit{text: []byte(`{"metadata":{"name":"a"}}`), meta: typeMeta{"v1", "Node"}, listed: typeMeta{"v1", "Pod"}, in: in}, []string{"*v1.Node a"}},
		{"list within a list", unit{text: []byte(`{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}`), meta: typeMeta{"v1", "PodList"}, in: in}, []string{"*v1.Pod a", "*v1.Pod b"}},
		{"list without items", unit{text: []byte(`{}`), meta: typeMeta{"v1", "PodList"}}, nil},
		{"broken list", unit{text: []byte(`{"items":[1}`), meta: typeMeta{"v1", "PodList"}}, []string{"gap not an object", "gap not valid JSON"}},
		{"saved snapshot's info", unit{text: []byte(`{}`), meta: typeMeta{"kubectl-secure.io/v1alpha1", "SnapshotInfo"}, in: in}, []string{"info"}},
		{"values", unit{text: []byte(`{"a":1}`)}, []string{"skipped"}},
		{"values in a list", unit{text: []byte(`{"a":1}`), in: in}, []string{"gap no kind"}},
		{"scalar", unit{text: []byte(`1`)}, []string{"skipped"}},
		{"scalar in a list", unit{text: []byte(`1`), in: in}, []string{"gap not an object"}},
		{"broken values", unit{text: []byte(`{"a":x}`)}, []string{"gap not valid JSON"}},
		{"configuration of a program", unit{text: []byte(`{"nodes":[]}`), meta: typeMeta{"kind.x-k8s.io/v1", "Cluster"}}, []string{"skipped"}},
		{"kustomize's own", unit{text: []byte(`{"metadata":{"name":"a"}}`), meta: typeMeta{"kustomize.config.k8s.io/v1beta1", "Kustomization"}}, []string{"skipped"}},
		{"Flux's object of that kind", unit{text: []byte(`{"metadata":{"name":"a"}}`), meta: typeMeta{"kustomize.toolkit.fluxcd.io/v1", "Kustomization"}}, []string{"*unstructured.Unstructured a"}},
		{"no UTF-8", unit{text: []byte("{\"a\":\"\xff\"}"), meta: typeMeta{"v1", "Pod"}}, []string{"gap not valid UTF-8"}},
		{"known to be broken", unit{broken: errNotJSON}, []string{"gap not valid JSON"}},
		{"YAML", unit{yaml: true, text: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}")}, []string{"*v1.Pod a"}},
		{"YAML item", unit{yaml: true, text: []byte("metadata: {name: a}"), listed: typeMeta{"v1", "Pod"}, in: in}, []string{"*v1.Pod a"}},
		{"YAML item that is nothing", unit{yaml: true, text: []byte("# c"), in: in}, []string{"gap not an object"}},
		{"YAML comments", unit{yaml: true, text: []byte("# c")}, nil},
		{"YAML array", unit{yaml: true, text: []byte("- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- b\n")}, []string{"*v1.Pod a", "skipped"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range decodeUnit("in", tt.unit) {
				got = append(got, outcome(r))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChartFileIsSkipped(t *testing.T) {
	chart := unit{text: []byte(`{"name":"c"}`), meta: typeMeta{"v2", ""}}
	for file, want := range map[string]string{"Chart.yaml": "skipped", "x/y/chart.YML": "skipped", "charts.yaml": "gap no kind", "Chart.yaml/x": "gap no kind"} {
		if got := outcome(decodeUnit(file, chart)[0]); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

// Where neither the pieces of a list nor the whole can be decoded, the pieces
// that can are used.
func TestJoinUsesThePiecesOfABrokenList(t *testing.T) {
	const text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: [\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n"
	var got []string
	for _, r := range decodeText(t.Context(), "in", []byte(text), false) {
		got = append(got, fmt.Sprintf("%d %s", r.origin.Line, outcome(r)))
	}
	want := []string{"4 *v1.Pod a", "5 gap not valid YAML: line 5: did not find expected node content", "6 *v1.Pod b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestExplainYAMLCountsLinesOfTheInput(t *testing.T) {
	doc := document{[]byte("a: 1\nb: 2\na: 3\n"), 100}
	c, err := yamlToJSON(doc)
	if err != nil || string(c.asJSON) != `{"a":3,"b":2}` || c.repeated != `line 102: key "a" already set in map` {
		t.Errorf("%s, %q, %v", c.asJSON, c.repeated, err)
	}
	doc = document{[]byte("a: 1\nb: [\n"), 100}
	if _, err := yamlToJSON(doc); err == nil || !strings.Contains(err.Error(), "line 101") {
		t.Errorf("error %v", err)
	}
}

func TestTypeTable(t *testing.T) {
	c := newCollector("here")
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "x"},
		"spec": map[string]any{"group": "x.io", "scope": "Cluster", "names": map[string]any{"plural": "xs", "kind": "X"}},
	}}
	c.records = []record{{object: definition}, {skipped: true}}
	table := c.typeTable()
	object := func(apiVersion, kind string) snapshot.Object {
		obj := &unstructured.Unstructured{}
		obj.SetAPIVersion(apiVersion)
		obj.SetKind(kind)
		return obj
	}
	tests := []struct {
		apiVersion, kind string
		want             scope
		resource         string
	}{
		{"v1", "Pod", namespaced, "pods"},
		{"v1", "Node", clusterScoped, "nodes"},
		{"x.io/v1", "X", clusterScoped, "xs"},
		{"x.io/v9", "X", clusterScoped, "xs"},
		{"x.io/v1", "Y", unknownScope, ""},
		{"y.io/v1", "X", unknownScope, ""},
		{"", "", unknownScope, ""},
	}
	for _, tt := range tests {
		obj := object(tt.apiVersion, tt.kind)
		if got := table.scope(obj); got != tt.want {
			t.Errorf("%s %s: scope %v, want %v", tt.apiVersion, tt.kind, got, tt.want)
		}
		r := record{origin: snapshot.Origin{File: "f", Line: 3}}
		r.fail(obj.GetObjectKind().GroupVersionKind().GroupKind(), errNoName)
		group, _, _ := strings.Cut(tt.apiVersion, "/")
		if !strings.Contains(tt.apiVersion, "/") {
			group = ""
		}
		want := snapshot.Gap{Group: group, Resource: tt.resource, Reason: snapshot.Unparsable, Detail: "f:3: no metadata.name"}
		if diff := cmp.Diff(want, table.gap(&r)); diff != "" {
			t.Errorf("gap (-want +got):\n%s", diff)
		}
		r.gap.line = 7
		if got := table.gap(&r).Detail; got != "f:7: no metadata.name" {
			t.Errorf("detail %q", got)
		}
	}
}

func TestErrors(t *testing.T) {
	at := func(line int) snapshot.Origin { return snapshot.Origin{File: "f", Line: line} }
	tests := []struct {
		err  error
		want string
	}{
		{&NoObjectsError{Inputs: []string{"a", "b"}}, "no Kubernetes object in a, b"},
		{&NoObjectsError{Inputs: []string{"a"}, Skipped: 2}, "no Kubernetes object in a: documents without apiVersion and kind: 2"},
		{&NoObjectsError{Inputs: []string{"a"}, Skipped: 2, Gaps: []snapshot.Gap{{Detail: "x"}}}, "no Kubernetes object in a: x"},
		{&NoObjectsError{Inputs: []string{"a"}, Gaps: []snapshot.Gap{{Detail: "x"}, {}, {}}}, "no Kubernetes object in a: x, and 2 more"},
		{&MixedInputError{Snapshot: at(1), Other: at(2)}, "f:1 is a saved snapshot and f:2 is not in it: a snapshot cannot be mixed with other input"},
		{tooLarge("file", 3<<20), "too large: the file has more than 3 MiB"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
