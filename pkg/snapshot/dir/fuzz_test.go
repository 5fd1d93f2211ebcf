package dir_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

func seeds() []string {
	return []string{
		"", "a", "---", "...", "{", "[", "\"", "{}", "[]", "null", "---\n...\n---", "\uFEFF{}", "\xff\xfe{\x00}\x00", "\x1f\x8b\x08",
		pod("a"), pod("a") + "---\n" + pod("b"), secretJSON, secretYAML,
		`{"apiVersion":"v1","items":[` + secretJSON + `,null,1,[],{"apiVersion":"v1","kind":"List","items":[{}]}],"kind":"List"}`,
		"apiVersion: v1\nkind: List\nitems:\n- &a\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- <<: *a\n",
		"apiVersion: v1\nitems:\n  - a\n  -\n  - - b\nkind: PodList\n",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {generateName: x}\nrules: [{verbs: [get]}]\n",
		`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"x"},"subjects":[{"kind":"User","name":"u"}],"roleRef":{"kind":"Role","name":"r"}}`,
		"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {group: x.io, names: {plural: xs, kind: X}, versions: [1, {name: v1}]}\n",
		`{"apiVersion":"v1","items":[{"apiVersion":"kubectl-secure.io/v1alpha1","kind":"SnapshotInfo","gaps":[{}]},{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}],"kind":"List"}`,
		"a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n",
		"? {a: b}\n: c\n", "%YAML 1.1\n---\nkind: x\n", "a: |\n  ---\n---\nb: >\n", "!!binary |\n  x", "a: !!float x",
		"kind: X\rapiVersion: v1\r---\r", "\u0085---\u2028kind: X",
	}
}

// FuzzDecode looks for panics, for input that does not load again as it was
// saved, and for values of Secrets.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := dir.Load(t.Context(), dir.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(data), DefaultNamespace: "here"})
		if err != nil {
			if !utf8.ValidString(err.Error()) && utf8.Valid(data) {
				t.Errorf("error %q is no text", err)
			}
			return
		}
		for obj, origin := range s.All() {
			if obj.GetName() == "" {
				t.Errorf("%s: object without name", origin)
			}
			if last := bytes.Count(data, []byte{'\n'}) + 1; origin.File != "-" || origin.Line < 1 || origin.Line > last {
				t.Errorf("object from %s, the input has %d lines", origin, last)
			}
		}
		saved := save(t, s, file.SaveOptions{IncludeConfig: true})
		if !json.Valid(saved) {
			t.Fatalf("saved as %q", saved)
		}
		again, err := dir.Load(t.Context(), dir.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(saved), DefaultNamespace: "here"})
		if none := (*dir.NoObjectsError)(nil); errors.As(err, &none) {
			t.Fatalf("nothing comes back of %q: %v", saved, err)
		} else if err != nil {
			t.Fatal(err)
		}
		compare(t, s, again)
	})
}

func compare(t *testing.T, want, got *snapshot.Snapshot) {
	t.Helper()
	var objects []snapshot.Object
	for obj := range got.All() {
		objects = append(objects, obj)
	}
	i := 0
	for obj := range want.All() {
		if i >= len(objects) || !equality.Semantic.DeepEqual(obj, objects[i]) {
			t.Fatalf("object %d: %#v does not come back", i, obj)
		}
		i++
	}
	if i != len(objects) {
		t.Fatalf("%d objects became %d", i, len(objects))
	}
}
