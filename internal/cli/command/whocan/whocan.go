// Package whocan is the command "who-can": who may do something, and why.
package whocan

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	access access.Flags

	subresource string
	apply       bool
	expand      bool
	verify      bool
	verifyLimit int
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "who-can VERB (TYPE[.GROUP][/SUBRESOURCE] | TYPE[.GROUP]/NAME | TYPE NAME | /URL)",
		Short: "Show who may do something, and why",
		Long: "Show every user, group and service account that RBAC allows to do something, with the binding, role and rule that allow it.\n\n" +
			"The answer equals the API server's own: a request carries a name or not, is in a namespace or not, as a real one would. " +
			"VERB is any word that a rule may hold: get, list, watch, create, update, patch, delete, deletecollection, but also bind, escalate, impersonate, approve, sign, use.\n\n" +
			"VIA is the binding and the role; (+2 more) counts further ones, which -o json names. " +
			"On narrow terminals it stands below the row, and CRB, RB and CR stand for ClusterRoleBinding, RoleBinding and ClusterRole.",
		Example: examples(e.Name),
		Args:    cobra.ArbitraryArgs,

		ValidArgsFunction: complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Context(), cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.verifier.outcome(options.Run(cmd.Context()))
		},
	}
	flags.AddFlags(cmd.Flags())
	flags.output.RegisterCompletion(cmd)
	return cmd
}

func examples(name string) string {
	return `  # who may read secrets in the namespace of the current context?
  ` + name + ` who-can get secrets

  # who may delete one of them, in namespace shop?
  ` + name + ` who-can delete secret/db -n shop

  # who may open a shell in a pod, in any namespace? (before Kubernetes 1.35 get is enough)
  ` + name + ` who-can create pods/exec -A
  ` + name + ` who-can get pods/exec -A

  # who may read the API server's metrics, in a saved cluster?
  ` + name + ` who-can get /metrics -f cluster.json

  # who may give away cluster-admin? every member that is known
  ` + name + ` who-can bind clusterroles/cluster-admin --expand`
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.subresource, "subresource", "", "`SUBRESOURCE` of TYPE, where TYPE/X would be taken as a name")
	fs.BoolVar(&f.apply, "apply", false, "with create: ask for server-side apply, whose check carries the object's name")
	fs.BoolVar(&f.expand, "expand", false, "show the known members of groups as rows of their own")
	fs.BoolVar(&f.verify, "verify", false, "ask the API server to confirm every row (SubjectAccessReviews); exit 1 when it answers none")
	fs.IntVar(&f.verifyLimit, "verify-limit", 200, "with --verify: how many (`NUMBER`) known subjects that RBAC does not allow to ask for too")
	f.access.AddFlags(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	source     *source.Source
	printer    *output.Printer
	question   rbac.Question
	groupsFile string
	expand     bool
	verifier   *verifier // nil without --verify
}

// ToOptions validates the command line and resolves the question.
func (f *Flags) ToOptions(ctx context.Context, fs *pflag.FlagSet, args []string) (*Options, error) {
	if len(args) < 2 || args[0] == "" {
		return nil, fault.Usage("a verb and a resource type are needed, as in: who-can get secrets")
	}
	if err := access.CheckWho(f.env.Name, args); err != nil {
		return nil, err
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	if f.apply && args[0] != "create" {
		return nil, fault.Usage("--apply goes with the verb create: applying an object that exists is a patch")
	}
	var v *verifier
	if f.verify {
		if v, err = newVerifier(f.env, src, f.verifyLimit); err != nil {
			return nil, err
		}
	}
	target, err := access.ParseTarget(ctx, src, args[0], args[1:], f.subresource)
	if err != nil {
		return nil, err
	}
	question, err := f.access.Question(src, args[0], target)
	if err != nil {
		return nil, err
	}
	question.Apply = f.apply
	return &Options{
		source: src, printer: p, groupsFile: f.access.GroupsFile, expand: f.expand, verifier: v,
		question: question,
	}, nil
}
