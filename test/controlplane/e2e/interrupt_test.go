package e2e

import (
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

const (
	clusterRolesPath = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
	reviewsPath      = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
)

// TestInterrupt interrupts commands in the middle of a request that never
// ends. The program must end at once, with 130 and without anything that
// looks like an answer: it would have to be killed otherwise.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		args   []string
		path   string // of the request that does not end
		fault  func(held func()) fault
		signal os.Signal
		http1  bool
	}{
		{name: "a list, before its answer", args: []string{"who-can", "list", "secrets", "-A"}, path: clusterRolesPath, fault: hang, signal: os.Interrupt},
		{name: "a list, within its answer", args: []string{"who-can", "list", "secrets", "-A", "-o", "json"}, path: clusterRolesPath, fault: stall, signal: os.Interrupt},
		{name: "a list, HTTP/1.1", args: []string{"who-can", "list", "secrets", "-A"}, path: clusterRolesPath, fault: stall, signal: os.Interrupt, http1: true},
		{name: "terminated", args: []string{"who-can", "list", "secrets", "-A"}, path: clusterRolesPath, fault: hang, signal: syscall.SIGTERM},
		{name: "what may be missing", args: []string{"who-can", "list", "secrets", "-A"}, path: "/api/v1/namespaces/kube-system/configmaps/aws-auth", fault: hang, signal: os.Interrupt},
		{name: "the server's version", args: []string{"who-can", "list", "secrets", "-A", "--request-timeout=0"}, path: "/version", fault: hang, signal: os.Interrupt},
		{name: "discovery", args: []string{"who-can", "list", "widgets", "-A"}, path: "/apis", fault: hang, signal: os.Interrupt},
		{name: "verification", args: []string{"who-can", "list", "secrets", "-A", "--verify"}, path: reviewsPath, fault: hang, signal: os.Interrupt},
		{name: "require-complete", args: []string{"who-can", "list", "secrets", "-A", "--require-complete"}, path: clusterRolesPath, fault: hang, signal: os.Interrupt},
		{name: "why", args: []string{"why", "user/x", "list", "secrets"}, path: clusterRolesPath, fault: hang, signal: os.Interrupt},
		{name: "why, who is asking", args: []string{"why", "me", "list", "secrets"}, path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", fault: hang, signal: os.Interrupt},
		{name: "why, verification", args: []string{"why", "user/x", "list", "secrets", "--verify"}, path: reviewsPath, fault: hang, signal: os.Interrupt},
		{name: "what-can", args: []string{"what-can", "user/x"}, path: clusterRolesPath, fault: hang, signal: os.Interrupt},
		{name: "snapshot save", args: []string{"snapshot", "save", "cluster.json"}, path: "/api/v1/pods", fault: stall, signal: os.Interrupt},
		{name: "snapshot save to a stream", args: []string{"snapshot", "save", "-"}, path: "/api/v1/pods", fault: stall, signal: os.Interrupt},
		{name: "snapshot diff", args: []string{"snapshot", "diff", "demo", "live"}, path: clusterRolesPath, fault: hang, signal: os.Interrupt},
		{name: "permissions", args: []string{"permissions"}, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", fault: hang, signal: os.Interrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{})
			var once sync.Once
			held := func() { once.Do(func() { close(arrived) }) }
			p := startProxy(t, shared.cluster, !tt.http1, to(tt.path), tt.fault(held))
			home := t.TempDir()
			r := command{kubeconfig: p.kubeconfig(t, harness.Admin), args: tt.args, home: home}.start(t)
			select {
			case <-arrived:
			case <-r.ctx.Done():
			}
			if err := r.cmd.Process.Signal(tt.signal); err != nil {
				t.Errorf("signal: %v", err)
			}
			stdout, stderr, exit := r.wait(t)
			if exit != 130 || stdout != "" || strings.Contains(stderr, "error") || strings.Contains(stderr, "goroutine") {
				t.Errorf("exit %d, want 130; stdout %q, want none; stderr, want no error:\n%s", exit, stdout, stderr)
			}
			if left := filesIn(t, home); len(left) > 0 {
				t.Errorf("files are left behind: %q", left)
			}
		})
	}
}

// filesIn returns what is in a directory beside the cache of discovery.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == ".kube" })
}
