package snapshot

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// showFlags is what pflag fills.
type showFlags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
}

func newShowCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &showFlags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show what a saved snapshot holds: when, of which cluster, objects by kind, gaps",
		Example: `  # what is in this file?
  ` + e.Name + ` snapshot show monday.json.gz`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	flags.output.AddFlags(cmd.Flags())
	flags.output.RegisterCompletion(cmd)
	return cmd
}

type showOptions struct {
	source  *source.Source
	printer *output.Printer
	file    string
}

func (f *showFlags) toOptions(fs *pflag.FlagSet, args []string) (*showOptions, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, fault.Usage("one file is needed, as in: snapshot show monday.json.gz")
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	f.source.Filenames = args
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	return &showOptions{source: src, printer: p, file: args[0]}, nil
}

func (o *showOptions) run(ctx context.Context) error {
	snap, err := o.source.Load(ctx, nil)
	if err != nil {
		return err
	}
	r := summarize(o.file, snap)
	switch info := snap.Info(); {
	case info.CoverageKnown():
	case info.Saved:
		r.Notes = append(r.Notes, fmt.Sprintf("%s was saved from files: nothing says what is missing in them", o.file))
	default:
		r.Notes = append(r.Notes, fmt.Sprintf("%s is no saved snapshot: nothing says what is missing in it", o.file))
	}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return renderSummary(r, "Snapshot "+o.file) })
}
