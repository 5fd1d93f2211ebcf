package completion_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// kubectl runs the script with the words so far, the last one may be empty.
func TestShimAsksTheProgram(t *testing.T) {
	dir := program(t, "kubectl-secure")
	shim := filepath.Join(dir, "shim")
	write(t, shim, call{args: []string{"kubectl"}}.script(t))
	stdout, stderr := execute(t, dir, shim, "who-can", "a b", "")
	if stdout != "who-can\n:4\n" || stderr != "[__complete][who-can][a b][]" {
		t.Errorf("stdout %q, arguments %q", stdout, stderr)
	}
}

func TestInstall(t *testing.T) {
	tests := []struct{ name, called, file, want string }{
		{"plugin", "kubectl secure", "kubectl-secure", "kubectl_complete-secure"},
		{"dash in the name", "kubectl foo-bar", "kubectl-foo_bar", "kubectl_complete-foo_bar"},
		{"name of two words", "kubectl foo bar", "kubectl-foo-bar", "kubectl_complete-foo-bar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, empty := program(t, tt.file), t.TempDir()
			c := call{name: tt.called, path: empty + string(os.PathListSeparator) + dir, args: []string{"kubectl", "--install"}}
			file := filepath.Join(dir, tt.want)
			for range 2 { // again is no error
				stdout, stderr, err := c.run(t)
				if err != nil || stdout != "" || stderr != "installed "+file+"\n" {
					t.Fatalf("error %v, stdout %q, stderr %q", err, stdout, stderr)
				}
			}
			if stdout, stderr := execute(t, dir, file, "who"); stdout != "who-can\n:4\n" || stderr != "[__complete][who]" {
				t.Errorf("stdout %q, arguments %q", stdout, stderr)
			}
			if left := entries(t, empty); len(left) > 0 {
				t.Errorf("files where no plugin is: %q", left)
			}
		})
	}
}

func TestInstallRefuses(t *testing.T) {
	tests := []struct {
		name    string
		call    call
		file    string // of the program on the PATH
		prepare func(t *testing.T, dir string)
		text    string
		help    string
	}{
		{
			name: "to overwrite another program", file: "kubectl-secure",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				write(t, filepath.Join(dir, "kubectl_complete-secure"), "mine")
			},
			text: "exists and is another program", help: "remove it first",
		},
		{
			name: "what cannot be written", file: "kubectl-secure",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				if err := os.Mkdir(filepath.Join(dir, "kubectl_complete-secure"), 0o755); err != nil {
					t.Fatal(err)
				}
			},
			text: "install the completion script: ", help: "completion kubectl > FILE",
		},
		{
			name: "a program that kubectl does not know", file: "ksec", call: call{name: "ksec"},
			text: "this program is named ksec", help: "ksec completion bash",
		},
		{
			name: "on Windows", file: "kubectl-secure", call: call{goos: "windows"},
			text: "kubectl on Windows does not complete", help: "kubectl-secure completion powershell",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := program(t, tt.file)
			if tt.prepare != nil {
				tt.prepare(t, dir)
			}
			before := entries(t, dir)
			tt.call.path, tt.call.args = dir, []string{"kubectl", "--install"}
			_, stderr, err := tt.call.run(t)
			if fault.Code(err) != fault.ExitError || !strings.Contains(err.Error(), tt.text) || stderr != "" {
				t.Errorf("error %v, want %q; stderr %q", err, tt.text, stderr)
			}
			if help := strings.Join(fault.Help(err), "\n"); !strings.Contains(help, tt.help) {
				t.Errorf("help %q, want %q", help, tt.help)
			}
			if after := entries(t, dir); !slices.Equal(before, after) {
				t.Errorf("files before %q, after %q", before, after)
			}
		})
	}
}

// Where no plugin is found on the PATH the script goes beside the program, and
// it is said that kubectl does not look there.
func TestInstallBesideTheProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(self)
	file := filepath.Join(dir, "kubectl_complete-test_of_completion")
	t.Cleanup(func() { _ = os.Remove(file) })
	c := call{name: "kubectl test-of-completion", path: t.TempDir(), args: []string{"kubectl", "--install"}}
	_, stderr, err := c.run(t)
	if want := "installed " + file + "\nwarning: " + dir + " is not on the PATH: kubectl does not find it there\n"; err != nil || stderr != want {
		t.Errorf("error %v, stderr %q, want %q", err, stderr, want)
	}
	c.path = dir
	if _, stderr, err = c.run(t); err != nil || strings.Contains(stderr, "warning") {
		t.Errorf("error %v, stderr %q", err, stderr)
	}
}

// entries returns the names and contents of a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range list {
		text, _ := os.ReadFile(filepath.Join(dir, entry.Name()))
		found = append(found, entry.Name()+": "+string(text))
	}
	return found
}
