// Package reach is the command "netpol-sim reach": what one endpoint reaches,
// and what reaches it.
package reach

import (
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

const formatCSV = "csv"

const long = `Show everything that ENDPOINT reaches under the network policies of a cluster; with --to, everything that reaches it; with --from --to, both. What is not listed is not reached.

The internet and other addresses outside come first, then other namespaces. "internet" is all addresses that no pod, node or policy names. Where the other end is several pods, ports may be open for some of them only; --by pod tells which, netpol-sim SOURCE DESTINATION tells why.

An endpoint is ` + network.EndpointForms + `. A service stands for the pods that it leads to, and is for --to. Several endpoints are looked at together: what only some of them reach is listed as that. Where both ends have IPv4 and IPv6 addresses the answer is about the family of the destination's first; --ip-family asks about one of them.`

// Flags is what pflag fills.
type Flags struct {
	env      *env.Env
	source   *source.Flags
	output   *output.Flags
	flow     network.Flags
	from, to bool
	by       string
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(formatCSV)}
	cmd := &cobra.Command{
		Use:   "reach ENDPOINT",
		Short: "Show everything that an endpoint reaches, or that reaches it",
		Long:  long,
		Example: `  # where can an attacker go from this pod?
  ` + e.Name + ` netpol-sim reach shop/pod/cart-7c9f

  # who can talk to the database?
  ` + e.Name + ` netpol-sim reach --to payments/statefulset/ledger --port 5432

  # what of the cluster is open to the internet?
  ` + e.Name + ` netpol-sim reach internet --by pod

  # what would a pod with these labels reach?
  ` + e.Name + ` netpol-sim reach labels:ns=shop,app=new`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.WithHelp(fault.Usage("one endpoint is needed, as in: netpol-sim reach deploy/cart"), "an endpoint is "+network.EndpointForms)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Flags(), args[0])
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
	fs.BoolVar(&f.from, "from", false, "show what ENDPOINT reaches, as without --to")
	fs.BoolVar(&f.to, "to", false, "show what reaches ENDPOINT")
	fs.StringVar(&f.by, "by", "", "what is listed: pod, workload (the default) or namespace")
	f.flow.AddPorts(fs)
	f.flow.AddFamily(fs)
	f.flow.AddProfile(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env      *env.Env
	source   *source.Source
	printer  *output.Printer
	profile  netpol.Profile
	matrix   netpol.MatrixOptions
	endpoint netpol.Reference
	from, to bool // at least one
	by       netpol.By
}

// ToOptions validates the command line.
func (f *Flags) ToOptions(fs *pflag.FlagSet, typed string) (*Options, error) {
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	o := &Options{env: f.env, source: src, printer: p, from: f.from || !f.to, to: f.to}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	if o.matrix, err = f.flow.Numbers(); err != nil {
		return nil, err
	}
	if o.by, err = network.ParseBy(f.by); err != nil {
		return nil, err
	}
	namespace, _, err := src.Namespace()
	if err != nil {
		return nil, err
	}
	if o.endpoint, err = network.ParseEndpoint(typed, namespace); err != nil {
		return nil, err
	}
	if o.from && o.endpoint.Type == "Service" {
		return nil, fault.WithHelp(fault.Usage("a Service sends nothing: it reaches nobody"), "what reaches the pods behind it: --to", "what they reach: name their workload, as deploy/NAME")
	}
	return o, nil
}
