package source_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// parse makes the source of a command line. stdin is what "-f -" reads.
func parse(t *testing.T, stdin string, args ...string) (*source.Source, error) {
	t.Helper()
	return parseWith(t, func(*pflag.FlagSet) {}, stdin, args...)
}

// parseWith is parse for a command that has other flags too.
func parseWith(t *testing.T, others func(*pflag.FlagSet), stdin string, args ...string) (*source.Source, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	others(fs)
	cluster := genericclioptions.NewConfigFlags(true)
	cluster.AddFlags(fs)
	flags := source.NewFlags(cluster)
	flags.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags.ToSource(&env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: io.Discard, ErrOut: io.Discard},
		Getenv:    func(string) string { return "" }, Now: time.Now,
	}, fs)
}

func mustParse(t *testing.T, stdin string, args ...string) *source.Source {
	t.Helper()
	src, err := parse(t, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestToSource(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		named []string // in the usage error; none: accepted
	}{
		{name: "a cluster", args: nil},
		{name: "a context", args: []string{"--context", "x", "--as", "alice"}},
		{name: "demo", args: []string{"--demo"}},
		{name: "demo in a namespace", args: []string{"--demo", "-n", "payments"}},
		{name: "files", args: []string{"-f", "a", "-f", "b", "--with", "c", "--without", "role/x"}},
		{name: "demo with a time limit", args: []string{"--demo", "--request-timeout", "1s"}},
		{name: "bootstrap over files", args: []string{"-f", "a", "--assume-bootstrap"}},
		{name: "demo and files", args: []string{"--demo", "-f", "x"}, named: []string{"--demo and --filename"}},
		{name: "all three", args: []string{"--demo", "-f", "x", "--context", "y"}, named: []string{"--demo, --filename and --context"}},
		{name: "files and kubeconfig", args: []string{"-f", "x", "--kubeconfig", "y"}, named: []string{"--filename and --kubeconfig"}},
		{name: "bootstrap of a cluster", args: []string{"--assume-bootstrap"}, named: []string{"--assume-bootstrap needs --filename"}},
		{name: "bootstrap of the demo", args: []string{"--assume-bootstrap", "--demo"}, named: []string{"--assume-bootstrap needs --filename"}},
	}
	for _, flag := range []string{"cluster", "user", "server", "token", "as", "as-group", "as-uid", "as-user-extra", "certificate-authority", "client-certificate", "client-key", "tls-server-name"} {
		tests = append(tests, struct {
			name  string
			args  []string
			named []string
		}{"demo and " + flag, []string{"--demo", "--" + flag, "x"}, []string{"--demo", "--" + flag}})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, "", tt.args...)
			if len(tt.named) == 0 {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if fault.Code(err) != fault.ExitUsage {
				t.Fatalf("error %v, want a usage error", err)
			}
			for _, name := range tt.named {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("%q does not name %s", err, name)
				}
			}
		})
	}
}

func TestServerVersion(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"1.36", "v1.36"},
		{"v1.36", "v1.36"},
		{"v1.36.2-gke.1", "v1.36.2-gke.1"},
		{"1.30+", ""},
		{"latest", ""},
		{"1", ""},
		{"v1.", ""},
		{".36", ""},
		{"1.x", ""},
		{"-1.36", ""},
		{"vv1.36", ""},
	}
	snap, err := snapshot.NewBuilder().Build(snapshot.Info{ServerVersion: "v1.20.0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		src, err := parse(t, "", "--demo", "--server-version", tt.typed)
		switch {
		case tt.want == "" && fault.Code(err) != fault.ExitUsage:
			t.Errorf("%q: error %v, want a usage error", tt.typed, err)
		case tt.want != "" && err != nil:
			t.Errorf("%q: %v", tt.typed, err)
		case tt.want != "" && src.ServerVersion(snap) != tt.want:
			t.Errorf("%q: version %q, want %q", tt.typed, src.ServerVersion(snap), tt.want)
		}
	}
	if got := mustParse(t, "", "--demo").ServerVersion(snap); got != "v1.20.0" {
		t.Errorf("version %q, want the snapshot's", got)
	}
}

func TestNamespace(t *testing.T) {
	kubeconfig := filepath.Join("testdata", "kubeconfig.yaml")
	tests := []struct {
		name  string
		args  []string
		want  string
		typed bool
	}{
		{"files", []string{"-f", "x"}, "default", false},
		{"files, typed", []string{"-f", "x", "-n", "dev"}, "dev", true},
		{"demo", []string{"--demo"}, "shop", false},
		{"demo, typed", []string{"--demo", "-n", "payments"}, "payments", true},
		{"the context's", []string{"--kubeconfig", kubeconfig}, "team-a", false},
		{"another context's", []string{"--kubeconfig", kubeconfig, "--context", "bare"}, "default", false},
		{"typed before the context's", []string{"--kubeconfig", kubeconfig, "-n", "dev"}, "dev", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, typed, err := mustParse(t, "", tt.args...).Namespace()
			if err != nil || got != tt.want || typed != tt.typed {
				t.Errorf("namespace %q, typed %t, error %v; want %q, %t", got, typed, err, tt.want, tt.typed)
			}
		})
	}
}

func TestNamespaceRefuses(t *testing.T) {
	tests := []struct {
		name, typed string
		all         bool // the command has --all-namespaces
		want, help  string
	}{
		{"empty", "", true, "--namespace is empty", ""},
		{"wildcard", "shop-*", true, `"shop-*" cannot be a namespace`, "--all-namespaces (-A)"},
		{"wildcard where there is no -A", "*", false, `"*" cannot be a namespace`, ""},
		{"list", "a,b", true, `"a,b" cannot be a namespace`, "--all-namespaces (-A)"},
		{"slash", "a/b", true, `"a/b" cannot be a namespace`, ""},
		{"capitals", "Foo_Bar", true, `"Foo_Bar" cannot be a namespace`, ""},
		{"too long", strings.Repeat("a", 64), true, "at most 63", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			flags := func(fs *pflag.FlagSet) {
				if tt.all {
					fs.Bool("all-namespaces", false, "")
				}
			}
			_, err := parseWith(t, flags, "", "--demo", "-n", tt.typed)
			if fault.Code(err) != fault.ExitUsage || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want a usage error with %q", err, tt.want)
			}
			if help := strings.Join(fault.Help(err), "\n"); tt.help == "" && help != "" || !strings.Contains(help, tt.help) {
				t.Errorf("help %q, want %q", help, tt.help)
			}
		})
	}
}

// A context may hold anything: the error says which one it is.
func TestNamespaceOfContextRefused(t *testing.T) {
	kubeconfig := filepath.Join("testdata", "kubeconfig.yaml")
	for name, args := range map[string][]string{"odd": {"--context", "odd"}, "current": nil} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--kubeconfig", kubeconfig}, args...)
			if name == "current" {
				content, err := os.ReadFile(kubeconfig)
				if err != nil {
					t.Fatal(err)
				}
				args[1] = file(t, strings.Replace(string(content), "current-context: team", "current-context: odd", 1))
			}
			_, _, err := mustParse(t, "", args...).Namespace()
			if err == nil || fault.Code(err) != fault.ExitError || !strings.Contains(err.Error(), `the context "odd" of the kubeconfig names "Team_A"`) {
				t.Fatalf("error %v (code %d)", err, fault.Code(err))
			}
			if help := strings.Join(fault.Help(err), "\n"); !strings.Contains(help, "kubectl config set-context odd --namespace") {
				t.Errorf("help %q", help)
			}
			if got, _, err := mustParse(t, "", append(args, "-n", "dev")...).Namespace(); err != nil || got != "dev" {
				t.Errorf("a typed namespace does not win: %q, %v", got, err)
			}
		})
	}
}

func TestNoCluster(t *testing.T) {
	tests := []struct{ name, kubeconfig, context, want, help string }{
		{"no such file", filepath.Join(t.TempDir(), "none"), "", "none cannot be read: no such file", "--demo"},
		{"a directory", t.TempDir(), "", "cannot be read: ", "--demo"},
		{"no such context", filepath.Join("testdata", "kubeconfig.yaml"), "nosuch", "nosuch", "kubectl config get-contexts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := mustParse(t, "", "--kubeconfig", tt.kubeconfig, "--context", tt.context)
			_, err := src.RESTConfig()
			if err == nil || !strings.Contains(err.Error(), tt.want) || fault.Code(err) != fault.ExitError {
				t.Fatalf("error %v, want %q in it", err, tt.want)
			}
			if !slices.ContainsFunc(fault.Help(err), func(h string) bool { return strings.Contains(h, tt.help) }) {
				t.Errorf("help %q does not tell of %q", fault.Help(err), tt.help)
			}
		})
	}
}

func TestRequireLive(t *testing.T) {
	if err := mustParse(t, "").RequireLive("--verify"); err != nil {
		t.Errorf("live: %v", err)
	}
	for _, args := range [][]string{{"--demo"}, {"-f", "x"}} {
		if err := mustParse(t, "", args...).RequireLive("--verify"); fault.Code(err) != fault.ExitUsage || !strings.Contains(err.Error(), "--verify") {
			t.Errorf("%v: error %v, want a usage error", args, err)
		}
	}
}

func TestStandardInputOnce(t *testing.T) {
	for _, args := range [][]string{{"-f", "-", "--with", "-"}, {"-f", "-", "-f", "-"}, {"--demo", "--with", "-", "--with", "-"}} {
		if _, err := parse(t, "", args...); fault.Code(err) != fault.ExitUsage {
			t.Errorf("%q: error %v, want a usage error", args, err)
		}
	}
	if src := mustParse(t, "", "--demo", "--with", "-"); !src.ReadsStdin() {
		t.Error("--with - does not count as standard input")
	}
}
