// Package whatcan is the command "what-can": what a subject may do.
package whatcan

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
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

	groups []string
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:   "what-can SUBJECT",
		Short: "Show what a subject may do, and why",
		Long: "Show everything that RBAC allows a user, group or service account: types by verbs, with the bindings that allow it.\n\n" +
			"The answer is for one namespace: what bindings there allow, and what is allowed in the whole cluster. " +
			"Without --namespace that is the namespace of a service account or pod, else that of the context. " +
			"Wildcards are shown as they are in the rules: they also cover types that do not exist yet. " +
			"Rights that lead further, to secrets, shells, roles or other identities, come first and are marked with \"!\". " +
			"--no-headers prints scope, type or URL, verbs and names, a row for each. " +
			"SUBJECT is " + access.SubjectForms + ".",
		Example:           examples(e.Name),
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: complete,
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

// complete offers the ways to write a SUBJECT. Their names would have to be
// asked of a cluster, and completion must not wait for one.
func complete(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var offered []cobra.Completion
	for _, form := range []string{"sa/", "user/", "group/", "pod/", "me"} {
		if len(args) == 0 && strings.HasPrefix(form, typed) {
			offered = append(offered, form)
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func examples(name string) string {
	return `  # what may the cart's service account do in its namespace?
  ` + name + ` what-can sa/cart -n shop

  # and in the whole cluster, with every rule
  ` + name + ` what-can sa/shop/cart -A -o wide

  # what could someone do who takes over this pod?
  ` + name + ` what-can pod/shop/cart-7c9f

  # a user as a member of a group of the identity provider
  ` + name + ` what-can user/bob@example.org --group oidc:developers

  # what may everyone do who can log in?
  ` + name + ` what-can group/system:authenticated -A`
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.groups, "group", nil, "group that the subject is in, beside those that are known (repeatable)")
	f.access.AddFlags(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
	fs.Lookup("all-namespaces").Usage = "show what is allowed in every namespace"
}

// Options is the command ready to run.
type Options struct {
	source        *source.Source
	printer       *output.Printer
	who           rbac.Reference
	groups        []string
	groupsFile    string
	namespace     string // "" with allNamespaces
	allNamespaces bool
}

// ToOptions validates the command line.
func (f *Flags) ToOptions(fs *pflag.FlagSet, args []string) (*Options, error) {
	if len(args) != 1 {
		return nil, fault.WithHelp(fault.Usage("one subject is needed, as in: what-can sa/cart"),
			"a SUBJECT is "+access.SubjectForms)
	}
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	who, err := access.ParseSubject(src, args[0])
	if err != nil {
		return nil, err
	}
	if len(f.groups) > 0 && who.Subject.Kind == rbacv1.GroupKind {
		return nil, fault.Usage("--group says which groups a user or service account is in: a group is in none")
	}
	o := &Options{source: src, printer: p, who: who, groups: f.groups, groupsFile: f.access.GroupsFile, allNamespaces: f.access.AllNamespaces}
	namespace, typed, err := src.NamespaceUnless(o.allNamespaces)
	switch {
	case err != nil:
		return nil, err
	case o.allNamespaces:
	case typed:
		o.namespace = namespace
	default:
		o.namespace = access.Home(who, namespace)
	}
	return o, nil
}
