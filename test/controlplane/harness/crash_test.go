package harness_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// crashEnv turns TestCrashHelper into a program that crashes.
const crashEnv = "HARNESS_TEST_CRASH"

// TestCrashHelper is not a test: TestCrashLeavesNothing runs it in a process
// of its own. It panics outside of every test's goroutine, so that no cleanup
// function and no deferred call has a chance to run.
func TestCrashHelper(t *testing.T) {
	if os.Getenv(crashEnv) == "" {
		return
	}
	cp := harness.Start(t, harness.Options{})
	fmt.Println("dir", cp.Dir)
	for _, pid := range harness.Pids(cp) {
		fmt.Println("pid", pid)
	}
	go func() { panic("crash") }()
	select {}
}

func TestCrashLeavesNothing(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashHelper$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), crashEnv+"=1")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err == nil {
		t.Fatalf("the helper did not crash:\n%s", &out)
	}
	var dir string
	var pids []int
	for line := range strings.Lines(out.String()) {
		var pid int
		if _, err := fmt.Sscanf(line, "dir %s", &dir); err == nil {
			continue
		}
		if _, err := fmt.Sscanf(line, "pid %d", &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	if dir == "" || len(pids) != 2 {
		t.Fatalf("the helper did not start a control plane:\n%s", &out)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		left := remains(dir, pids)
		if left == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after the crash there is still: %s", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func remains(dir string, pids []int) string {
	var left []string
	for _, pid := range pids {
		if running(pid) {
			left = append(left, fmt.Sprintf("process %d", pid))
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		left = append(left, dir)
	}
	return strings.Join(left, ", ")
}

// running reports whether a process runs. An orphan that has ended may stay
// as a zombie where nothing like init collects it, in containers mostly.
func running(pid int) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}
