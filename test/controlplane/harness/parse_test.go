package harness_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
		fails      bool
	}{
		{name: "nothing", text: "", want: nil},
		{name: "comments", text: "# one\n---\n# two\n---\n", want: nil},
		{name: "json", text: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}`, want: []string{"Pod/a"}},
		{name: "documents", text: "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: b}}", want: []string{"Pod/a", "Node/b"}},
		{name: "list", text: "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n", want: []string{"Pod/a", "Pod/b"}},
		{name: "empty list", text: "{apiVersion: v1, kind: List, items: []}", want: nil},
		{name: "no kind", text: "a: 1", fails: true},
		{name: "broken", text: "a: [", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			objects, err := harness.Parse([]byte(tt.text))
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, want an error: %t", err, tt.fails)
			}
			var got []string
			for _, o := range objects {
				u := o.(*unstructured.Unstructured)
				got = append(got, u.GetKind()+"/"+u.GetName())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}
