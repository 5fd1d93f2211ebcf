// Package lint is the command "netpol-sim lint": what is weak, without effect
// or probably not meant in network policies.
package lint

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/findings"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
)

// Flags is what pflag fills.
type Flags struct {
	env     *env.Env
	source  *source.Flags
	output  *output.Flags
	network network.Flags
	limits  findings.Flags
	all     bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(findings.FormatSARIF)}
	cmd := &cobra.Command{
		Use:     "lint",
		Short:   "Find what is weak, without effect or not meant in network policies",
		Long:    long(),
		Example: examples(e.Name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fault.WithHelp(fault.Usage("lint takes no arguments: %q", args[0]), "name files with --filename (-f), a namespace with --namespace (-n)")
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
	for _, name := range []string{"check", "skip"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(checkNames(), cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// long describes the checks, the worst first.
func long() string {
	var b strings.Builder
	b.WriteString("Find what is weak, without effect or probably not meant in the network policies of a cluster or of manifests, and how far they cover each namespace.\n\n" +
		"All namespaces are checked, or that of --namespace. What is said about connections is worked out as by netpol-sim: of a rule that is called redundant no verdict about any flow between today's pods, nodes and addresses changes without it, and where it says \"whatever pods there will be\" that follows from the words of the policies. All that is called redundant may be removed together.\n\n" +
		"Manifests may lack pods and namespaces that exist: what rests on their absence is milder there, or a note. Pods of the host's network are listed apart, since policies do not see them.\n\n" +
		"The annotation " + finding.IgnoreAnnotation + ": CHECK[,CHECK] on an object or its namespace silences checks; such findings are counted. The exit code is 3 with --fail-on.\n\n" +
		"These are the checks, by the severity of their worst findings.")
	for _, severity := range finding.Severities() {
		var checks []string
		for _, c := range lint.Checks() {
			if c.Severity == severity {
				checks = append(checks, fmt.Sprintf("%s (%s)", c.Name, c.Summary))
			}
		}
		if len(checks) > 0 {
			fmt.Fprintf(&b, "\n\n%s: %s.", severity, strings.Join(checks, ", "))
		}
	}
	return b.String()
}

func examples(name string) string {
	return `  # the policies of a namespace
  ` + name + ` netpol-sim lint -n shop

  # manifests in CI: code scanning reads SARIF
  ` + name + ` netpol-sim lint -f rendered/ --fail-on high -o sarif > netpol.sarif

  # what would be wrong if this file were applied?
  ` + name + ` netpol-sim lint -n shop --with policy.yaml

  # rules that may go
  ` + name + ` netpol-sim lint --check redundant-rule,redundant-policy`
}

func checkNames() []string {
	var names []string
	for _, c := range lint.Checks() {
		names = append(names, c.Name)
	}
	return names
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.all, "all-namespaces", "A", false, "check every namespace, as without --namespace")
	f.limits.AddFlags(fs)
	f.network.AddProfile(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env     *env.Env
	source  *source.Source
	printer *output.Printer
	profile netpol.Profile
	limits  findings.Limits
	options lint.Options
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
	o := &Options{env: f.env, source: src, printer: p}
	namespace, typed, err := src.NamespaceUnless(f.all)
	if err != nil {
		return nil, err
	}
	if typed {
		o.options.Namespace = namespace
	}
	if o.profile, err = f.network.Profile(); err != nil {
		return nil, err
	}
	if o.limits, err = f.limits.Limits(lint.ParseCheck, checkNames()); err != nil {
		return nil, err
	}
	o.options.Checks, o.options.Skip = o.limits.Checks, o.limits.Skip
	return o, nil
}
