// Command verify checks what the compiler and the linter do not know: how the
// repository is laid out. It reads the files that git knows, reports every
// breach as path:line and exits 1 if there is one. CONTRIBUTING.md has the
// rules in prose; the numbers are here.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// run checks the tree at -root and writes problems to errOut, the numbers to out.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(errOut)
	root := flags.String("root", ".", "the repository to check")
	if err := flags.Parse(args); err != nil {
		return err
	}
	paths, err := gitFiles(ctx, *root)
	if err != nil {
		return err
	}
	t, err := loadTree(os.DirFS(*root), paths)
	if err != nil {
		return err
	}
	var problems []problem
	for _, check := range []func(*tree) []problem{
		checkSizes, checkTestRatio, checkInit, checkGlobals, checkLayers, checkWords,
	} {
		problems = append(problems, check(t)...)
	}
	writeReport(out, t)
	if len(problems) == 0 {
		return nil
	}
	for _, p := range sortProblems(problems) {
		fmt.Fprintln(errOut, p)
	}
	return fmt.Errorf("check the tree: %d problem(s)", len(problems))
}
