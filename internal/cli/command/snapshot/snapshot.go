// Package snapshot is the command "snapshot": keep the state of a cluster in
// a file, and compare two states by what they permit.
package snapshot

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// NewCmd returns the command.
func NewCmd(e *env.Env, cluster *genericclioptions.ConfigFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Save the state of a cluster, and see which permissions changed",
		Long: "Save everything that the commands read from a cluster in one file, look into such a file, and compare two states.\n\n" +
			"Every command works on a saved snapshot (--filename FILE) as it does on the cluster, with the gaps that reading it had. " +
			"Values of Secrets are never read.",
		Example: `  # keep the state of today
  ` + e.Name + ` snapshot save monday.json.gz

  # who may do more, or less, than then?
  ` + e.Name + ` snapshot diff monday.json.gz live

  # who would, if this were applied?
  ` + e.Name + ` snapshot diff live --with rbac/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSaveCmd(e, cluster), newShowCmd(e, cluster), newDiffCmd(e, cluster))
	return cmd
}
