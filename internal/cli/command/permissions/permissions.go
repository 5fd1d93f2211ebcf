// Package permissions is the command "permissions": what the commands of this
// program need to be allowed.
package permissions

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
)

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "permissions [COMMAND]",
		Short: "Show what a command needs to be allowed, and what of it you lack",
		Long: "Show the ClusterRole that a command of this program needs with all of its flags (all commands without COMMAND), and ask the API server which of it you have. " +
			"Comments in it say which rules only one flag needs, and which may be left out: where you use none of that, delete them.\n\n" +
			"-o yaml prints the ClusterRole alone, for kubectl apply. Without a cluster nothing is asked, and the answer says so. " +
			"With --namespace, types that have namespaces are asked about in that one: commands fall back to it where they may not list everywhere.",
		Example: `  # may I run everything here?
  ` + e.Name + ` permissions

  # what does who-can need?
  ` + e.Name + ` permissions who-can

  # let an auditor take snapshots
  ` + e.Name + ` permissions snapshot save -o yaml | kubectl apply -f -`,
		Args:      cobra.ArbitraryArgs,
		ValidArgs: requires.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd.Flags())
	flags.output.RegisterCompletion(cmd)
	return cmd
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&f.source.Demo, "demo", false, "ask no cluster")
	fs.StringSliceVarP(&f.source.Filenames, "filename", "f", nil, "as for other commands: ask no cluster")
	f.output.AddFlags(fs)
	fs.Lookup("output").Usage += "; yaml is the ClusterRole alone"
}

// Options is the command ready to run.
type Options struct {
	env       *env.Env
	source    *source.Source
	printer   *output.Printer
	name      string // of the command, "" for all
	commands  []requires.Command
	namespace string // "" for all

	purposes []string // of the report's permissions, filled by Run
}

// ToOptions validates the command line.
func (f *Flags) ToOptions(fs *pflag.FlagSet, args []string) (*Options, error) {
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	name := strings.Join(args, " ")
	o := &Options{env: f.env, source: src, printer: p, name: name, commands: requires.Find(name)}
	if len(o.commands) == 0 {
		return nil, fault.WithHelp(fault.Usage("no command %q asks an API server for anything", name),
			"name one of: "+strings.Join(requires.Names(), ", "))
	}
	if fs.Changed("namespace") {
		if o.namespace, _, err = src.Namespace(); err != nil {
			return nil, err
		}
	}
	return o, nil
}
