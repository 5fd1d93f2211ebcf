package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// gaps returns the reasons of an answer's gaps by the type and namespace that
// could not be read, and whether it calls itself incomplete.
func gaps(t *testing.T, stdout string) (found map[string]string, incomplete bool) {
	t.Helper()
	var report struct {
		Incomplete bool
		Gaps       []struct{ Resource, Namespace, Reason string }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	found = map[string]string{}
	for _, g := range report.Gaps {
		found[strings.Trim(g.Namespace+"/"+g.Resource, "/")] = g.Reason
	}
	return found, report.Incomplete
}

// TestForbiddenListsAreGaps asks as users who may read a part of what the
// answer needs, or nothing of it.
func TestForbiddenListsAreGaps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, user string
		args       []string
		forbidden  []string // among the gaps
		readable   []string // not among the gaps
		subject    string   // that the answer has nevertheless
	}{
		{
			name: "a namespace only", user: teamLead, args: []string{"list", "secrets", "-n", "shop"},
			forbidden: []string{"clusterrolebindings"},
			readable:  []string{"shop/roles", "shop/rolebindings"},
			subject:   `"worker"`,
		},
		{
			name: "nothing", user: nobody, args: []string{"list", "secrets", "-n", "shop"},
			forbidden: []string{"clusterrolebindings", "shop/rolebindings"},
			subject:   `"system:masters"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"who-can", "-o", "json"}, tt.args...)
			stdout, stderr, exit := run(t, tt.user, args...)
			found, incomplete := gaps(t, stdout)
			if exit != 0 || !incomplete || !strings.Contains(stderr, "forbidden") {
				t.Errorf("exit %d, incomplete %t, want 0 and true, and the gaps in stderr:\n%s", exit, incomplete, stderr)
			}
			for _, list := range tt.forbidden {
				if found[list] != "forbidden" {
					t.Errorf("no gap says that %s is forbidden: %v", list, found)
				}
			}
			for _, list := range tt.readable {
				if reason, ok := found[list]; ok {
					t.Errorf("%s is readable but a gap says %s", list, reason)
				}
			}
			if !strings.Contains(stdout, tt.subject) {
				t.Errorf("the answer lacks %s:\n%s", tt.subject, stdout)
			}
			if _, _, exit := run(t, tt.user, append(args, "--require-complete")...); exit != 4 {
				t.Errorf("with --require-complete: exit %d, want 4", exit)
			}
		})
	}
}

// TestImpersonation: --as and --as-group reach every request, so that the
// deputy sees what the auditor sees.
func TestImpersonation(t *testing.T) {
	t.Parallel()
	query := []string{"who-can", "list", "secrets", "-A", "-o", "json"}
	want := mustRun(t, auditor, query...)
	got := mustRun(t, deputy, append(query, "--as", auditor, "--as-group", "shop:auditors")...)
	if diff := cmp.Diff(subjectsOf(t, want), subjectsOf(t, got)); diff != "" {
		t.Errorf("answer of the auditor and of the deputy in their name (-want +got):\n%s", diff)
	}
	stdout, stderr, exit := run(t, deputy, append(query, "--as", harness.Admin)...)
	if exit != 0 {
		return // refused as a whole, which says it too
	}
	if _, incomplete := gaps(t, stdout); !incomplete {
		t.Errorf("the deputy may not act as admin, but the answer is complete; stderr:\n%s", stderr)
	}
}

// subjectsOf returns the part of a report that does not say who asked.
func subjectsOf(t *testing.T, stdout string) any {
	t.Helper()
	var report struct{ Subjects, Gaps any }
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	return report
}
