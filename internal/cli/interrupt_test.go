//go:build unix

package cli_test

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

func TestLiveInterrupt(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"*", apiserver.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for len(server.Requests(rbacPath+"*")) == 0 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	}()
	start := time.Now()
	r := live(t, server.Config(), "who-can", "get", "secrets")
	r.wantCode(t, 130)
	if r.stdout != "" || r.stderr != "" {
		t.Errorf("an interrupt is silent\nstdout: %s\nstderr: %s", r.stdout, r.stderr)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
