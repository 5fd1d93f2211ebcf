package output

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// RegisterCompletion makes the shell complete the values of the flags that
// AddFlags has added to the command.
func (f *Flags) RegisterCompletion(cmd *cobra.Command) {
	modes := []cobra.Completion{string(printer.ColorAuto), string(printer.ColorAlways), string(printer.ColorNever)}
	for name, complete := range map[string]cobra.CompletionFunc{
		"output": f.completeFormat,
		"color":  cobra.FixedCompletions(modes, cobra.ShellCompDirectiveNoFileComp),
	} {
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is not there: AddFlags was not called
		}
	}
}

// completeFormat offers the formats. Those that go on after "=" get no space.
func (f *Flags) completeFormat(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var offered []cobra.Completion
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, format := range f.formats() {
		if format = strings.TrimSuffix(format, "…"); strings.HasPrefix(format, typed) {
			offered = append(offered, format)
		}
	}
	if slices.ContainsFunc(offered, func(format string) bool { return strings.HasSuffix(format, "=") }) {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return offered, directive
}
