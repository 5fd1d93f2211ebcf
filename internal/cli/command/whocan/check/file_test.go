package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

func TestReadEntries(t *testing.T) {
	const one = "{cannot: get, resource: pods}"
	tests := []struct {
		name, data string
		want       int    // entries
		err        string // else
	}{
		{"a list", "- " + one + "\n- " + one, 2, ""},
		{"a map", "assertions:\n- " + one, 1, ""},
		{"JSON", `[{"cannot":["get"],"resource":"pods","namespace":["a"]}]`, 1, ""},
		{"documents, some empty", "---\n# none\n---\n- " + one + "\n---\n- " + one + "\n---\n", 2, ""},
		{"an alias", "- &a " + one + "\n- *a", 2, ""},
		{"exceptions of a template without values", "- {cannot: get, resource: pods, except: [], why: }", 1, ""},
		{"nothing", "", 0, "f: no assertions"},
		{"an empty list", "[]", 0, "f: no assertions"},
		{"a text", "nobody", 0, "f:1: want a list of assertions"},
		{"a misspelt list", "assertion:\n- " + one, 0, "f:1: want a list of assertions"},
		{"a second list", "assertions:\n- " + one + "\nmore:\n- " + one, 0, "f:1: want a list of assertions, or a map with nothing but the list"},
		{"the same list twice", "assertions:\n- " + one + "\nassertions:\n- " + one, 0, "f:1: want a list of assertions"},
		{"no map", "- " + one + "\n- get pods", 0, "f:2: assertion 2: an assertion is a map"},
		{"a misspelt field", "- {cannot: get, resource: pods, namespaces: [a]}", 0, `f:1: assertion 1: unknown field "namespaces": the fields are who, can,`},
		{"a merge", "- &a " + one + "\n- {<<: *a, name: x}", 0, `f:2: assertion 2: unknown field "<<"`},
		{"a field twice", "- {cannot: get, cannot: list, resource: pods}", 0, `f:1: assertion 1: field "cannot" is there twice`},
		{"a blank", "- {cannot: get, resource: pods, subresource: ' '}", 0, `field "subresource" is empty`},
		{"a null", "- {cannot: get, resource: pods, namespace: }", 0, `field "namespace" is empty`},
		{"an empty list of subjects", "- {cannot: get, resource: pods, who: []}", 0, `field "who" is empty`},
		{"a blank exception", "- {cannot: get, resource: pods, except: ''}", 0, `field "except" is empty`},
		{"a map for a text", "- {cannot: get, resource: {a: b}}", 0, "want a text or a list of texts"},
		{"a list for a text", "- {cannot: get, resource: pods, why: [a]}", 0, "cannot unmarshal !!seq into string"},
		{"false", "- {can: false, resource: pods}", 0, "write true, or the verbs"},
		{"itself", "- &a {cannot: get, resource: pods, who: *a}", 0, "want a text or a list of texts"},
		{"deep", strings.Repeat("[", 20000), 0, "f: exceeded max depth"},
		{"no YAML", "- {", 0, "f: line 1: did not find expected node content"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readEntries("f", []byte(tt.data))
			if tt.err == "" {
				if err != nil || len(got) != tt.want {
					t.Errorf("%d entries, error %v; want %d", len(got), err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want a line with %q", err, tt.err)
			}
			if code := fault.Code(err); code != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", code, fault.ExitUsage)
			}
		})
	}
}

func TestEntryFields(t *testing.T) {
	got, err := readEntries("f", []byte("\n- {who: [u/a, g/b], can: true, verb: [get, list], resource: 7, subresource: log, name: 007, namespace: a, why: since}"))
	if err != nil {
		t.Fatal(err)
	}
	want := []entry{{
		Who: words{"u/a", "g/b"}, Can: verbs{given: true}, Verb: words{"get", "list"}, Resource: words{"7"}, Subresource: "log",
		Name: words{"007"}, Namespace: words{"a"}, Why: "since", line: 2,
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{}, verbs{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
