package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// saveFlags is what pflag fills.
type saveFlags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags

	includeConfig bool
	force         bool
}

func newSaveCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &saveFlags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "save FILE",
		Short: "Save everything that the commands read from a cluster in one file",
		Long: "Save everything that the commands read: RBAC, service accounts, namespaces, nodes, pods and what makes them, services, network policies, ingresses, " +
			"ConfigMaps, the metadata of Secrets, admission configuration and custom resource definitions (\"permissions snapshot save\" lists them).\n\n" +
			"The file is a v1 List in JSON, gzipped when its name ends in .gz; only you may read it. FILE - is standard output. " +
			"Names, labels, references and the settings that permissions, admission and networks depend on are kept. Everything else is left out unless --include-config is given: " +
			"ConfigMap data, environment values, commands, arguments, free annotations, messages, paths of URLs, and what custom resources hold. " +
			"On EKS that includes who is in which group: answers from the file say that they may be incomplete. " +
			"Values of Secrets are never saved: nothing asks a cluster for them, and what looks like a manifest of a Secret within another object is left out.",
		Example: `  # keep the state of today
  ` + e.Name + ` snapshot save monday.json.gz

  # the demonstration cluster, to look at the format
  ` + e.Name + ` snapshot save - --demo | jq '.items[0]'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&flags.includeConfig, "include-config", false, "keep ConfigMap data, environment values, commands, arguments, annotations and what custom resources hold")
	fs.BoolVar(&flags.force, "force", false, "replace FILE if it exists")
	flags.source.AddFlags(fs)
	flags.output.AddFlags(fs)
	flags.output.RegisterCompletion(cmd)
	return cmd
}

type saveOptions struct {
	env           *env.Env
	source        *source.Source
	printer       *output.Printer
	file          string
	includeConfig bool
	force         bool
}

func (f *saveFlags) toOptions(flagSet *pflag.FlagSet, args []string) (*saveOptions, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, fault.Usage("one file is needed, as in: snapshot save monday.json.gz")
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, flagSet)
	if err != nil {
		return nil, err
	}
	o := &saveOptions{env: f.env, source: src, printer: p, file: args[0], includeConfig: f.includeConfig, force: f.force}
	return o, o.mayWrite()
}

func (o *saveOptions) toStream() bool { return o.file == "-" }

// mayWrite refuses to replace what should stay. It is asked before the
// cluster is read, which can take long, and again before the file is written.
func (o *saveOptions) mayWrite() error {
	if o.toStream() {
		return nil
	}
	stat, err := os.Stat(o.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(o.file)); err != nil {
			return fmt.Errorf("save the snapshot to %s: %w", o.file, err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("save the snapshot: %w", err)
	case !stat.Mode().IsRegular():
		return fault.WithHelp(fmt.Errorf("cannot save the snapshot to %s, which is no regular file", o.file), "- writes it to standard output")
	case !o.force:
		return fault.WithHelp(fmt.Errorf("cannot save the snapshot to %s, which exists already", o.file), "--force replaces it")
	default:
		return nil
	}
}

func (o *saveOptions) run(ctx context.Context) error {
	snap, err := o.source.LoadWhole(ctx, requires.Everything())
	if err != nil {
		return err
	}
	r := summarize(o.file, snap)
	r.Identity.Redacted = r.Identity.Redacted || !o.includeConfig
	if o.toStream() {
		if err := file.Save(o.env.Out, snap, file.SaveOptions{IncludeConfig: o.includeConfig}); err != nil {
			return fmt.Errorf("write the snapshot: %w", err)
		}
		// Standard output is taken: what the summary would say of gaps goes to
		// stderr.
		return o.printer.Finish(r.Coverage)
	}
	if err := o.mayWrite(); err != nil {
		return err
	}
	if err := file.SaveFile(o.file, snap, o.includeConfig); err != nil {
		return err
	}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return renderSummary(r, "Saved "+o.file) })
}
