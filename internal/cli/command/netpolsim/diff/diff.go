// Package diff is the command "netpol-sim diff": which connections open and
// close when policies change, for reviews and CI.
package diff

import (
	"slices"
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
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// The formats beside those of every command.
const (
	formatCSV      = "csv"
	formatMarkdown = "markdown"
	formatJUnit    = "junit"
)

// What --fail-on may name.
const (
	failOpened = "opened"
	failClosed = "closed"
	failAny    = "any"
	failCut    = "cut"
)

func failures() []string { return []string{failOpened, failClosed, failAny, failCut} }

const long = `Show which connections open and close when network policies, labels or workloads change, for reviews and CI.

What is compared: the cluster (or --filename, or --demo) as it is, and as --with and --without make it. With --base the state before is that of other files instead, and the one after is the cluster or --filename, with --with and --without.

All pairs of pods, nodes, templates of pods that do not exist yet, and addresses outside are compared, on all ports, without going through Services. Pods that a workload has replaced in between are taken for the same. What only one of the states has is listed apart: nothing was there to open or close.

A verdict that is Undefined on either side "may open" or "may close": that counts for --fail-on like the plain change, since nothing proves that it does not. --fail-on any counts every change of a verdict. The exit code is then 3, and with --require-complete 4 where it rests on what may or may not be, or on parts that could not be read.

--flows tells which connections that were in use would be cut. It reads Hubble's JSON ("hubble observe -o json" or its export), lines of "conntrack -L" or /proc/net/nf_conntrack, CSV with a header (from,to,port,protocol,count) and JSON lines with the same fields, packed by gzip or not; from and to are endpoints as in netpol-sim, or addresses. Replies and dropped packets are no connections. An end that is not in the cluster any more leaves its flows unknown: neither kept nor cut. --fail-on cut fails on flows that are or may be cut; with --require-complete also what is unknown or could not be read ends with 4.`

// Flags is what pflag fills.
type Flags struct {
	env         *env.Env
	source      *source.Flags
	output      *output.Flags
	flow        network.Flags
	base        []string
	flows       string
	flowsFormat string
	failOn      []string
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(formatCSV, formatMarkdown, formatJUnit)}
	cmd := &cobra.Command{
		Use:     "diff",
		Short:   "Show which connections open and close when policies change",
		Long:    long,
		Example: examples(e.Name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fault.WithHelp(fault.Usage("it takes no arguments, and %q is one", args[0]), "name the files of a change with --with FILE")
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
	return cmd
}

func examples(name string) string {
	return `  # what happens if this file is applied?
  ` + name + ` netpol-sim diff --with policy.yaml

  # and if this policy is deleted?
  ` + name + ` netpol-sim diff --without shop/networkpolicy/default-deny

  # in CI: fail when a change of the manifests opens anything
  ` + name + ` netpol-sim diff --base main/ -f rendered/ --fail-on opened

  # would it cut connections that are in use?
  hubble observe --last 10000 -o json | ` + name + ` netpol-sim diff --with policy.yaml --flows - --fail-on cut`
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.base, "base", nil, "compare with the manifests, dumps or saved snapshot at `PATH` as the state before (repeatable)")
	fs.StringSliceVar(&f.failOn, "fail-on", nil, "exit 3 on these `CHANGES`: opened, closed, any; or cut, with --flows (repeatable)")
	fs.StringVar(&f.flows, "flows", "", "tell which of the observed flows in `FILE` would be cut; - is standard input")
	fs.StringVar(&f.flowsFormat, "flows-format", string(observed.Auto), "`FORMAT` of --flows: "+formatNames())
	f.flow.AddPorts(fs)
	f.flow.AddFamily(fs)
	f.flow.AddProfile(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

func formatNames() string {
	var names []string
	for _, format := range observed.Formats() {
		names = append(names, string(format))
	}
	return strings.Join(names, "|")
}

// Options is the command ready to run.
type Options struct {
	env     *env.Env
	source  *source.Source
	printer *output.Printer

	base        []string // files of the state before; none for the source without overlays
	namespace   string   // of references that name none
	limited     bool     // to flows of that namespace
	matrix      netpol.MatrixOptions
	profile     netpol.Profile
	failOn      []string
	flows       string // file, "" for none
	flowsFormat observed.Format

	requireComplete bool
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
	o := &Options{
		env: f.env, source: src, printer: p, base: f.base, failOn: f.failOn,
		flows: f.flows, flowsFormat: observed.Format(f.flowsFormat), requireComplete: f.output.RequireComplete,
	}
	if err := f.checkInput(fs, src); err != nil {
		return nil, err
	}
	if o.namespace, o.limited, err = src.Namespace(); err != nil {
		return nil, err
	}
	if o.profile, err = f.flow.Profile(); err != nil {
		return nil, err
	}
	if o.matrix, err = f.flow.Numbers(); err != nil {
		return nil, err
	}
	return o, nil
}

// checkInput finds what cannot be compared or used.
func (f *Flags) checkInput(fs *pflag.FlagSet, src *source.Source) error {
	if !src.HasOverlay() && len(f.base) == 0 {
		return fault.WithHelp(fault.Usage("there is nothing to compare with"),
			"--with FILE asks what applying it changes, --without TYPE/NAME what deleting that changes,",
			"--base DIR -f DIR compares two sets of files")
	}
	for _, name := range f.failOn {
		if !slices.Contains(failures(), name) {
			return fault.Usage("--fail-on: there is no %q: %s", name, strings.Join(failures(), ", "))
		}
		if name == failCut && f.flows == "" {
			return fault.Usage("--fail-on cut needs --flows")
		}
	}
	if f.output.Format == formatJUnit && len(f.failOn) == 0 {
		return fault.Usage("-o junit needs --fail-on: each of its values is a test")
	}
	if !slices.Contains(observed.Formats(), observed.Format(f.flowsFormat)) {
		return fault.Usage("--flows-format: there is no %q: %s", f.flowsFormat, formatNames())
	}
	if fs.Changed("flows-format") && f.flows == "" {
		return fault.Usage("--flows-format needs --flows")
	}
	readers := 0
	for _, path := range append(slices.Clone(f.base), f.flows) {
		if path == "-" {
			readers++
		}
	}
	if src.ReadsStdin() {
		readers++
	}
	if readers > 1 {
		return fault.Usage("standard input can be read once, and - is given several times")
	}
	return nil
}
