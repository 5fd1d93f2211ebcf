// Package matrix is the command "netpol-sim matrix": what all endpoints reach.
package matrix

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// Formats of the command's own.
const (
	formatCSV     = "csv"
	formatDOT     = "dot"
	formatMermaid = "mermaid"
)

const long = `Show what the network policies of a cluster let every workload, node and address outside reach of all others.

The table is by workload, or by namespace where there are many; --by pod, workload or namespace decides. A cell is about every port, or those of --port: all are open, some, none, it differs between the pods of a workload, or it is undefined since the API leaves it to the network or the input lacks what it takes. Addresses outside are "internet" (all that no pod, node or policy names) and the ranges that policies name. What pods send to themselves, and nodes to their own pods, always passes and is left out of the table.

The answer is about the whole cluster. With -n it is about the connections of which one end is in that namespace. Where both ends have IPv4 and IPv6 addresses it is about the family of the destination's first; --ip-family asks about one of them.

-o json is compact and about single pods: classes of endpoints, and edges, the ports that are open from all members of one class to all of another. A port is open between two where any edge says so; it is Undefined where only such edges do. --expand lists every pair instead, as -o csv does: by pod, or as --by says. -o dot and -o mermaid draw what passes between workloads, or as --by says.`

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	flow   network.Flags
	by     string
	all    bool
	expand bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(formatCSV, formatDOT, formatMermaid)}
	cmd := &cobra.Command{
		Use:   "matrix",
		Short: "Show what every workload and address reaches",
		Long:  long,
		Example: `  # what reaches what in the cluster?
  ` + e.Name + ` netpol-sim matrix

  # who talks to the pods of a namespace, and to whom do they?
  ` + e.Name + ` netpol-sim matrix -n shop --by pod

  # everything, for programs
  ` + e.Name + ` netpol-sim matrix -o json > matrix.json

  # what would a file change? For a spreadsheet
  ` + e.Name + ` netpol-sim matrix --port 5432 --by workload -o csv --with policy.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fault.WithHelp(fault.Usage("matrix takes no arguments: it is about all endpoints"), "what one reaches: netpol-sim reach "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			options, err := flags.ToOptions(cmd.Flags())
			if err != nil {
				return err
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd.Flags())
	flags.output.RegisterCompletion(cmd)
	network.CompleteBy(cmd)
	return cmd
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.by, "by", "", "what rows and columns are: pod, workload or namespace")
	fs.BoolVarP(&f.all, "all-namespaces", "A", false, "answer about the whole cluster, as without --namespace")
	fs.BoolVar(&f.expand, "expand", false, "with -o json and the like: list every pair")
	f.flow.AddPorts(fs)
	f.flow.AddFamily(fs)
	f.flow.AddProfile(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env     *env.Env
	source  *source.Source
	printer *output.Printer
	profile netpol.Profile
	matrix  netpol.MatrixOptions
	by      netpol.By // "" for what suits the format
	expand  bool
}

// ToOptions validates the command line.
func (f *Flags) ToOptions(fs *pflag.FlagSet) (*Options, error) {
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	o := &Options{env: f.env, source: src, printer: p, expand: f.expand}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	if o.matrix, err = f.flow.Numbers(); err != nil {
		return nil, err
	}
	if o.by, err = network.ParseBy(f.by); err != nil {
		return nil, err
	}
	namespace, typed, err := src.NamespaceUnless(f.all)
	if err != nil {
		return nil, err
	}
	if typed {
		o.matrix.Namespace = namespace
	}
	machine := p.Machine()
	switch {
	case f.expand && !machine:
		return nil, fault.WithHelp(fault.Usage("--expand is for -o json and other formats for programs"), "for a spreadsheet: -o csv")
	case machine && !f.expand && slices.Contains([]netpol.By{netpol.ByWorkload, netpol.ByNamespace}, o.by):
		return nil, fault.WithHelp(fault.Usage("--by %s needs --expand: without it the answer is about single pods", o.by), "add --expand, or leave --by out")
	}
	if machine || p.Format() == formatCSV {
		o.by = cmp.Or(o.by, netpol.ByPod)
	}
	return o, nil
}
