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
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// info is what -o json and yaml print.
type info struct {
	env.Build `json:",inline"`
	Go        string   `json:"go"`
	Platform  string   `json:"platform"`
	Shadowed  []string `json:"shadowedBy"`
}

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
	v := info{Build: build(e.Build), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Shadowed: shadows(e, commands)}
	switch format {
	case "":
		fmt.Fprintf(e.Out, "kubectl-secure %s (commit %s, %s, %s)\n", v.Version, v.Commit, v.Go, v.Platform)
		for _, file := range v.Shadowed {
			fmt.Fprintf(e.ErrOut, "warning: kubectl runs %s instead of the command of this plugin\n", file)
		}
		return nil
	case "json", "yaml":
		data, err := yaml.Marshal(v)
		if err == nil && format == "json" {
			data, err = yaml.YAMLToJSON(data)
			data = append(data, '\n')
		}
		if err != nil {
			return fmt.Errorf("print the version: %w", err)
		}
		_, err = e.Out.Write(data)
		return err
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
	prefix := "kubectl-" + strings.ReplaceAll(strings.TrimPrefix(e.Name, "kubectl "), "-", "_") + "-"
	found := []string{}
	for _, dir := range filepath.SplitList(e.Getenv("PATH")) {
		for _, name := range commands {
			file := filepath.Join(dir, prefix+strings.ReplaceAll(name, "-", "_"))
			if stat, err := os.Stat(file); err == nil && isProgram(stat) {
				found = append(found, file)
			}
		}
	}
	return found
}

func isProgram(stat fs.FileInfo) bool { return stat.Mode().IsRegular() && stat.Mode()&0o111 != 0 }
