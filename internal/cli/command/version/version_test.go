package version_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/version"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// call is one run of the command beside a command "who-can".
type call struct {
	name  string // as users call the program
	path  []string
	goos  string
	build env.Build
	args  []string
}

func (c call) run(t *testing.T) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Name:      c.name,
		Getenv: func(name string) string {
			return map[string]string{"PATH": strings.Join(c.path, string(os.PathListSeparator))}[name]
		},
		Terminal: env.Terminal{GOOS: c.goos},
		Build:    c.build,
	}
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(version.NewCmd(e), &cobra.Command{Use: "who-can", Run: func(*cobra.Command, []string) {}})
	root.SetArgs(append([]string{"version"}, c.args...))
	err = root.ExecuteContext(t.Context())
	return out.String(), errOut.String(), err
}

func release() env.Build {
	return env.Build{Version: "v1.2.3", Commit: "abcdef0", Date: "2026-11-20"}
}

func TestText(t *testing.T) {
	stdout, stderr, err := call{name: "kubectl secure", build: release()}.run(t)
	want := fmt.Sprintf("kubectl-secure v1.2.3 (commit abcdef0, %s, %s/%s)\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err != nil || stdout != want || stderr != "" {
		t.Errorf("stdout %q, want %q; stderr %q; error %v", stdout, want, stderr, err)
	}
}

// The JSON is indented as that of all other commands.
func TestJSON(t *testing.T) {
	stdout, _, err := call{name: "kubectl secure", build: release(), args: []string{"-o", "json"}}.run(t)
	want := fmt.Sprintf(`{
    "kind": "VersionReport",
    "apiVersion": "kubectl-secure.io/v1alpha1",
    "version": "v1.2.3",
    "commit": "abcdef0",
    "date": "2026-11-20",
    "go": %q,
    "platform": "%s/%s",
    "shadowedBy": []
}
`, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if diff := cmp.Diff(want, stdout); diff != "" || err != nil {
		t.Errorf("error %v, stdout (-want +got):\n%s", err, diff)
	}
}

func TestYAMLIsTheSame(t *testing.T) {
	fromYAML, fromJSON := v1alpha1.VersionReport{}, v1alpha1.VersionReport{}
	text, _, err := call{name: "kubectl secure", build: release(), args: []string{"-o", "yaml"}}.run(t)
	if err != nil || yaml.UnmarshalStrict([]byte(text), &fromYAML) != nil {
		t.Fatalf("error %v, stdout:\n%s", err, text)
	}
	text, _, err = call{name: "kubectl secure", build: release(), args: []string{"-o", "json"}}.run(t)
	if err != nil || json.Unmarshal([]byte(text), &fromJSON) != nil {
		t.Fatalf("error %v, stdout:\n%s", err, text)
	}
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("(-JSON +YAML):\n%s", diff)
	}
}

// What the linker was not told is still not empty.
func TestUnknownBuild(t *testing.T) {
	var r v1alpha1.VersionReport
	stdout, _, err := call{name: "kubectl secure", args: []string{"-o", "json"}}.run(t)
	if err != nil || json.Unmarshal([]byte(stdout), &r) != nil {
		t.Fatalf("error %v, stdout:\n%s", err, stdout)
	}
	if r.Version == "" || r.Commit == "" {
		t.Errorf("version %q, commit %q", r.Version, r.Commit)
	}
}

func TestUnknownFormat(t *testing.T) {
	for _, args := range [][]string{{"-o", "wide"}, {"-o", "jsonpath={.version}"}} {
		stdout, _, err := call{name: "kubectl secure", args: args}.run(t)
		if fault.Code(err) != fault.ExitUsage || stdout != "" {
			t.Errorf("%q: error %v, want a usage error; stdout %q", args, err, stdout)
		}
	}
}

func TestShadows(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for file, mode := range map[string]os.FileMode{
		filepath.Join(first, "kubectl-secure-who_can"):      0o755,
		filepath.Join(first, "kubectl-secure-version"):      0o644, // no program
		filepath.Join(first, "kubectl-secure-why"):          0o755, // no command of ours here
		filepath.Join(second, "kubectl-secure-who_can"):     0o755,
		filepath.Join(second, "kubectl-secure-who_can.exe"): 0o644,
		filepath.Join(second, "kubectl-secure-version.txt"): 0o755,
		filepath.Join(second, "kubectl-a_b-c-who_can"):      0o755,
	} {
		if err := os.WriteFile(file, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(second, "kubectl-secure-version"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := []string{first, second, filepath.Join(first, "none")}
	tests := []struct {
		name string
		call call
		want []string
	}{
		{
			name: "programs only", call: call{name: "kubectl secure", path: path, goos: "linux"},
			want: []string{filepath.Join(first, "kubectl-secure-who_can"), filepath.Join(second, "kubectl-secure-who_can")},
		},
		{
			name: "Windows knows programs by their extension", call: call{name: "kubectl secure", path: path, goos: "windows"},
			want: []string{filepath.Join(second, "kubectl-secure-who_can.exe")},
		},
		{
			name: "a name of several words", call: call{name: "kubectl a-b c", path: path, goos: "linux"},
			want: []string{filepath.Join(second, "kubectl-a_b-c-who_can")},
		},
		{name: "not called through kubectl", call: call{name: "secure", path: path, goos: "linux"}, want: []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, stderr, err := tt.call.run(t)
			want := ""
			for _, file := range tt.want {
				want += "warning: kubectl runs " + file + " instead of the command of this plugin\n"
			}
			if err != nil || stderr != want {
				t.Errorf("error %v, stderr %q, want %q", err, stderr, want)
			}
			tt.call.args = []string{"-o", "json"}
			var r v1alpha1.VersionReport
			stdout, stderr, err := tt.call.run(t)
			if err != nil || stderr != "" || json.Unmarshal([]byte(stdout), &r) != nil {
				t.Fatalf("error %v, stderr %q, stdout:\n%s", err, stderr, stdout)
			}
			if diff := cmp.Diff(tt.want, r.ShadowedBy); diff != "" {
				t.Errorf("shadowedBy (-want +got):\n%s", diff)
			}
		})
	}
}
