package snapshot

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Words that stand for a side of a comparison that is no file.
const (
	sideLive = "live"
	sideDemo = "demo"
)

// diffFlags is what pflag fills.
type diffFlags struct {
	env     *env.Env
	cluster *genericclioptions.ConfigFlags
	output  *output.Flags

	with, without   []string
	assumeBootstrap bool
	groupsFile      string
}

func newDiffCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &diffFlags{env: e, cluster: cluster, output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "diff A [B]",
		Short: "Show which permissions were gained and lost from one state to another",
		Long: "Show which permissions each subject gained and lost from A to B, whatever roles and bindings give them, and count the objects that changed.\n\n" +
			"A and B are saved snapshots, manifests (file or directory), \"live\" for the cluster, or \"demo\". " +
			"--with and --without change B; without B it is A with these changes. " +
			"What a group gains is said of the group, not of each of its members. " +
			"A change with a question mark may be none: what could not be read of the other state can explain it. " +
			"In the table, what leads further than it says is marked ! and comes first (escalate, bind, impersonate, Secrets, exec, * and the like), " +
			"read stands for get, list and watch, write for create, update, patch, delete and deletecollection. " +
			"Of more than " + strconv.Itoa(maxRows) + " rows of what is gained, or lost, -o wide shows all.\n\n" +
			"--namespace is where the objects of manifests are that name none; it does not limit the comparison.",
		Example: `  # who may do more, or less, than on Monday?
  ` + e.Name + ` snapshot diff monday.json.gz live

  # who would, if this were applied?
  ` + e.Name + ` snapshot diff live --with rbac/

  # two states of a repository, with the roles that every cluster has
  ` + e.Name + ` snapshot diff main/ branch/ --assume-bootstrap

  # try it
  ` + e.Name + ` snapshot diff demo --without clusterrolebinding/ci-deployer`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&flags.with, "with", nil, "compare with B as if \"kubectl apply\" had applied this file or directory (repeatable)")
	fs.StringArrayVar(&flags.without, "without", nil, "compare with B as if this object did not exist: TYPE/NAME or NAMESPACE/TYPE/NAME (repeatable)")
	fs.BoolVar(&flags.assumeBootstrap, "assume-bootstrap", false, "add to files the default roles and bindings that every API server creates")
	fs.StringVar(&flags.groupsFile, "groups", "", "file that names the members of groups: a YAML map of group to list of users")
	flags.output.AddFlags(fs)
	flags.output.RegisterCompletion(cmd)
	cmd.SetFlagErrorFunc(stateFlag)
	return cmd
}

// stateFlag tells those who name a state by the flags of other commands that
// here it is an argument.
func stateFlag(cmd *cobra.Command, err error) error {
	hint := ""
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		switch unknown.GetSpecifiedName() {
		case "demo":
			hint = "the word demo stands for the demonstration cluster, as in: " + cmd.CommandPath() + " demo FILE"
		case "f", "filename":
			hint = "the states are arguments, as in: " + cmd.CommandPath() + " FILE live"
		}
	}
	err = fault.Usage("%w", err)
	if hint != "" {
		err = fault.WithHelp(err, hint)
	}
	return err
}

// side is one of the two states.
type side struct {
	name   string
	source *source.Source
}

type diffOptions struct {
	printer    *output.Printer
	from, to   side // to.source is nil where B is A with changes
	groupsFile string
	// namespace is what -n names, which only objects without one mind.
	namespace string
	overlaid  bool
}

func (f *diffFlags) toOptions(fs *pflag.FlagSet, args []string) (*diffOptions, error) {
	overlaid := len(f.with)+len(f.without) > 0
	switch {
	case len(args) == 0 || len(args) > 2 || slices.Contains(args, ""):
		return nil, fault.Usage("two states are needed, as in: snapshot diff monday.json.gz live")
	case len(args) == 1 && !overlaid:
		return nil, fault.Usage("with %s alone there is nothing to compare: name a second state, or a change with --with or --without", args[0])
	case len(args) == 2 && args[0] == "-" && args[1] == "-":
		return nil, fault.Usage("standard input can be one of the two states only")
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	o := &diffOptions{printer: p, groupsFile: f.groupsFile, overlaid: overlaid}
	if fs.Changed("namespace") {
		o.namespace = *f.cluster.Namespace
	}
	single := len(args) == 1
	if o.from, err = f.side(fs, args, 0, single); err != nil {
		return nil, err
	}
	if single {
		o.to.name = args[0] + " with changes"
		return o, nil
	}
	o.to, err = f.side(fs, args, 1, true)
	return o, err
}

// side makes the source of one argument. --with and --without belong to one
// of the sides.
func (f *diffFlags) side(fs *pflag.FlagSet, args []string, i int, overlaid bool) (side, error) {
	flags := source.NewFlags(f.cluster)
	switch args[i] {
	case sideLive:
	case sideDemo:
		flags.Demo = true
	default:
		flags.Filenames, flags.AssumeBootstrap = args[i:i+1], f.assumeBootstrap
	}
	if overlaid {
		flags.With, flags.Without = f.with, f.without
	}
	typed := fs
	for _, other := range args {
		if other == sideLive && args[i] != sideLive {
			// The flags that lead to a cluster are meant for the other side.
			typed = pflag.NewFlagSet("side", pflag.ContinueOnError)
			typed.AddFlag(fs.Lookup("namespace"))
		}
	}
	src, err := flags.ToSource(f.env, typed)
	return side{name: args[i], source: src}, err
}

// checkNamespace refuses -n where nothing minds it: who types it wants to
// see one namespace only, and would take what is shown for that.
func (o *diffOptions) checkNamespace(states ...*snapshot.Snapshot) error {
	minds := func(s *snapshot.Snapshot) bool { return s.Info().Source == snapshot.FromFiles && !s.Info().Saved }
	if o.namespace == "" || o.overlaid || slices.ContainsFunc(states, minds) {
		return nil
	}
	return fault.WithHelp(
		fault.Usage("--namespace does not limit a comparison: it is for manifests whose objects name no namespace, and none are compared"),
		"the report names the namespace of each change, as in: snapshot diff … -o json | jq '.subjects[] | select(any(.gained[]; .namespace == \""+o.namespace+"\"))'",
		"where only one namespace may be read, save it first: snapshot save now.json.gz -n "+o.namespace)
}

// load reads both states.
func (o *diffOptions) load(ctx context.Context) (from, to *snapshot.Snapshot, err error) {
	needs := requires.Everything()
	if o.to.source == nil {
		return o.from.source.LoadPair(ctx, needs)
	}
	if from, err = o.from.source.LoadWhole(ctx, needs); err != nil {
		return nil, nil, err
	}
	to, err = o.to.source.LoadWhole(ctx, needs)
	return from, to, err
}
