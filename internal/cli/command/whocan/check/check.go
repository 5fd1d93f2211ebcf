// Package check is the command "who-can check": assertions about permissions,
// for CI.
package check

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const formatJUnit = "junit"

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	groups string
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(formatJUnit)}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check assertions about permissions, for CI",
		Long: "Check assertions about permissions, on a cluster or on manifests before they are applied. The exit code is 3 when one fails.\n\n" +
			"FILE is a YAML list. Each assertion has can or cannot (verbs), resource, and where it matters who, name, subresource, namespace, except and why. " +
			"cannot without who means: nobody but those in except. Without a namespace, cannot is checked in every namespace, and can asks for the whole cluster. " +
			"Subjects are user/NAME, group/NAME or sa/NAMESPACE/NAME; in except, * stands for any text. system:masters is always excepted: no RBAC object limits it.",
		Example: "  # assertions.yaml\n" +
			"  - {cannot: [get, list, watch], resource: secrets, namespace: shop, except: [group/oidc:sre, sa/kube-system/*]}\n" +
			"  - {who: sa/ci/runner, can: create, resource: pods, namespace: ci, why: runs the builds}\n\n" +
			"  " + e.Name + " who-can check assertions.yaml -f rendered/ -o junit > report.xml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.Usage("one file of assertions is needed, - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Context(), cmd.Flags(), args[0])
			if err != nil {
				return err
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd.Flags())
	return cmd
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	access.AddGroupsFlag(fs, &f.groups)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	env        *env.Env
	source     *source.Source
	printer    *output.Printer
	groups     string
	file       string
	assertions []assertion
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
	if file == "-" && src.ReadsStdin() {
		return nil, fault.Usage("standard input can be read once: it cannot hold both the assertions and the objects")
	}
	data, err := read(f.env, file)
	if err != nil {
		return nil, err
	}
	entries, err := readEntries(file, data)
	if err != nil {
		return nil, err
	}
	namespace, _, err := src.Namespace()
	if err != nil {
		return nil, err
	}
	o := &Options{env: f.env, source: src, printer: p, groups: f.groups, file: file}
	for _, e := range entries {
		a, err := parse(ctx, src, e, namespace)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, e.at.Line, err)
		}
		o.assertions = append(o.assertions, a)
	}
	return o, nil
}

func read(e *env.Env, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(e.In)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Usage("read the assertions: %w", err)
	}
	return data, nil
}

// Run checks all assertions.
func (o *Options) Run(ctx context.Context) error {
	index, notes, err := access.Load(ctx, o.source, o.needs(), o.groups)
	if err != nil {
		return err
	}
	var gaps []snapshot.Gap
	report := &v1alpha1.CheckReport{Meta: v1alpha1.NewMeta("CheckReport"), Assertions: []v1alpha1.Assertion{}}
	for _, a := range o.assertions {
		report.Add(o.file, a.line, a.text, a.why, a.notes, index.Check(a.Assertion))
		for _, plan := range a.Plans {
			gaps = append(gaps, index.GapsFor(plan)...)
		}
	}
	report.Coverage = v1alpha1.NewCoverage(index.Snapshot(), snapshot.SortGaps(gaps), notes)
	if o.printer.Format() == formatJUnit {
		if err := writeJUnit(o.env.Out, report); err != nil {
			return err
		}
	} else if err := o.printer.Print(report, func() []printer.Printable { return view(report) }); err != nil {
		return err
	}
	// --require-complete minds only the gaps that may turn an outcome.
	coverage := report.Coverage
	coverage.Incomplete = report.Unproven > 0
	if err := o.printer.Finish(coverage); err != nil {
		return err
	}
	if report.Failed > 0 {
		return fault.AssertionFailed()
	}
	return nil
}

// needs are the types that the assertions are about, in their namespaces.
func (o *Options) needs() []snapshot.Need {
	var needs []snapshot.Need
	for _, a := range o.assertions {
		for _, plan := range a.Plans {
			needs = append(needs, access.NeedsFor(plan)...)
		}
	}
	return needs
}
