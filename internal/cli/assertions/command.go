package assertions

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// OneFile checks the arguments of a command that checks one file.
func OneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fault.Usage("one file of assertions is needed, - for standard input")
	}
	return nil
}

// Load reads a file of assertions, and returns the namespace of names in it
// that have none: the one of -n, or "". Whom a file means does not depend on
// the context of a kubeconfig.
func Load(ctx context.Context, e *env.Env, src *source.Source, file string, mebibytes int64) (data []byte, namespace string, err error) {
	if file == Stdin && src.ReadsStdin() {
		return nil, "", fault.Usage("standard input can be read once: it cannot hold both the assertions and the objects")
	}
	namespace, typed, err := src.Namespace()
	if err != nil {
		return nil, "", err
	}
	if !typed {
		namespace = ""
	}
	data, err = Read(ctx, e, file, mebibytes)
	return data, namespace, err
}

// Finish prints what is missing and ends the command with the exit code for
// outcomes. --require-complete minds only what may turn one.
func Finish(p *output.Printer, coverage v1alpha1.Coverage, unproven, failed int) error {
	coverage.Incomplete = unproven > 0
	if err := p.Finish(coverage); err != nil {
		return err
	}
	if failed > 0 {
		return fault.Findings()
	}
	return nil
}
