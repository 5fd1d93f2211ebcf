package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// helpWidth is where descriptions of flags are wrapped.
const helpWidth = 100

// usage prints how a command is called. It is Go code and no template: cobra
// templates make the linker keep every method of every type, 10 MB of them.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if !cmd.HasAvailableSubCommands() || strings.Contains(cmd.Use, " ") { // others only show their help
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	writeCommands(&b, cmd)
	if flags := cmd.LocalNonPersistentFlags().FlagUsagesWrapped(helpWidth); flags != "" {
		fmt.Fprintf(&b, "\nFlags:\n%s\n", strings.TrimRight(flags, " \n"))
	}
	b.WriteString("\n")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "Run '%s COMMAND --help' for a command. ", cmd.CommandPath())
	}
	fmt.Fprintf(&b, "Run '%s options' for the flags that choose a cluster.\n", cmd.Root().CommandPath())
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

// writeCommands lists subcommands by group, those without a group last.
func writeCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	for _, group := range append(cmd.Groups(), &cobra.Group{Title: "Commands:"}) {
		var lines strings.Builder
		for _, c := range cmd.Commands() {
			if c.GroupID == group.ID && c.IsAvailableCommand() {
				fmt.Fprintf(&lines, "  %-*s %s\n", c.NamePadding(), c.Name(), c.Short)
			}
		}
		if lines.Len() > 0 {
			fmt.Fprintf(b, "\n%s\n%s", group.Title, lines.String())
		}
	}
}

// help prints what a command is for, then its usage.
func help(cmd *cobra.Command, _ []string) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	out := cmd.OutOrStdout()
	style := printer.Style{Width: helpWidth}
	var paragraphs []printer.Printable
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		paragraphs = append(paragraphs, printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Plain(p)}}})
	}
	err := printer.Stack(out, style, paragraphs...)
	fmt.Fprintln(out)
	cmd.SetOut(out)
	if err = errors.Join(err, usage(cmd)); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "error: print the help:", err)
	}
}

// newHelpCmd is "help COMMAND", the same as "COMMAND --help".
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		// The group is set here: cobra does it only for its own command.
		GroupID: groupSettings,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(about, rest[0])
			}
			return about.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range about.Commands() {
					if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), typed) {
						names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

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
			_, err := fmt.Fprintf(e.Out, "These flags can be given to every command:\n\n%s", all.FlagUsagesWrapped(helpWidth))
			return err
		},
	}
}
