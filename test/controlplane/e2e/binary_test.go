package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// TestBinaryRuns checks the way in which all other tests run the product:
// streams, exit codes and standard input are the program's own.
func TestBinaryRuns(t *testing.T) {
	t.Parallel()
	t.Run("help", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, exit := command{args: []string{"--help"}}.run(t)
		if exit != 0 || stderr != "" || !strings.Contains(stdout, "who-can") {
			t.Errorf("exit %d, stderr %q, stdout:\n%s", exit, stderr, stdout)
		}
	})
	t.Run("usage error", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, exit := run(t, harness.Admin, "no-such-command")
		if exit != 2 || stdout != "" || !strings.Contains(stderr, "no-such-command") {
			t.Errorf("exit %d, want 2; stdout %q, want none; stderr:\n%s", exit, stdout, stderr)
		}
	})
}

// whoCan is the part of a WhoCanReport that names the subjects.
type whoCan struct {
	Incomplete bool
	Subjects   []struct{ Kind, Namespace, Name string }
}

func (w whoCan) names() map[string]bool {
	out := map[string]bool{}
	for _, s := range w.Subjects {
		out[s.Kind+"/"+s.Namespace+"/"+s.Name] = true
	}
	return out
}

// TestWhoCanReadsEveryPage asks for answers of more subjects than one page
// of any list has.
func TestWhoCanReadsEveryPage(t *testing.T) {
	t.Parallel()
	cp := largeCluster(t)
	tests := []struct {
		name string
		args []string
		want func(i, j int) string
	}{
		{"namespaced", []string{"get", "pods", "-A"}, func(i, j int) string { return fmt.Sprintf("ServiceAccount/team-%03d/app-%d", i, j) }},
		{"cluster-wide", []string{"get", "nodes"}, func(i, j int) string { return fmt.Sprintf("User//user-%04d", i*largePerNamespace+j) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := command{cluster: cp, user: harness.Admin, args: append([]string{"who-can", "-o", "json"}, tt.args...)}
			stdout, stderr, exit := c.run(t)
			var report whoCan
			if err := json.Unmarshal([]byte(stdout), &report); err != nil || exit != 0 {
				t.Fatalf("exit %d, %v, stderr:\n%s", exit, err, stderr)
			}
			if report.Incomplete {
				t.Errorf("the answer is incomplete:\n%s", stderr)
			}
			names, missing := report.names(), 0
			for i := range largeNamespaces {
				for j := range largePerNamespace {
					if !names[tt.want(i, j)] {
						missing++
					}
				}
			}
			if missing > 0 {
				t.Errorf("%d of %d subjects are missing", missing, largeTotal)
			}
		})
	}
}
