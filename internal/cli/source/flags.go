// Package source turns the flags of input into a Source: where a command's
// snapshot comes from.
package source

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// Flags are the flags of input that every command which reads a cluster has.
type Flags struct {
	Filenames       []string
	Demo            bool
	With            []string
	Without         []string
	AssumeBootstrap bool
	ServerVersion   string

	cluster *genericclioptions.ConfigFlags
}

// NewFlags returns the flags with their defaults. The flags that lead to a
// cluster are persistent ones of the root command.
func NewFlags(cluster *genericclioptions.ConfigFlags) *Flags { return &Flags{cluster: cluster} }

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringSliceVarP(&f.Filenames, "filename", "f", nil, "work offline on the manifests, dumps or saved snapshot at `PATH`: a file, a directory or - (repeatable)")
	fs.BoolVar(&f.Demo, "demo", false, "work on the built-in demonstration cluster")
	fs.StringArrayVar(&f.With, "with", nil, "answer as if \"kubectl apply\" had applied `PATH`, a file or directory (repeatable)")
	fs.StringArrayVar(&f.Without, "without", nil, "answer as if the `OBJECT` did not exist: TYPE/NAME or NAMESPACE/TYPE/NAME (repeatable)")
	fs.BoolVar(&f.AssumeBootstrap, "assume-bootstrap", false, "with -f: add the default roles and bindings that every API server creates")
	fs.StringVar(&f.ServerVersion, "server-version", "", "`VERSION` of the API server to answer for, as 1.36, where the input does not tell")
}

// clusterFlags lead to an API server; with -f or --demo they make no sense.
func clusterFlags() []string {
	return []string{
		"kubeconfig", "context", "cluster", "user", "server", "token", "as", "as-group", "as-uid", "as-user-extra",
		"certificate-authority", "client-certificate", "client-key", "insecure-skip-tls-verify", "tls-server-name",
	}
}

// ToSource validates the flags. fs is the command's whole flag set, for what
// was typed.
func (f *Flags) ToSource(e *env.Env, fs *pflag.FlagSet) (*Source, error) {
	var given []string
	if f.Demo {
		given = append(given, "--demo")
	}
	if len(f.Filenames) > 0 {
		given = append(given, "--filename")
	}
	if len(given) > 0 {
		for _, name := range clusterFlags() {
			if fs.Changed(name) {
				given = append(given, "--"+name)
			}
		}
	}
	if len(given) > 1 {
		last := len(given) - 1
		return nil, fault.Usage("%s and %s cannot be used together: each names another cluster to read", strings.Join(given[:last], ", "), given[last])
	}
	if f.AssumeBootstrap && len(f.Filenames) == 0 {
		return nil, fault.Usage("--assume-bootstrap needs --filename: other sources have the default roles")
	}
	if stdin := f.readsStdin(); stdin > 1 {
		return nil, fault.Usage("standard input can be read once, and - is given %d times", stdin)
	}
	version, err := parseVersion(f.ServerVersion)
	if err != nil {
		return nil, err
	}
	typed := fs.Changed("namespace")
	if typed {
		if err := checkNamespace(*f.cluster.Namespace, fs); err != nil {
			return nil, err
		}
	}
	return &Source{flags: f, env: e, version: version, namespaceTyped: typed}, nil
}

// readsStdin counts the inputs that are standard input.
func (f *Flags) readsStdin() int {
	n := 0
	for _, path := range slices.Concat(f.Filenames, f.With) {
		if path == "-" {
			n++
		}
	}
	return n
}

// ReadsStdin reports whether the source reads standard input.
func (s *Source) ReadsStdin() bool { return s.flags.readsStdin() > 0 }

// parseVersion accepts 1.36, v1.36 and v1.36.2-gke.1.
func parseVersion(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	v := "v" + strings.TrimPrefix(s, "v")
	major, rest, ok := strings.Cut(v[1:], ".")
	minor, _, _ := strings.Cut(rest, ".")
	if !ok || !isNumber(major) || !isNumber(minor) {
		return "", fault.Usage("--server-version: %q is not a version such as 1.36", s)
	}
	return v, nil
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
