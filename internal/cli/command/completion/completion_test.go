package completion_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/completion"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// call is one run of the command.
type call struct {
	name string // as users call the program, "kubectl secure" by default
	path string
	goos string
	args []string
}

func (c call) run(t *testing.T) (stdout, stderr string, err error) {
	t.Helper()
	if c.name == "" {
		c.name = "kubectl secure"
	}
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Name:      c.name,
		Getenv:    func(name string) string { return map[string]string{"PATH": c.path}[name] },
		Terminal:  env.Terminal{GOOS: c.goos},
	}
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(completion.NewCmd(e))
	root.SetArgs(append([]string{"completion"}, c.args...))
	err = root.ExecuteContext(t.Context())
	return out.String(), errOut.String(), err
}

// script returns what the command prints.
func (c call) script(t *testing.T) string {
	t.Helper()
	stdout, stderr, err := c.run(t)
	if err != nil || stderr != "" {
		t.Fatalf("%q: error %v, stderr %q", c.args, err, stderr)
	}
	return stdout
}

// program writes a program that prints its arguments, each in brackets, and
// then a completion. It returns the program's directory.
func program(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, name), "#!/bin/sh\nprintf '[%s]' \"$@\" >&2\nprintf 'who-can\\n:4\\n'\n")
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// execute runs a program with the directory first on the PATH.
func execute(t *testing.T, dir, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out.String(), errOut.String())
	}
	return out.String(), errOut.String()
}

// bash completes with the script: the reply is what the program said.
func TestBashCompletes(t *testing.T) {
	for name, file := range map[string]string{"kubectl secure": "kubectl-secure", "kubectl foo-bar": "kubectl-foo_bar", "ksec": "ksec"} {
		t.Run(name, func(t *testing.T) {
			dir := program(t, file)
			script := filepath.Join(dir, "script.bash")
			write(t, script, call{name: name, args: []string{"bash"}}.script(t))
			stdout, _ := execute(t, dir, "bash", "--norc", "-c", `
				_get_comp_words_by_ref() { # of the package bash-completion
					words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
				}
				compopt() { :; } # works within a completion only
				source "$1"
				complete -p "$2"
				COMP_WORDS=("$2" who) COMP_CWORD=1 COMP_TYPE=9 COMP_LINE="$2 who" COMP_POINT=${#COMP_LINE}
				"__start_$2"
				echo "reply: ${COMPREPLY[*]}"
			`, "bash", script, file)
			if !strings.Contains(stdout, "__start_"+file+" "+file+"\n") || !strings.Contains(stdout, "reply: who-can") {
				t.Errorf("bash says:\n%s", stdout)
			}
		})
	}
}

// The scripts for shells that may not be here name the program, ask it by
// __complete and register themselves.
func TestShellScripts(t *testing.T) {
	for shell, want := range map[string][]string{
		"bash":       {"__start_NAME()", "requestComp=\"${words[0]} __complete ", "complete -o default -F __start_NAME NAME"},
		"zsh":        {"#compdef NAME\n", "compdef _NAME NAME\n", "_NAME()\n{", "requestComp=\"${words[1]} __complete "},
		"fish":       {"complete -c NAME ", "complete -c NAME -e\n", "__complete $args[2..-1] $lastArg"},
		"powershell": {"Register-ArgumentCompleter -CommandName 'NAME'", "$RequestComp=\"$Program __complete $Arguments\""},
	} {
		for called, name := range map[string]string{"kubectl secure": "kubectl-secure", "ksec": "ksec"} {
			t.Run(shell+" of "+name, func(t *testing.T) {
				script := call{name: called, args: []string{shell}}.script(t)
				for _, part := range want {
					if part = strings.ReplaceAll(part, "NAME", name); !strings.Contains(script, part) {
						t.Errorf("%q is not in:\n%s", part, script)
					}
				}
				if opened, closed := strings.Count(script, "{"), strings.Count(script, "}"); opened != closed {
					t.Errorf("%d braces are opened, %d closed", opened, closed)
				}
				if name == "ksec" && strings.Contains(script, "kubectl-secure") {
					t.Error("the script names a program that does not exist")
				}
			})
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"bash", "zsh"}, {"tcsh"}, {"bash", "--install"}, {"kubectl", "--nope"}} {
		stdout, _, err := call{args: args}.run(t)
		if err == nil || stdout != "" {
			t.Errorf("%q: error %v, stdout %q", args, err, stdout)
		}
		if len(args) > 1 && args[1] == "--nope" {
			continue // the root command makes it a usage error
		}
		if fault.Code(err) != fault.ExitUsage {
			t.Errorf("%q: error %v, want a usage error", args, err)
		}
	}
}
