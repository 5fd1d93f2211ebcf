package tables

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// TestCommittedTablesAreCurrent generates the tables anew, from the running
// API server, and compares them with the committed files.
func TestCommittedTablesAreCurrent(t *testing.T) {
	t.Parallel()
	root, err := harness.RepositoryRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := Generate(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Errorf("generated %d files, want 3", len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the API server says; run make generate-tables (-server +file):\n%s", name, diff)
		}
	}
}
