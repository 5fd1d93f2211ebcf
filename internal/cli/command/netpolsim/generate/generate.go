// Package generate is the command "netpol-sim generate": the least policies
// that allow given flows.
package generate

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
)

const long = `Write least-privilege NetworkPolicies, one for each workload, that isolate it in both directions and allow what it needs. They go to stdout for kubectl apply, and what is to be known about them to stderr.

What workloads need is read from --flows: records of Hubble (JSON), of conntrack, CSV with a header, or JSON lines. Without --flows it is what is open between workloads today, on the ports that containers declare and Services lead to. Of connections with the outside that is what a rule of today allows, and what reaches the ports of Services that are exposed; nodes reach the ports that are declared. All else is closed, so that without --flows the policies close what nobody declared and open nothing.

Before anything is printed it is simulated: with the policies every flow is allowed, and without any single peer or port of their rules some flow is denied. Where a flow that is allowed today would not be known to be allowed, nothing is printed and the exit code is 1.

Pods are selected by the labels of their workload, so that its other replicas may do the same: what that opens is counted. Workloads get a policy when they are named, or all of the namespace; with -A all of the cluster but kube-system. Policies that exist stay and still allow what they allow; --replace assumes that those are deleted which the new ones make superfluous, and names them.`

// Flags is what pflag fills.
type Flags struct {
	env       *env.Env
	source    *source.Flags
	output    *output.Flags
	flow      network.Flags
	flows     string
	all       bool
	noDNS     bool
	noNodes   bool
	replace   bool
	force     bool
	direction string
	aggregate string
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "generate [WORKLOAD...]",
		Short: "Write the least policies that allow observed flows, or what is open today",
		Long:  long,
		Example: `  # policies for what was seen in a day
  hubble observe --since 24h -o jsonpb > flows.jsonl
  ` + e.Name + ` netpol-sim generate -n shop --flows flows.jsonl > policies.yaml

  # close what nobody declared, and see what would change
  ` + e.Name + ` netpol-sim generate deploy/cart deploy/checkout -n shop > policies.yaml
  ` + e.Name + ` netpol-sim deploy/web svc/cart -n shop --with policies.yaml`,
		Args: cobra.ArbitraryArgs,
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
	fs.StringVar(&f.flows, "flows", "", "`FILE` of observed flows: Hubble's JSON, conntrack, CSV or JSON lines, .gz too; - for standard input")
	fs.BoolVarP(&f.all, "all-namespaces", "A", false, "policies for the workloads of every namespace but kube-system")
	fs.StringVar(&f.direction, "direction", "both", "`DIRECTION` that the policies isolate in: ingress, egress or both")
	fs.BoolVar(&f.noDNS, "no-dns", false, "do not allow the resolving of names")
	fs.BoolVar(&f.noNodes, "no-nodes", false, "without --flows: do not allow what nodes send to pods of other nodes, as API servers to webhooks")
	fs.StringVar(&f.aggregate, "aggregate-cidr", "", "widen addresses outside of the cluster to prefixes of `BITS`, as 24, or 24,64 with those of IPv6")
	fs.BoolVar(&f.replace, "replace", false, "assume that policies which the new ones make superfluous are deleted")
	fs.BoolVar(&f.force, "force", false, "print the policies where flows that are allowed today are not known to be allowed, too")
	f.flow.AddProfile(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env       *env.Env
	source    *source.Source
	printer   *output.Printer
	profile   netpol.Profile
	workloads []netpol.Reference
	namespace string // "" for all
	own       string // that of references which name none
	flows     string
	nodes     bool
	force     bool
	generate  generate.Options
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
	namespace, _, err := src.NamespaceUnless(f.all)
	if err != nil {
		return nil, err
	}
	o := &Options{
		env: f.env, source: src, printer: p, namespace: namespace, own: namespace, flows: f.flows, nodes: !f.noNodes, force: f.force,
		generate: generate.Options{NoDNS: f.noDNS, Replace: f.replace, Fold: f.flows == ""},
	}
	switch {
	case f.all && len(args) > 0:
		return nil, fault.Usage("--all-namespaces and workloads cannot be used together")
	case f.all:
		o.namespace = ""
	case f.flows == "-" && src.ReadsStdin():
		return nil, fault.Usage("standard input can be read once: it cannot hold both the flows and the objects")
	case f.noNodes && f.flows != "":
		return nil, fault.Usage("--no-nodes is about what is open today: with --flows only nodes that were seen are allowed")
	}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	if err := f.directions(&o.generate); err != nil {
		return nil, err
	}
	if err := f.bits(&o.generate); err != nil {
		return nil, err
	}
	for _, arg := range args {
		ref, err := network.ParseEndpoint(arg, namespace)
		if err != nil {
			return nil, err
		}
		switch ref.Type {
		case "", "Node", "Service", "Namespace":
			return nil, fault.WithHelp(fault.Usage("%s is not a workload", arg), "name workloads, as deploy/cart, or a namespace by --namespace")
		}
		o.workloads = append(o.workloads, ref)
	}
	return o, nil
}

func (f *Flags) directions(o *generate.Options) error {
	switch f.direction {
	case "both":
		o.Directions = []netpol.Direction{netpol.Ingress, netpol.Egress}
	case string(netpol.Ingress), string(netpol.Egress):
		o.Directions = []netpol.Direction{netpol.Direction(f.direction)}
	default:
		return fault.Usage("--direction: %q is none of ingress, egress and both", f.direction)
	}
	return nil
}

func (f *Flags) bits(o *generate.Options) error {
	if f.aggregate == "" {
		return nil
	}
	v4, v6, _ := strings.Cut(f.aggregate, ",")
	for _, family := range []struct {
		text string
		most int
		bits *int
	}{{v4, 32, &o.Bits4}, {v6, 128, &o.Bits6}} {
		if family.text == "" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(family.text, "/"))
		if err != nil || n < 1 || n > family.most {
			return fault.Usage("--aggregate-cidr: %q is no length of a prefix from 1 to %d", family.text, family.most)
		}
		*family.bits = n
	}
	return nil
}
