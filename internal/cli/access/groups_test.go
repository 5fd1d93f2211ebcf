package access_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestReadGroups(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          rbac.Membership
		err           string
	}{
		{"members", "oidc:sre: [alice, bob]\nempty: []\n", rbac.Membership{"oidc:sre": {"alice", "bob"}, "empty": {}}, ""},
		{"json", `{"sre": ["alice"]}`, rbac.Membership{"sre": {"alice"}}, ""},
		{"empty", "", nil, "names no group"},
		{"only a comment", "# sre: [alice]\n", nil, "names no group"},
		{"a list", "- alice\n", nil, "is not a map of group to list of users"},
		{"a user for a list", "sre: alice\n", nil, "is not a map of group to list of users"},
		{"a group twice", "sre: [alice]\nsre: [bob]\n", nil, "is not a map of group to list of users"},
		{"without end", strings.Repeat("# \n", 6<<20), nil, "is larger than 16 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "groups.yaml")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := access.ReadGroups(path)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if m, err := access.ReadGroups(""); m != nil || err != nil {
		t.Errorf("no file: %v, %v", m, err)
	}
	if _, err := access.ReadGroups(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "--groups: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}
