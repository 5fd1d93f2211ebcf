package completion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

const (
	pluginPrefix   = "kubectl-"
	completePrefix = "kubectl_complete-"
)

// completable says why kubectl would never run the script: it completes
// plugins by their file names, and on Windows takes the extension as a part of
// the command's name.
// Source: kubectl/pkg/cmd/plugin/plugin_completion.go.
func completable(e *env.Env) error {
	switch name := program(e); {
	case e.Terminal.GOOS == "windows":
		return fault.WithHelp(errors.New("kubectl on Windows does not complete the arguments of plugins"),
			"to complete the program by its own name: "+name+" completion powershell")
	case !strings.HasPrefix(name, pluginPrefix):
		return fault.WithHelp(fmt.Errorf("kubectl completes plugins, which are named kubectl-NAME: this program is named %s", name),
			"rename it or link to it: kubectl-secure", "to complete it by its own name: "+name+" completion bash")
	}
	return nil
}

// program is the file name by which the program was called: kubectl finds
// kubectl-foo_bar for "kubectl foo-bar".
func program(e *env.Env) string {
	plugin, ok := strings.CutPrefix(e.Name, "kubectl ")
	if !ok {
		return e.Name
	}
	return pluginPrefix + strings.NewReplacer("-", "_", " ", "-").Replace(plugin)
}

// shim is the script that kubectl runs to complete our arguments.
func shim(e *env.Env) string {
	return fmt.Sprintf("#!/bin/sh\n# completes %s: kubectl runs this\nexec %s __complete \"$@\"\n", e.Name, program(e))
}

// installShim writes the script next to the name that the program was called
// by: with krew that is its bin directory, which is on the PATH.
func installShim(e *env.Env) error {
	dir, onPath, err := directory(e)
	if err != nil {
		return err
	}
	const elsewhere = "write the script elsewhere on the PATH, and make it executable: completion kubectl > FILE"
	file := filepath.Join(dir, completePrefix+strings.TrimPrefix(program(e), pluginPrefix))
	if old, err := os.ReadFile(file); err == nil && string(old) != shim(e) {
		return fault.WithHelp(fmt.Errorf("%s exists and is another program", file), "remove it first", elsewhere)
	}
	if err := os.WriteFile(file, []byte(shim(e)), 0o755); err != nil { //nolint:gosec // a program for everyone who may run this one
		return fault.WithHelp(fmt.Errorf("install the completion script: %w", err), elsewhere)
	}
	fmt.Fprintf(e.ErrOut, "installed %s\n", printer.Escape(file))
	if !onPath {
		fmt.Fprintf(e.ErrOut, "warning: %s is not on the PATH: kubectl does not find it there\n", printer.Escape(dir))
	}
	return nil
}

// directory is where kubectl finds this plugin: the directory on the PATH
// that has it, or else the program's own.
func directory(e *env.Env) (dir string, onPath bool, err error) {
	path := filepath.SplitList(e.Getenv("PATH"))
	for _, dir := range path {
		if stat, err := os.Stat(filepath.Join(dir, program(e))); err == nil && stat.Mode().IsRegular() {
			return dir, true, nil
		}
	}
	self, err := os.Executable()
	if err != nil {
		return "", false, fmt.Errorf("find this program: %w", err)
	}
	dir = filepath.Dir(self)
	return dir, slices.Contains(path, dir), nil
}
