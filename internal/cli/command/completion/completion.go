// Package completion is the command "completion".
package completion

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// shells are the arguments of the command.
func shells() []string { return []string{"kubectl", "bash", "zsh", "fish", "powershell"} }

// NewCmd returns the command.
func NewCmd(e *env.Env) *cobra.Command {
	var install bool
	cmd := &cobra.Command{
		Use:   "completion (" + strings.Join(shells(), "|") + ")",
		Short: "Set up completion, within kubectl's own or for a shell",
		Long: "Set up completion.\n\n" +
			"kubectl completes the arguments of a plugin with a program named kubectl_complete-NAME on the PATH (not on Windows). \"completion kubectl\" prints a script that does; with --install it puts it beside this program. " +
			"The other arguments print a completion script for a shell, for when the program is called by its own name.",
		Example:   fmt.Sprintf("  # complete %[1]s within kubectl's completion\n  %[1]s completion kubectl --install\n\n  # complete kubectl-secure in bash\n  source <(kubectl-secure completion bash)", e.Name),
		ValidArgs: shells(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.Usage("name one of %s", strings.Join(shells(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if install && args[0] != "kubectl" {
				return fault.Usage("--install goes with: completion kubectl")
			}
			return run(e, cmd.Root(), args[0], install)
		},
	}
	cmd.Flags().BoolVar(&install, "install", false, "put the script for kubectl beside this program")
	return cmd
}

func run(e *env.Env, root *cobra.Command, shell string, install bool) error {
	root.Use = program(e) // scripts for shells complete the program that has this name
	switch shell {
	case "kubectl":
		if err := completable(e); err != nil {
			return err
		}
		if install {
			return installShim(e)
		}
		_, err := fmt.Fprint(e.Out, shim(e))
		return err
	case "bash":
		return root.GenBashCompletionV2(e.Out, true)
	case "zsh":
		return root.GenZshCompletion(e.Out)
	case "fish":
		return root.GenFishCompletion(e.Out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(e.Out)
	default:
		return fault.Usage("unknown shell %q: use one of %s", shell, strings.Join(shells(), ", "))
	}
}
