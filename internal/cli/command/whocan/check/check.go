// Package check is the command "who-can check": assertions about permissions,
// for CI.
package check

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const long = `Check assertions about permissions, on a cluster or on manifests before they are applied. The exit code is 3 when one fails.

FILE is a YAML list. Each assertion has can or cannot (verbs), resource, and where it matters who, name, subresource, namespace, except and why. cannot without who means: nobody but those in except. Without a namespace, cannot is checked in every namespace, and can asks for the whole cluster. Subjects are user/NAME, group/NAME or sa/NAMESPACE/NAME; in except, * stands for any text. Where who is left out, system:masters is excepted: no RBAC object limits it.

A group in who stands for any member of it, who is also in system:authenticated; what members have by other ways is not counted. The groups of a user are those that the cluster or --groups names. Rights to single objects (resourceNames) fail a cannot, since requests for an object carry its name; a can counts them only where name asks for them. RBAC knows no patterns: * as a verb or resource means rules that hold *, and in namespace every one.

What no request can hold (a misspelt field, a blank value, "get,list" as one word, a namespace that cannot exist) is refused with exit code 2. What may be a slip (a verb or subresource that no server serves, a type that is not known, a subject or namespace that nothing names, an except that leaves nobody) is a note below the assertion, in JSON and in JUnit too. With --strict such an assertion fails.

An outcome is unproven where something that could not be read, or a role that the manifests do not hold, may turn it (--assume-bootstrap adds the default roles). The exit code minds that with --require-complete only: 4. In JUnit, what passes unproven is skipped, and an error with --require-complete.`

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	groups string
	strict bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(assertions.FormatJUnit)}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check assertions about permissions, for CI",
		Long:  long,
		Example: "  # assertions.yaml\n" +
			"  - {cannot: [get, list, watch], resource: secrets, namespace: shop, except: [group/oidc:sre, sa/kube-system/*]}\n" +
			"  - {who: sa/ci/runner, can: create, resource: pods, namespace: ci, why: runs the builds}\n\n" +
			"  " + e.Name + " who-can check assertions.yaml -f rendered/ -o junit > report.xml",
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
	return cmd
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	access.AddGroupsFlag(fs, &f.groups)
	fs.BoolVar(&f.strict, "strict", false, "let assertions fail that may not mean what they say, as those about names that nothing has")
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
	data, namespace, err := assertions.Load(ctx, f.env, src, file, maxMebibytes)
	if err != nil {
		return nil, err
	}
	o := &Options{env: f.env, source: src, printer: p, groups: f.groups, file: file, strict: f.strict, requireComplete: f.output.RequireComplete}
	o.assertions, err = parseAll(ctx, src, file, data, namespace)
	return o, err
}

// parseAll understands the assertions of a file. What is wrong with one is
// said with its place.
func parseAll(ctx context.Context, src *source.Source, file string, data []byte, namespace string) ([]assertion, error) {
	entries, err := readEntries(file, data)
	if err != nil {
		return nil, err
	}
	all := make([]assertion, 0, len(entries))
	p := &parser{src: src, namespace: namespace, targets: map[string]rbac.Target{}}
	for i, e := range entries {
		a, err := p.parse(ctx, e)
		var unknown *apiresource.UnknownTypeError
		switch {
		case err != nil && (fault.Code(err) == fault.ExitUsage || errors.As(err, &unknown)):
			return nil, fault.WithHelp(fault.Usage("%s: %w", assertions.Place(file, e.line, i+1), err), fault.Help(err)...)
		case err != nil:
			return nil, err // of the cluster or the manifests
		}
		all = append(all, a)
	}
	return all, nil
}

// Run checks all assertions.
func (o *Options) Run(ctx context.Context) error {
	index, notes, err := access.Load(ctx, o.source, o.needs(), o.groups)
	if err != nil {
		return err
	}
	report, err := o.check(ctx, index, notes)
	if err != nil {
		return err
	}
	if o.printer.Format() == assertions.FormatJUnit {
		if err := writeJUnit(o.env.Out, report, o.requireComplete); err != nil {
			return err
		}
	} else if err := o.printer.Print(report, func() []printer.Printable { return view(report) }); err != nil {
		return err
	}
	return assertions.Finish(o.printer, report.Coverage, report.Unproven, report.Failed)
}

func (o *Options) check(ctx context.Context, index *rbac.Index, notes []string) (*v1alpha1.CheckReport, error) {
	var gaps []snapshot.Gap
	report := &v1alpha1.CheckReport{Meta: v1alpha1.NewMeta("CheckReport"), Strict: o.strict, Assertions: []v1alpha1.Assertion{}}
	remarks := newRemarks(index, o.source.ServerVersion(index.Snapshot()))
	for _, a := range o.assertions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		outcome := index.Check(a.Assertion)
		a.doubt(remarks.doubts(a, outcome)...)
		a.note(remarks.of(a, outcome)...)
		report.Add(v1alpha1.Assertion{Text: a.text, File: o.file, Line: a.line, Why: a.why, Notes: a.notes, Doubts: a.doubts}, outcome)
		for _, plan := range a.Plans {
			gaps = append(append(gaps, index.GapsFor(plan)...), index.UnsettledFor(plan)...)
		}
		gaps = snapshot.SortGaps(append(gaps, index.AbsentRoles(outcome.Roleless)...))
	}
	notes = append(notes, rbac.ChainNotes(remarks.version)...)
	report.Coverage = v1alpha1.NewCoverage(index.Snapshot(), snapshot.SortGaps(gaps), notes)
	report.Incomplete = report.Incomplete || report.Unproven > 0
	return report, nil
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
