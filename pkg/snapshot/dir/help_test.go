package dir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// write puts files into a new directory and makes it the current one, so that
// origins are the relative names.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
}

// load reads one file with the given text, which must hold an object.
func load(t *testing.T, name, text string) *snapshot.Snapshot {
	t.Helper()
	write(t, map[string]string{name: text})
	return loadPaths(t, name)
}

func loadPaths(t *testing.T, paths ...string) *snapshot.Snapshot {
	t.Helper()
	s, err := dir.Load(t.Context(), dir.Options{Paths: paths, DefaultNamespace: "here"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// summary lists the objects as FILE:LINE KIND NAMESPACE/NAME.
func summary(s *snapshot.Snapshot) []string {
	var lines []string
	for obj, origin := range s.All() {
		lines = append(lines, fmt.Sprintf("%s %s %s/%s", origin, kind(obj).Kind, obj.GetNamespace(), obj.GetName()))
	}
	return lines
}

func kind(obj snapshot.Object) schema.GroupKind {
	return obj.GetObjectKind().GroupVersionKind().GroupKind()
}

// details returns the details of the gaps.
func details(s *snapshot.Snapshot) []string {
	var lines []string
	for _, gap := range s.Gaps() {
		lines = append(lines, gap.Group+"/"+gap.Resource+" "+gap.Detail)
	}
	return lines
}
