// Package netpolsim is the command "netpol-sim": what network policies let
// through.
package netpolsim

import (
	"fmt"

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

// Flags is what pflag fills.
type Flags struct {
	env     *env.Env
	source  *source.Flags
	output  *output.Flags
	flow    network.Flags
	suggest bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "netpol-sim SOURCE DESTINATION",
		Short: "Show whether network policies let one endpoint reach another, and why",
		Long: "Show whether the network policies of a cluster let SOURCE open a connection to DESTINATION, with the policies and rules that decide. " +
			"NetworkPolicies are evaluated with the cluster-wide policies around them: the Admin tier (AdminNetworkPolicy, ClusterNetworkPolicy) is asked before them, the Baseline tier (BaselineAdminNetworkPolicy, ClusterNetworkPolicy) where none isolates the pod.\n\n" +
			"The verdict is Allowed, Denied, or Undefined where the API leaves it to the network, the input lacks what it takes, or there is nothing to connect to: the reason is given. About several endpoints or ports it may be Partly. " +
			"For a Service it is about the endpoints that it leads to, since policies judge a connection after that. " +
			"An endpoint is " + network.EndpointForms + ".\n\n" +
			"Without --port the answer is for every port. It is about new connections: replies of an allowed one are allowed, and what becomes of connections that exist when policies change is left to the network.",
		Example: examples(e.Name),
		Args:    cobra.ArbitraryArgs,

		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Flags(), args)
			if err != nil {
				return meant(cmd, args, err)
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd.Flags())
	flags.output.RegisterCompletion(cmd)
	return cmd
}

// meant adds to an error about a single word the command that it may be.
func meant(cmd *cobra.Command, args []string, err error) error {
	if len(args) != 1 {
		return err
	}
	for _, similar := range cmd.SuggestionsFor(args[0]) {
		err = fault.WithHelp(err, fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), similar))
	}
	return err
}

func examples(name string) string {
	return `  # may the cart reach the checkout's API?
  ` + name + ` netpol-sim deploy/cart svc/checkout -n shop

  # may a pod reach the database on its port?
  ` + name + ` netpol-sim shop/cart-7c9f payments/statefulset/ledger-db --port 5432

  # what may be reached from there on the internet?
  ` + name + ` netpol-sim deploy/cart internet -n shop

  # and if this file is applied?
  ` + name + ` netpol-sim deploy/cart svc/checkout -n shop --with policy.yaml

  # what is the least that would allow it?
  ` + name + ` netpol-sim deploy/cart svc/checkout -n shop --suggest`
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	f.flow.AddPorts(fs)
	f.flow.AddFamily(fs)
	f.flow.AddProfile(fs)
	fs.BoolVar(&f.suggest, "suggest", false, "where it is denied, suggest the smallest change of policies that allows it, and say what else that opens")
	f.flow.AddEntryFrom(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	source   *source.Source
	printer  *output.Printer
	question netpol.Question
	profile  netpol.Profile
	suggest  bool
}

// ToOptions validates the command line.
func (f *Flags) ToOptions(fs *pflag.FlagSet, args []string) (*Options, error) {
	if len(args) != 2 {
		return nil, fault.WithHelp(fault.Usage("a source and a destination are needed, as in: netpol-sim deploy/cart svc/checkout"),
			"an endpoint is "+network.EndpointForms)
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	namespace, _, err := src.Namespace()
	if err != nil {
		return nil, err
	}
	o := &Options{source: src, printer: p, suggest: f.suggest}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	if o.question, err = f.flow.Question(); err != nil {
		return nil, err
	}
	for i, end := range []*netpol.Reference{&o.question.From, &o.question.To} {
		if *end, err = network.ParseEndpoint(args[i], namespace); err != nil {
			return nil, err
		}
	}
	if o.question.Via, err = f.flow.Via(namespace); err != nil {
		return nil, err
	}
	if err := network.CheckEnds(o.question.From, o.question.To); err != nil {
		return nil, err
	}
	if o.suggest && len(o.question.Ports)+len(o.question.Names) == 0 && o.question.To.Type != "Service" {
		return nil, fault.WithHelp(fault.Usage("--suggest needs a port, or a Service as the destination: what allows every port is rarely meant"), "name it with --port, as --port 8080")
	}
	return o, nil
}
