// Package why is the command "why": whether someone may do something, and why
// or why not.
package why

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// formatFix prints only the manifest of the change that would allow it.
const formatFix = "fix"

// Flags is what pflag fills.
type Flags struct {
	env    *env.Env
	source *source.Flags
	output *output.Flags
	access access.Flags

	subresource string
	apply       bool
	groups      []string
	verify      bool
}

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	flags := &Flags{env: e, source: source.NewFlags(cluster), output: output.NewFlags(formatFix)}
	cmd := &cobra.Command{
		Use:   "why (SUBJECT VERB (TYPE[.GROUP][/SUBRESOURCE] | TYPE[.GROUP]/NAME | TYPE NAME | /URL) | MESSAGE | -)",
		Short: "Explain why someone may do something, or why not",
		Long: "Explain why RBAC allows someone to do something, or why it does not: the grants that come nearest, what is wrong with each, and the smallest change that would allow it.\n\n" +
			"SUBJECT is " + access.SubjectForms + ". " +
			"Without --namespace the question is about the namespace of a service account or pod, else that of the context. " +
			"MESSAGE is an error as an API server prints it, \"… is forbidden: User … cannot …\", also in the middle of a log; - or nothing reads it from standard input.\n\n" +
			"-o fix prints the change as a manifest. It has been tried on a copy of what was read: afterwards the subject is allowed this request, and nobody else is allowed more. " +
			"None is proposed where what could not be read may allow it already.\n\n" +
			"--verify asks the API server too, and its word comes first. Without --verify it is asked about me only, where RBAC could be read in part and does not allow it: everyone may ask that about themselves.",
		Example: examples(e.Name),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.ToOptions(cmd.Context(), cmd.Flags(), args)
			if err != nil {
				return err
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd.Flags())
	return cmd
}

func examples(name string) string {
	return `  # why can the cart not list secrets?
  ` + name + ` why sa/cart list secrets -n shop

  # may this pod, by its service account, read that secret?
  ` + name + ` why pod/cart-7c9f get secret/db -n shop

  # what is wrong, in the words of the API server
  ` + name + ` why 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "shop"'
  kubectl logs deploy/cart 2>&1 | ` + name + ` why

  # a user as a member of a group of the identity provider
  ` + name + ` why user/bob@example.org create pods/exec -n shop --group oidc:developers

  # allow exactly this, and nothing else
  ` + name + ` why sa/cart list secrets -n shop -o fix | kubectl apply -f -`
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.subresource, "subresource", "", "subresource of TYPE, where TYPE/X would be taken as a name")
	fs.BoolVar(&f.apply, "apply", false, "with create: ask for server-side apply, whose check carries the object's name")
	fs.StringArrayVar(&f.groups, "group", nil, "group that the subject is in, beside those that are known (repeatable)")
	fs.BoolVar(&f.verify, "verify", false, "ask the API server too, and say whether it agrees")
	f.access.AddFlags(fs)
	f.source.AddFlags(fs)
	f.output.AddFlags(fs)
}

// Options is the command ready to run.
type Options struct {
	source     *source.Source
	printer    *output.Printer
	env        *env.Env
	groups     []string
	groupsFile string
	ask        verify.Asker // nil where the API server is not to be asked
	verify     bool         // asked in any case, and an answer is a must

	// Either who and question, or denials.
	who      rbac.Reference
	question rbac.Question
	denials  []rbac.Denial
}

// ToOptions validates the command line and resolves the question.
func (f *Flags) ToOptions(ctx context.Context, fs *pflag.FlagSet, args []string) (*Options, error) {
	p, err := f.output.ToPrinter(f.env)
	if err != nil {
		return nil, err
	}
	src, err := f.source.ToSource(f.env, fs)
	if err != nil {
		return nil, err
	}
	o := &Options{source: src, printer: p, env: f.env, groups: f.groups, groupsFile: f.access.GroupsFile}
	message, given, err := f.message(args)
	switch {
	case err != nil:
		return nil, err
	case given:
		err = f.parseMessage(o, fs, message)
	case len(args) < 3:
		return nil, f.usage()
	default:
		err = f.parseQuestion(ctx, o, args)
	}
	if err != nil {
		return nil, err
	}
	return o, f.addAsker(o)
}

func (f *Flags) usage() error {
	return fault.WithHelp(fault.Usage("a subject, a verb and a resource type are needed, as in: why sa/cart get secrets"),
		fmt.Sprintf("or an error message: %s why '… is forbidden: User …'", f.env.Name))
}

// parseQuestion reads SUBJECT VERB TYPE.
func (f *Flags) parseQuestion(ctx context.Context, o *Options, args []string) error {
	if err := access.CheckWhy(f.env.Name, args); err != nil {
		return err
	}
	who, err := access.ParseSubject(o.source, args[0])
	if err != nil {
		return err
	}
	if len(f.groups) > 0 && strings.EqualFold(who.Subject.Kind, "Group") {
		return fault.Usage("--group says which groups a user or service account is in: a group is in none")
	}
	if f.apply && args[1] != "create" {
		return fault.Usage("--apply goes with the verb create: applying an object that exists is a patch")
	}
	target, err := access.ParseTarget(ctx, o.source, args[1], args[2:], f.subresource)
	if err != nil {
		return err
	}
	question, err := f.access.Question(o.source, args[1], target)
	if err != nil {
		return err
	}
	if !question.NamespaceTyped {
		question.Namespace = access.Home(who, question.Namespace)
	}
	question.Apply = f.apply
	o.who, o.question = who, question
	return nil
}
