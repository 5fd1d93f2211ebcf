// Package completion is the command "completion".
package completion

import (
	"fmt"
	"os"
	"path/filepath"
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
			"kubectl completes the arguments of a plugin with a program named kubectl_complete-NAME on the PATH. \"completion kubectl\" prints a script that does; with --install it puts it beside this program. " +
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
	switch shell {
	case "kubectl":
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

// shim is the script that kubectl runs to complete our arguments.
func shim(e *env.Env) string {
	return fmt.Sprintf("#!/bin/sh\n# completes %s: kubectl runs this\nexec %s __complete \"$@\"\n", e.Name, program(e))
}

// program is the file name under which kubectl finds the plugin.
func program(e *env.Env) string {
	return strings.ReplaceAll(strings.ReplaceAll(e.Name, "-", "_"), "kubectl ", "kubectl-")
}

// installShim writes the script next to the name that the program was called
// by: with krew that is its bin directory, which is on the PATH.
func installShim(e *env.Env) error {
	dir, err := directory(e)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, strings.Replace(program(e), "kubectl-", "kubectl_complete-", 1))
	if old, err := os.ReadFile(file); err == nil && string(old) != shim(e) {
		return fault.WithHelp(fmt.Errorf("%s exists and is another program", file), "remove it first, or write the script elsewhere: completion kubectl > FILE")
	}
	if err := os.WriteFile(file, []byte(shim(e)), 0o755); err != nil { //nolint:gosec // a program for everyone who may run this one
		return fmt.Errorf("install the completion script: %w", err)
	}
	fmt.Fprintf(e.ErrOut, "installed %s\n", file)
	return nil
}

// directory is where kubectl finds this plugin: the directory on the PATH
// that has it, or else the program's own.
func directory(e *env.Env) (string, error) {
	for _, dir := range filepath.SplitList(e.Getenv("PATH")) {
		if stat, err := os.Stat(filepath.Join(dir, program(e))); err == nil && stat.Mode().IsRegular() {
			return dir, nil
		}
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return filepath.Dir(self), nil
}
