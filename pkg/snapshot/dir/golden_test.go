package dir_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenCluster reads a directory as it is found in practice, and compares
// everything that the snapshot says.
func TestGoldenCluster(t *testing.T) {
	golden, err := filepath.Abs("testdata/cluster.golden")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("testdata")
	s := loadPaths(t, "cluster")
	compareGolden(t, golden, describe(s))

	// The same again, to see that parallel decoding changes nothing.
	for range 10 {
		if diff := cmp.Diff(describe(s), describe(loadPaths(t, "cluster"))); diff != "" {
			t.Fatalf("read again, it differs:\n%s", diff)
		}
	}
}

// TestGoldenSaved compares the bytes of the saved snapshot of that directory:
// files that users have must stay readable.
func TestGoldenSaved(t *testing.T) {
	golden, err := filepath.Abs("testdata/saved.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("testdata")
	before := loadPaths(t, "cluster")
	compareGolden(t, golden, string(save(t, before, file.SaveOptions{})))

	after, err := dir.Load(t.Context(), dir.Options{Paths: []string{golden}, DefaultNamespace: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for obj := range before.All() {
		want = append(want, identity(obj))
	}
	for obj := range after.All() {
		got = append(got, identity(obj))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before.Gaps(), after.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before.Warnings(), after.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func identity(obj snapshot.Object) string {
	return fmt.Sprintf("%T %s/%s", obj, obj.GetNamespace(), obj.GetName())
}

// describe lists everything that a snapshot says about its input.
func describe(s *snapshot.Snapshot) string {
	var out strings.Builder
	fmt.Fprintf(&out, "source %s\n", s.Info().Source)
	for _, line := range summary(s) {
		fmt.Fprintf(&out, "object %s\n", line)
	}
	for _, gap := range s.Gaps() {
		fmt.Fprintf(&out, "gap %s %q %q %s\n", gap.Reason, gap.Group, gap.Resource, gap.Detail)
	}
	for _, warning := range s.Warnings() {
		fmt.Fprintf(&out, "warning %s\n", warning)
	}
	return out.String()
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}
