package cli

import (
	"errors"
	"flag"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/klog/v2"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/completion"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim"
	netpolcheck "github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/check"
	netpoldiff "github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/diff"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/generate"
	netpollint "github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/lint"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/matrix"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/netpolsim/reach"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/permissions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/snapshot"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/version"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/whatcan"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/whocan"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/whocan/check"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/why"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// The groups of commands in the root help.
const (
	groupPermissions = "permissions"
	groupNetwork     = "network"
	groupSettings    = "settings"
)

// NewRoot returns the tree of all commands.
func NewRoot(e *env.Env) *cobra.Command {
	cluster := genericclioptions.NewConfigFlags(true).WithDiscoveryBurst(300).WithDiscoveryQPS(50)
	root := &cobra.Command{
		Use:   "kubectl-secure",
		Short: "See who can do what in a Kubernetes cluster, with proof",
		Long: "See who can do what in a Kubernetes cluster, with proof.\n\n" +
			"Every command works on the cluster of your kubeconfig, offline on files (--filename), or on a built-in demonstration cluster (--demo). It reads and never changes anything.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: e.Name},
		CompletionOptions: cobra.CompletionOptions{
			DisableDefaultCmd: true,
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(e.In)
	root.SetOut(e.Out)
	root.SetErr(e.ErrOut)
	root.SetFlagErrorFunc(flagFault)
	root.AddGroup(
		&cobra.Group{ID: groupPermissions, Title: "Permissions:"},
		&cobra.Group{ID: groupNetwork, Title: "Network:"},
		&cobra.Group{ID: groupSettings, Title: "Settings and help:"},
	)
	addGlobalFlags(root.PersistentFlags(), cluster)
	whoCan := whocan.NewCmd(e, cluster)
	whoCan.AddCommand(check.NewCmd(e, cluster))
	addTo(root, groupPermissions,
		whatcan.NewCmd(e, cluster),
		whoCan,
		why.NewCmd(e, cluster),
	)
	netpolSim := netpolsim.NewCmd(e, cluster)
	netpolSim.AddCommand(matrix.NewCmd(e, cluster), reach.NewCmd(e, cluster))
	netpolSim.AddCommand(netpoldiff.NewCmd(e, cluster))
	netpolSim.AddCommand(netpollint.NewCmd(e, cluster))
	netpolSim.AddCommand(generate.NewCmd(e, cluster))
	netpolSim.AddCommand(netpolcheck.NewCmd(e, cluster))
	addTo(root, groupNetwork,
		netpolSim,
	)
	addTo(root, groupSettings,
		completion.NewCmd(e),
		newOptionsCmd(e),
		permissions.NewCmd(e, cluster),
		snapshot.NewCmd(e, cluster),
		version.NewCmd(e),
	)
	root.SetHelpCommandGroupID(groupSettings)
	root.SetHelpCommand(newHelpCmd())
	usageFaults(root)
	root.SetUsageFunc(usage)
	root.SetHelpFunc(help)
	return root
}

func addTo(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}

// addGlobalFlags registers the flags that lead to a cluster, the rare ones
// hidden: "options" lists them all.
func addGlobalFlags(fs *pflag.FlagSet, cluster *genericclioptions.ConfigFlags) {
	cluster.AddFlags(fs)
	logging := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(logging)
	fs.AddGoFlag(logging.Lookup("v"))
	fs.Lookup("v").Usage = "log level, as kubectl's"
	fs.Lookup("v").Shorthand = "v"
	shown := map[string]bool{"kubeconfig": true, "context": true, "namespace": true, "as": true, "as-group": true, "request-timeout": true}
	fs.VisitAll(func(f *pflag.Flag) { f.Hidden = !shown[f.Name] })
}

// usageFaults makes the errors of cobra's own checks of arguments usage errors.
func usageFaults(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			var typed *fault.Error
			err := check(cmd, args)
			if err == nil || errors.As(err, &typed) {
				return err
			}
			return fault.Usage("%w", err)
		}
	}
	for _, c := range cmd.Commands() {
		usageFaults(c)
	}
}

// flagFault is a usage error about a flag. Where no command was recognized,
// its flags cannot be either: the unknown command is the error.
func flagFault(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() {
		if unknown := cmd.ValidateArgs(cmd.Flags().Args()); unknown != nil {
			return unknown
		}
	}
	return fault.Usage("%w", err)
}

// helpOf ends usage errors with where the command's help is.
func helpOf(cmd *cobra.Command, err error) error {
	if fault.Code(err) != fault.ExitUsage {
		return err
	}
	if cmd.Name() == "help" {
		cmd = cmd.Parent()
	}
	return fault.WithHelp(err, fmt.Sprintf("Run '%s --help'", cmd.CommandPath()))
}

func unknownCommand(cmd *cobra.Command, name string) error {
	err := fault.Usage("unknown command %q", name)
	for _, similar := range cmd.SuggestionsFor(name) {
		err = fault.WithHelp(err, fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), similar))
	}
	return err
}
