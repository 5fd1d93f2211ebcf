// Command kubectl-secure is the kubectl plugin "secure".
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // cloud providers' credentials

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// Set by the linker in releases.
var version, commit, date string

// gcPercent lets the heap of a command that soon ends grow before it is
// searched for garbage: it halves the CPU time of reading files.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(cli.Main(os.Args[0], &env.Env{
		IOStreams: genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
		Args:      os.Args[1:],
		Getenv:    os.Getenv,
		Now:       time.Now,
		Terminal:  terminal(),
		Build:     env.Build{Version: version, Commit: commit, Date: date},
	}))
}

// terminal looks at the standard streams.
func terminal() env.Terminal {
	t := env.Terminal{
		In:   term.IsTerminal(int(os.Stdin.Fd())),
		Out:  term.IsTerminal(int(os.Stdout.Fd())),
		Err:  term.IsTerminal(int(os.Stderr.Fd())),
		GOOS: runtime.GOOS,
	}
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && t.Width == 0 {
			t.Width = width
		}
	}
	return t
}
