package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// update is registered by the flag's name only: -update rewrites the golden
// parts of the scripts.
var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kubectl-secure":          program,
		"kubectl_complete-secure": program,
		"kubectl-foo_bar":         program,
		"kubectl-foo-bar":         program,
		"ksec":                    program,
	})
}

// program is main of cmd/kubectl-secure, but the script says what the
// terminal is like.
func program() {
	width, _ := strconv.Atoi(os.Getenv("TEST_TERMINAL"))
	os.Exit(cli.Main(os.Args[0], &env.Env{
		IOStreams: genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
		Args:      os.Args[1:],
		Getenv:    os.Getenv,
		Now:       time.Now,
		Terminal:  env.Terminal{In: width > 0, Out: width > 0, Err: width > 0, Width: width, GOOS: runtime.GOOS},
		Build:     env.Build{Version: "v1.2.3", Commit: "abcdef0", Date: "2026-11-20"},
	}))
}

// TestScripts runs the whole program. KUBECONFIG is a directory, which cannot
// be read: a command that looks for a cluster fails. The files of
// testdata/cluster are in the directory of every script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			kubeconfig := filepath.Join(e.WorkDir, "no-kubeconfig")
			e.Setenv("KUBECONFIG", kubeconfig)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("LANG", "C.UTF-8")
			if err := os.Mkdir(kubeconfig, 0o755); err != nil {
				return err
			}
			return os.CopyFS(e.WorkDir, os.DirFS("testdata/cluster"))
		},
	})
}

// exits runs a command and checks its exit code: exits 2 kubectl-secure foo.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
