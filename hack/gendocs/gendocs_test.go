package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

const faultSource = "../../internal/cli/fault/fault.go"

func TestGenerate(t *testing.T) {
	pages, err := generate(faultSource)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		"commands/README.md":  {"[who-can](who-can.md)", "## Permissions"},
		"commands/who-can.md": {"# kubectl secure who-can\n", "kubectl secure who-can VERB (", "\nkubectl secure who-can get secrets\n", "| `-A, --all-namespaces` |", `auto\|always\|never`, "[exit codes](../exit-codes.md)"},
		"commands/options.md": {"`--as-uid STRING`", "`$HOME/.kube/cache`"},
		"commands/help.md":    {"# kubectl secure help\n"},
		"exit-codes.md":       {"| 0 | the question was answered |", "| 130 | interrupted by a signal |"},
	}
	for name, parts := range tests {
		for _, part := range parts {
			if !strings.Contains(string(pages[name]), part) {
				t.Errorf("%s has no %q:\n%s", name, part, pages[name])
			}
		}
	}
	again, err := generate(faultSource)
	if err != nil {
		t.Fatal(err)
	}
	for name := range pages {
		if !bytes.Equal(pages[name], again[name]) {
			t.Errorf("%s differs from run to run", name)
		}
	}
}

// The exit codes name no flag that no command has.
func TestExitCodesNameFlagsThatExist(t *testing.T) {
	pages, err := generate(faultSource)
	if err != nil {
		t.Fatal(err)
	}
	var commands []byte
	for name, page := range pages {
		if strings.HasPrefix(name, "commands/") {
			commands = append(commands, page...)
		}
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAll(pages["exit-codes.md"], -1) {
		if !bytes.Contains(commands, flag) {
			t.Errorf("no command has the flag %s", flag)
		}
	}
}

func TestNestedAndHiddenCommands(t *testing.T) {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "app", Short: "An app"}
	group := &cobra.Command{Use: "snapshot", Short: "Save a|b", Example: "  # one\n  app snapshot save x"}
	save := &cobra.Command{Use: "save FILE", Short: "Save", Run: run}
	save.Flags().String("to", "", "write to `PATH`")
	root.AddCommand(group, &cobra.Command{Use: "secret", Hidden: true, Run: run})
	group.AddCommand(save)
	pages := commandPages(root)
	if len(pages) != 3 || pages["commands/secret.md"] != nil {
		t.Errorf("pages of %d commands, want README, snapshot and snapshot-save", len(pages))
	}
	for name, part := range map[string]string{
		"commands/README.md":        `| [snapshot](snapshot.md) | Save a\|b |`,
		"commands/snapshot.md":      "app snapshot COMMAND\n",
		"commands/snapshot-save.md": "| `--to PATH` |  | write to PATH |",
	} {
		if !strings.Contains(string(pages[name]), part) {
			t.Errorf("%s has no %q:\n%s", name, part, pages[name])
		}
	}
	if !strings.Contains(string(pages["commands/snapshot.md"]), "```sh\n# one\napp snapshot save x\n```") {
		t.Errorf("examples are indented:\n%s", pages["commands/snapshot.md"])
	}
}

func TestWriteThenCheck(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-docs", dir, "-fault", faultSource}
	var out bytes.Buffer
	check := func() error { return run(append([]string{"-check"}, args...), &out) }
	if check() == nil {
		t.Error("check passes where there is nothing")
	}
	if err := run(args, &out); err != nil {
		t.Fatal(err)
	}
	if err := check(); err != nil {
		t.Errorf("check fails after write: %v\n%s", err, out.String())
	}
	changed := filepath.Join(dir, "commands", "who-can.md")
	gone := filepath.Join(dir, "commands", "removed-command.md")
	for _, file := range []string{changed, gone} {
		if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out.Reset()
	if check() == nil {
		t.Error("check passes though pages are stale")
	}
	for _, file := range []string{changed, gone} {
		if !strings.Contains(out.String(), file+" is stale") {
			t.Errorf("check does not name %s:\n%s", file, out.String())
		}
	}
	if err := run(args, &out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("the page of a removed command is still there")
	}
	if err := check(); err != nil {
		t.Error(err)
	}
}

func TestExitCodesNeedComments(t *testing.T) {
	tests := map[string]string{
		"no comment": "package fault\n\nconst ExitX = 1\n",
		"no number":  "package fault\n\nconst ExitX = 1 + 1 // two\n",
		"no codes":   "package fault\n\nconst other = 1\n",
		"no Go":      "Exit 1",
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fault.go")
			if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			if page, err := exitCodesPage(file); err == nil {
				t.Errorf("page:\n%s", page)
			}
		})
	}
}
