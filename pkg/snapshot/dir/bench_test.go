package dir_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// rbacList returns a List of n RBAC objects, about 370 bytes each, as
// "kubectl get -o json | jq -c" prints it.
func rbacList(n int) []byte {
	var out bytes.Buffer
	out.WriteString(`{"apiVersion":"v1","items":[`)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		meta := fmt.Sprintf(`"metadata":{"creationTimestamp":"2026-01-02T03:04:05Z","name":"object-%d","namespace":"team-%03d","resourceVersion":"%d","uid":"%08x-0000-4000-8000-%012x"}`, i, i%300, i, i, i)
		switch {
		case i%10 < 4:
			fmt.Fprintf(&out, `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role",%s,"rules":[{"apiGroups":["","apps"],"resources":["pods","deployments"],"verbs":["get","list","watch"]}]}`, meta)
		default:
			fmt.Fprintf(&out, `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",%s,"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"object-%d"},"subjects":[{"kind":"ServiceAccount","name":"sa-%d","namespace":"team-%03d"}]}`, meta, i-i%10, i%40, i%300)
		}
	}
	out.WriteString(`],"kind":"List","metadata":{"resourceVersion":""}}`)
	return out.Bytes()
}

// BenchmarkLoadList reads the 5 MB List of the speed budget. Compare it with
// the time that "jq length" takes for the file.
func BenchmarkLoadList(b *testing.B) {
	name := filepath.Join(b.TempDir(), "list.json")
	text := rbacList(14_000)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := dir.Load(b.Context(), dir.Options{Paths: []string{name}, DefaultNamespace: "default"})
		if err != nil {
			b.Fatal(err)
		}
		if n := snapshot.Count[rbacv1.Role](s) + snapshot.Count[rbacv1.RoleBinding](s); n != 14_000 {
			b.Fatalf("%d objects", n)
		}
	}
}

// BenchmarkLoadDemo reads the embedded demonstration cluster (YAML).
func BenchmarkLoadDemo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dir.LoadFS(b.Context(), demo.FS(), snapshot.Info{Source: snapshot.FromDemo}, "shop"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoadYAMLList reads 1,000 objects as "kubectl get -o yaml" prints
// them.
func BenchmarkLoadYAMLList(b *testing.B) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nitems:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "- apiVersion: rbac.authorization.k8s.io/v1\n  kind: Role\n  metadata:\n    name: role-%d\n    namespace: team\n  rules:\n  - apiGroups:\n    - \"\"\n    resources:\n    - pods\n    verbs:\n    - get\n    - list\n", i)
	}
	text.WriteString("kind: List\n")
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := dir.Load(b.Context(), dir.Options{Paths: []string{"-"}, Stdin: strings.NewReader(text.String())}); err != nil {
			b.Fatal(err)
		}
	}
}
