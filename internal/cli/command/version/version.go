// Package version is the command "version".
package version

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// NewCmd returns the command.
func NewCmd(e *env.Env) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, and what on the PATH shadows this plugin",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var names []string
			for _, c := range cmd.Root().Commands() {
				names = append(names, c.Name())
			}
			return run(e, format, names)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "", "output `FORMAT`: json|yaml")
	return cmd
}

func run(e *env.Env, format string, commands []string) error {
	b := build(e.Build)
	r := &v1alpha1.VersionReport{
		Meta: v1alpha1.NewMeta("VersionReport"), Version: b.Version, Commit: b.Commit, Date: b.Date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, ShadowedBy: shadows(e, commands),
	}
	switch format {
	case "":
		fmt.Fprintf(e.Out, "kubectl-secure %s (commit %s, %s, %s)\n", r.Version, r.Commit, r.Go, r.Platform)
		for _, file := range r.ShadowedBy {
			fmt.Fprintf(e.ErrOut, "warning: kubectl runs %s instead of the command of this plugin\n", printer.Escape(file))
		}
		return nil
	case "json", "yaml":
		p, err := genericclioptions.NewJSONYamlPrintFlags().ToPrinter(format)
		if err == nil {
			err = p.PrintObj(r, e.Out)
		}
		if err != nil {
			return fmt.Errorf("print the version: %w", err)
		}
		return nil
	default:
		return fault.Usage("unknown output format %q: use json or yaml", format)
	}
}

// build fills in what the Go toolchain recorded where the linker was told
// nothing, as with "go install".
func build(b env.Build) env.Build {
	recorded, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" {
		b.Version = recorded.Main.Version
	}
	if ok && b.Commit == "" {
		for _, s := range recorded.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	return b
}

// shadows returns the programs on the PATH that kubectl would run instead of
// one of our commands: it looks for kubectl-secure-who_can before
// kubectl-secure (kubectl pkg/cmd/plugin.go, the longest match wins).
func shadows(e *env.Env, commands []string) []string {
	found := []string{}
	plugin, ok := strings.CutPrefix(e.Name, "kubectl ")
	if !ok {
		return found // called by another name, and not through kubectl
	}
	prefix := "kubectl-" + strings.NewReplacer("-", "_", " ", "-").Replace(plugin) + "-"
	for _, dir := range filepath.SplitList(e.Getenv("PATH")) {
		for _, name := range commands {
			for _, extension := range extensions(e) {
				file := filepath.Join(dir, prefix+strings.ReplaceAll(name, "-", "_")+extension)
				if stat, err := os.Stat(file); err == nil && isProgram(e, stat) {
					found = append(found, file)
				}
			}
		}
	}
	return found
}

// extensions are those of programs; only Windows has any (os/exec.LookPath).
func extensions(e *env.Env) []string {
	if e.Terminal.GOOS != "windows" {
		return []string{""}
	}
	return []string{".com", ".exe", ".bat", ".cmd"}
}

func isProgram(e *env.Env, stat fs.FileInfo) bool {
	return stat.Mode().IsRegular() && (e.Terminal.GOOS == "windows" || stat.Mode()&0o111 != 0)
}
