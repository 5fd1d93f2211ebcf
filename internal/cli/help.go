package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// usageTemplate shows a command's own flags; the ones that lead to a cluster
// are the same everywhere, so "options" has them.
const usageTemplate = `Usage:
  {{if .Runnable}}{{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}{{if .Runnable}}
  {{end}}{{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $cmds}}{{if (and (eq .GroupID $group.ID) .IsAvailableCommand)}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if not .AllChildCommandsHaveGroup}}

Commands:{{range $cmds}}{{if (and (eq .GroupID "") .IsAvailableCommand)}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalNonPersistentFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}{{end}}

{{if .HasAvailableSubCommands}}Run '{{.CommandPath}} COMMAND --help' for a command. {{end}}Run '{{.Root.CommandPath}} options' for the flags that choose a cluster.
`

// newOptionsCmd lists the flags that every command has.
func newOptionsCmd(e *env.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "List the flags that every command has: cluster, user, namespace",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all := pflag.NewFlagSet("options", pflag.ContinueOnError)
			cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
				shown := *f
				shown.Hidden = false
				all.AddFlag(&shown)
			})
			_, err := fmt.Fprintf(e.Out, "These flags can be given to every command:\n\n%s", all.FlagUsagesWrapped(100))
			return err
		},
	}
}
