package lint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// TestCases lints the manifests of all cases of semantics, policies of every
// shape, and expects whole sentences, the same each time.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*/manifests.yaml")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []snapshot.SourceKind{snapshot.FromFiles, snapshot.FromServer} {
			for _, profile := range netpol.Profiles() {
				in := input{manifests: string(text), from: from, profile: profile}
				first, again := lint.Run(in.cluster(t), lint.Options{}), lint.Run(in.cluster(t), lint.Options{})
				if diff := cmp.Diff(first, again); diff != "" {
					t.Errorf("%s differs the second time:\n%s", file, diff)
				}
				for _, f := range first.Findings {
					if f.Message == "" || f.Fingerprint == "" || strings.HasSuffix(f.Message, ".") || strings.Contains(f.Message+f.Remedy, "%!") {
						t.Errorf("%s: %+v", file, f)
					}
				}
			}
		}
	}
}
