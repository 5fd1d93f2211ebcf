// Package cli is the command line: the tree of commands, and the one place
// where errors become text and exit codes.
package cli

import (
	"context"
	"errors"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// completePrefix is how kubectl names the program that completes a plugin's
// arguments: kubectl_complete-secure. A link of that name to this binary does.
const completePrefix = "kubectl_complete-"

// Main runs the program with the name that it was called by and returns its
// exit code.
func Main(argv0 string, e *env.Env) int {
	base := strings.TrimSuffix(filepath.Base(argv0), ".exe")
	if plugin, ok := strings.CutPrefix(base, completePrefix); ok {
		base = "kubectl-" + plugin
		e.Args = append([]string{"__complete"}, e.Args...)
	}
	e.Name = displayName(base)
	// A second interrupt kills at once: stop restores the default.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := NewRoot(e)
	root.SetArgs(e.Args)
	cmd, err := root.ExecuteContextC(ctx)
	err = helpOf(cmd, err)
	if ctx.Err() != nil {
		err = errors.Join(context.Canceled, err)
	}
	render(e, err)
	return fault.Code(err)
}

// displayName is how users call the program: kubectl finds kubectl-foo_bar
// for "kubectl foo-bar", and kubectl-foo-bar for "kubectl foo bar".
func displayName(base string) string {
	if plugin, ok := strings.CutPrefix(base, "kubectl-"); ok {
		return "kubectl " + strings.NewReplacer("-", " ", "_", "-").Replace(plugin)
	}
	return base
}

// render writes an error as text: what is wrong, then what to type next.
func render(e *env.Env, err error) {
	switch fault.Code(err) {
	case fault.ExitAnswered, fault.ExitInterrupted, fault.ExitFindings, fault.ExitIncomplete:
		return // the answer itself says why
	}
	style := printer.DetectStyle(printer.Terminal{
		Getenv: e.Getenv, GOOS: e.Terminal.GOOS, IsTTY: e.Terminal.Err, Width: e.Terminal.Width,
	}, printer.ColorAuto, false)
	blocks := []printer.Block{printer.Error(printer.Plain(err.Error()))}
	if help := fault.Help(err); len(help) > 0 {
		texts := make([]printer.Text, 0, len(help))
		for _, h := range help {
			texts = append(texts, printer.Plain(h))
		}
		blocks = append(blocks, printer.Help(texts...))
	}
	for _, b := range blocks {
		if b.Print(e.ErrOut, style) != nil {
			return // stderr is gone: nobody is left to tell
		}
	}
}
