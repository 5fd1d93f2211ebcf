package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// runTimeout ends a kubectl-secure that hangs, long before the test run ends
// without a word about which test it was.
const runTimeout = 2 * time.Minute

// run runs kubectl-secure on the shared cluster as one of users() or
// harness.Admin and returns what it wrote and its exit code.
func run(t *testing.T, user string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	return command{cluster: shared.cluster, user: user, args: args}.run(t)
}

// command is one call of kubectl-secure.
type command struct {
	cluster    *harness.ControlPlane // with user: whose kubeconfig is used
	user       string
	kubeconfig string   // instead of cluster and user; "" without both: no kubeconfig at all
	env        []string // further variables, NAME=value
	stdin      string
	args       []string
	home       string // the home and working directory; "" for one of its own
}

// run runs the command and waits for its end.
func (c command) run(t *testing.T) (stdout, stderr string, exit int) {
	t.Helper()
	return c.start(t).wait(t)
}

// running is a command that was started.
type running struct {
	cmd         *exec.Cmd
	ctx         context.Context
	out, errOut bytes.Buffer
}

// start starts the command with an environment that holds nothing of the
// caller's, so that no kubeconfig, proxy or cache of the machine counts.
func (c command) start(t *testing.T) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	t.Cleanup(cancel)
	r := &running{cmd: exec.CommandContext(ctx, shared.product, c.args...), ctx: ctx}
	home := c.home
	if home == "" {
		home = t.TempDir()
	}
	r.cmd.Dir = home
	r.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}, c.env...)
	kubeconfig := c.kubeconfig
	if c.cluster != nil {
		kubeconfig = c.cluster.Kubeconfig(c.user)
	}
	if kubeconfig != "" {
		r.cmd.Env = append(r.cmd.Env, "KUBECONFIG="+kubeconfig)
	}
	r.cmd.Stdin = strings.NewReader(c.stdin)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.errOut
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("start kubectl-secure %q: %v", c.args, err)
	}
	return r
}

// wait waits for the end of the program. One that had to be killed fails the
// test.
func (r *running) wait(t *testing.T) (stdout, stderr string, exit int) {
	t.Helper()
	err := r.cmd.Wait()
	var failed *exec.ExitError
	switch {
	case r.ctx.Err() != nil:
		t.Fatalf("%q did not end within %s\nstdout: %s\nstderr: %s", r.cmd.Args, runTimeout, &r.out, &r.errOut)
	case errors.As(err, &failed) && failed.Exited():
		return r.out.String(), r.errOut.String(), failed.ExitCode()
	case err != nil:
		t.Fatalf("%q: %v\nstdout: %s\nstderr: %s", r.cmd.Args, err, &r.out, &r.errOut)
	}
	return r.out.String(), r.errOut.String(), 0
}

// mustRun is run for a command that must end with 0; it returns the standard
// output.
func mustRun(t *testing.T, user string, args ...string) string {
	t.Helper()
	stdout, stderr, exit := run(t, user, args...)
	if exit != 0 {
		t.Fatalf("kubectl-secure %q as %s ended with %d, want 0\nstdout: %s\nstderr: %s", args, user, exit, stdout, stderr)
	}
	return stdout
}

// largeCluster returns the shared control plane with the objects of
// largeObjects. The first test that calls it waits some seconds.
func largeCluster(t *testing.T) *harness.ControlPlane {
	t.Helper()
	cp, err := shared.large()
	if err != nil {
		t.Fatalf("start the large cluster: %v", err)
	}
	return cp
}
