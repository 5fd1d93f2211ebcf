package dir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Files are decoded at the same time. The warnings and the origins of merged
// duplicates still come in the order of the files.
func TestLoadOrder(t *testing.T) {
	files := map[string]string{}
	var want []string
	for i := range 100 {
		name := fmt.Sprintf("d/%03d.yaml", i)
		files[name] = fmt.Sprintf("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r%03d}\nrule: []\n---\n", i) + pod("same")
		want = append(want, fmt.Sprintf(`%s:1: Role/r%03d: unknown field "rule": the API server ignores or refuses it`, name, i))
	}
	write(t, files)
	for range 5 {
		s := loadPaths(t, "d")
		if diff := cmp.Diff(want, s.Warnings()); diff != "" {
			t.Fatalf("warnings (-want +got):\n%s", diff)
		}
		if first := summary(s)[0]; first != "d/000.yaml:6 Pod here/same" {
			t.Fatalf("first object %s", first)
		}
	}
}

// Thousands of items of one list keep their lines and their order.
func TestLoadLongLists(t *testing.T) {
	const n = 3000
	var inYAML, inJSON strings.Builder
	inYAML.WriteString("apiVersion: v1\nkind: PodList\nitems:\n")
	inJSON.WriteString("{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[\n")
	for i := range n {
		fmt.Fprintf(&inYAML, "- metadata:\n    name: p%05d\n", i)
		if i > 0 {
			inJSON.WriteString(",\n")
		}
		fmt.Fprintf(&inJSON, "{\"metadata\":{\n\"name\":\"p%05d\"}}", i)
	}
	inJSON.WriteString("]}")
	write(t, map[string]string{"a.yaml": inYAML.String(), "a.json": inJSON.String()})
	for name, firstLine := range map[string]int{"a.yaml": 4, "a.json": 2} {
		got := summary(loadPaths(t, name))
		if len(got) != n {
			t.Fatalf("%s: %d objects", name, len(got))
		}
		for i, line := range got {
			if want := fmt.Sprintf("%s:%d Pod here/p%05d", name, firstLine+2*i, i); line != want {
				t.Fatalf("object %d is %s, want %s", i, line, want)
			}
		}
	}
}
