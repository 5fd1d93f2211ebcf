// Package check is the command "netpol-sim check": assertions about flows, for
// CI.
package check

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

const long = `Check assertions about who reaches whom, on a cluster or on manifests before they are applied. The exit code is 3 when one fails.

FILE is a YAML list, a stream of YAML or JSON documents, or JSON Lines. Each assertion has from and to, and where it matters port (or ports, a list), expect and why. from and to are endpoints as netpol-sim takes them: [NAMESPACE/]POD, NAMESPACE/TYPE/NAME, an IP address or CIDR, internet, labels:ns=NAMESPACE,KEY=VALUE. A name without a namespace needs --namespace: what a file means does not depend on the context of the kubeconfig.

expect: allow wants every endpoint of from to reach every one of to on every port; without a port, on some port. expect: deny wants none of them to reach any, on any port. Without expect the verdict is only reported.

The verdict is Allowed, Denied or Undefined: where the API leaves it to the network, or the input lacks what it takes, as where nothing has a name that is asked about. Undefined is as little what deny wants as what allow wants. Of flows that come out differently the verdict is that of one that breaks the expectation. It is about the primary address of the destination; where address families differ, both must be as expected, unless --ip-family names one.

What cannot be meant (a misspelt field or expectation, a port that is none) is refused with exit code 2. What may be a slip (labels or a namespace that nothing has) is a note below the assertion, in JSON and in JUnit too; with --strict such an assertion fails.

An outcome is unproven where something that could not be read, or that is not evaluated, may turn it. The exit code minds that with --require-complete only: 4. In JUnit, what passes unproven is skipped, and an error with --require-complete.`

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	flow   network.Flags
	strict bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(assertions.FormatJUnit)}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check assertions about flows, for CI",
		Long:  long,
		Example: "  # flows.yaml\n" +
			"  - {from: shop/deploy/cart, to: shop/svc/checkout, port: 80, expect: allow}\n" +
			"  - {from: internet, to: ns/payments, expect: deny, why: only the gateway is public}\n\n" +
			"  " + e.Name + " netpol-sim check flows.yaml -f rendered/ -o junit > report.xml",
		Args: assertions.OneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Context(), cmd.Flags(), args[0])
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
	fs.BoolVar(&f.strict, "strict", false, "let assertions fail that may not mean what they say, as those about labels that nothing has")
	f.flow.AddFamily(fs)
	f.flow.AddProfile(fs)
	f.flow.AddEntryFrom(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env        *env.Env
	source     *source.Source
	printer    *output.Printer
	profile    netpol.Profile
	file       string
	strict     bool
	assertions []assertion

	requireComplete bool // what is unproven is an error in JUnit too
}

// ToOptions reads and understands the assertions.
func (f *Flags) ToOptions(ctx context.Context, fs *pflag.FlagSet, file string) (*Options, error) {
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	o := &Options{env: f.env, source: src, printer: p, file: file, strict: f.strict, requireComplete: f.output.RequireComplete}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	question, err := f.flow.Question()
	if err != nil {
		return nil, err
	}
	data, namespace, err := assertions.Load(ctx, f.env, src, file, maxMebibytes)
	if err != nil {
		return nil, err
	}
	if question.Via, err = f.flow.Via(namespace); err != nil {
		return nil, err
	}
	o.assertions, err = parseAll(file, data, namespace, question)
	return o, err
}
