package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// timeLimit is what the tests give a request that never ends, and far more
// than an honest one takes.
const timeLimit = "--request-timeout=5s"

func notHeld() {}

// keep returns a function for shorten that leaves n bytes.
func keep(n int) func(int) int { return func(int) int { return n } }

func half(size int) int { return size / 2 }

// TestListFaults asks a server one of whose lists does not arrive as a whole.
// The answer names what it lacks, and proves nothing.
func TestListFaults(t *testing.T) {
	t.Parallel()
	const roleBindings = "/apis/rbac.authorization.k8s.io/v1/rolebindings"
	tests := []struct {
		name   string
		path   string
		fault  fault
		list   string // that the answer lacks
		reason string
		http1  bool
	}{
		{name: "no answer", path: clusterRolesPath, fault: hang(notHeld), list: "clusterroles", reason: "timeout"},
		{name: "no answer, HTTP/1.1", path: clusterRolesPath, fault: hang(notHeld), list: "clusterroles", reason: "timeout", http1: true},
		{name: "stalls", path: roleBindings, fault: stall(notHeld), list: "rolebindings", reason: "timeout"},
		{name: "stalls, HTTP/1.1", path: roleBindings, fault: stall(notHeld), list: "rolebindings", reason: "timeout", http1: true},
		{name: "breaks off", path: roleBindings, fault: breakOff, list: "rolebindings", reason: "timeout"},
		{name: "breaks off, HTTP/1.1", path: clusterRolesPath, fault: breakOff, list: "clusterroles", reason: "timeout", http1: true},
		{name: "cut in half", path: roleBindings, fault: shorten(half), list: "rolebindings", reason: "unparsable"},
		{name: "the last byte is missing", path: roleBindings, fault: shorten(func(size int) int { return size - 1 }), list: "rolebindings", reason: "unparsable"},
		{name: "empty", path: roleBindings, fault: shorten(keep(0)), list: "rolebindings", reason: "unparsable"},
		{name: "the first bytes only", path: roleBindings, fault: shorten(keep(4)), list: "rolebindings", reason: "unparsable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := startProxy(t, shared.cluster, !tt.http1, to(tt.path), tt.fault)
			stdout, stderr, exit := command{
				kubeconfig: p.kubeconfig(t, auditor),
				args:       []string{"who-can", "list", "secrets", "-A", "-o", "json", "--require-complete", timeLimit},
			}.run(t)
			found, incomplete := gaps(t, stdout)
			if exit != 4 || !incomplete || !strings.Contains(stderr, "may be incomplete") || !strings.Contains(stderr, tt.list) {
				t.Errorf("exit %d, incomplete %t, want 4 and true, and the list in stderr:\n%s", exit, incomplete, stderr)
			}
			if diff := cmp.Diff(map[string]string{tt.list: tt.reason}, found); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLaterPageIsMissing: what the first page says is not all.
func TestLaterPageIsMissing(t *testing.T) {
	t.Parallel()
	p := startProxy(t, largeCluster(t), true, func(r *http.Request) bool {
		return r.URL.Query().Get("continue") != "" && strings.HasSuffix(r.URL.Path, "/clusterrolebindings")
	}, hang(notHeld))
	stdout, stderr, exit := command{
		kubeconfig: p.kubeconfig(t, harness.Admin),
		args:       []string{"who-can", "get", "nodes", "-o", "json", timeLimit},
	}.run(t)
	found, incomplete := gaps(t, stdout)
	if diff := cmp.Diff(map[string]string{"clusterrolebindings": "timeout"}, found); diff != "" || exit != 0 || !incomplete {
		t.Errorf("exit %d, incomplete %t, gaps (-want +got):\n%s\nstderr: %s", exit, incomplete, diff, stderr)
	}
	if !strings.Contains(stdout, `"user-0000"`) || strings.Contains(stdout, `"user-0619"`) {
		t.Error("the answer is not that of the first page")
	}
}

// TestExtrasMayHang: nobody's permissions depend on the server's version.
func TestExtrasMayHang(t *testing.T) {
	t.Parallel()
	args := []string{"who-can", "list", "secrets", "-A", "-o", "json"}
	p := startProxy(t, shared.cluster, true, to("/version"), hang(notHeld))
	stdout, stderr, exit := command{kubeconfig: p.kubeconfig(t, auditor), args: args}.run(t)
	if _, incomplete := gaps(t, stdout); exit != 0 || incomplete {
		t.Fatalf("exit %d, incomplete %t, want 0 and false; stderr:\n%s", exit, incomplete, stderr)
	}
	if diff := cmp.Diff(subjectsOf(t, mustRun(t, auditor, args...)), subjectsOf(t, stdout)); diff != "" {
		t.Errorf("(-without the proxy +with it):\n%s", diff)
	}
}

// TestNoAnswerAtAll: where nothing, or not the type of the question, could be
// read, there is one error and no answer.
func TestNoAnswerAtAll(t *testing.T) {
	t.Parallel()
	discovery := func(r *http.Request) bool { return r.URL.Path == "/api" || r.URL.Path == "/apis" }
	custom := []string{"who-can", "list", "widgets", "-A"}
	tests := []struct {
		name     string
		args     []string
		affected func(*http.Request) bool
		fault    fault
	}{
		{"nothing answers", []string{"who-can", "list", "secrets", "-A"}, anything, hang(notHeld)},
		{"everything stalls", []string{"who-can", "list", "secrets", "-A"}, anything, stall(notHeld)},
		{"everything breaks off", []string{"who-can", "list", "secrets", "-A"}, anything, breakOff},
		{"everything is cut", []string{"who-can", "list", "secrets", "-A"}, anything, shorten(half)},
		{"everything is empty", []string{"who-can", "list", "secrets", "-A"}, anything, shorten(keep(0))},
		{"discovery hangs", custom, discovery, hang(notHeld)},
		{"discovery stalls", custom, discovery, stall(notHeld)},
		{"discovery breaks off", custom, discovery, breakOff},
		{"discovery is cut", custom, discovery, shorten(half)},
		{"discovery is empty", custom, discovery, shorten(keep(0))},
		{"why, nothing answers", []string{"why", "user/x", "list", "secrets"}, anything, hang(notHeld)},
		{"what-can, everything breaks off", []string{"what-can", "user/x"}, anything, breakOff},
		{"what-can, everything is cut", []string{"what-can", "user/x"}, anything, shorten(half)},
		{"snapshot save, everything is cut", []string{"snapshot", "save", "cluster.json"}, anything, shorten(half)},
		{"who is asking hangs", []string{"why", "me", "list", "secrets"}, to("/apis/authentication.k8s.io/v1/selfsubjectreviews"), hang(notHeld)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := startProxy(t, shared.cluster, true, tt.affected, tt.fault)
			home := t.TempDir()
			stdout, stderr, exit := command{kubeconfig: p.kubeconfig(t, harness.Admin), args: append(tt.args, timeLimit), home: home}.run(t)
			if exit != 1 || stdout != "" || !strings.HasPrefix(stderr, "error: ") {
				t.Errorf("exit %d, want 1; stdout %q, want none; stderr, want error: …\n%s", exit, stdout, stderr)
			}
			if left := filesIn(t, home); len(left) > 0 {
				t.Errorf("files are left behind: %q", left)
			}
		})
	}
}

// TestVerifyFaults: a review that did not arrive as a whole confirms nothing.
func TestVerifyFaults(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]fault{"hangs": hang(notHeld), "breaks off": breakOff, "is cut": shorten(half), "is empty": shorten(keep(0))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProxy(t, shared.cluster, true, to(reviewsPath), do)
			stdout, stderr, exit := command{
				kubeconfig: p.kubeconfig(t, operator),
				args:       []string{"who-can", "get", "secrets", "-n", "shop", "--verify", "-o", "json", timeLimit},
			}.run(t)
			if exit != 1 || !strings.Contains(stderr, "error: --verify") {
				t.Errorf("exit %d, want 1; stderr, want error: --verify …\n%s", exit, stderr)
			}
			r := decodeVerified(t, stdout)
			if r.Verification.Failed != r.Verification.Asked || r.Verification.Asked == 0 || r.Verification.Agreed+r.Verification.Differed > 0 {
				t.Errorf("%+v, want nothing but failures", r.Verification)
			}
			for _, s := range r.Subjects {
				if s.Verified != nil && s.Verified.Verdict != "noAnswer" {
					t.Errorf("%s %s: %+v, want no answer", s.Kind, s.Name, s.Verified)
				}
			}
		})
	}
}
