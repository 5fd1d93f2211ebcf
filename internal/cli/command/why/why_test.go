package why_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/why"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

var update = flag.Bool("update", false, "rewrite golden files")

// result is what one run of the command leaves.
type result struct {
	out, errOut string
	err         error
}

// run runs the command in a terminal of the width, 0 for a pipe.
func run(t *testing.T, width int, stdin string, args ...string) result {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut},
		Name:      "kubectl secure",
		Getenv:    func(name string) string { return map[string]string{"NO_COLOR": "1", "LANG": "C.UTF-8"}[name] },
		Now:       func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) },
		Terminal:  env.Terminal{In: stdin == "", Out: width > 0, Width: width, GOOS: "linux"},
	}
	cluster := genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	cluster.AddFlags(root.PersistentFlags())
	root.AddCommand(why.NewCmd(e, cluster))
	root.SetArgs(append([]string{"why"}, args...))
	err := root.ExecuteContext(t.Context())
	return result{out.String(), errOut.String(), err}
}

const refused = `Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:shop:cart" cannot list resource "secrets" in API group "" in the namespace "shop"`

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"list-with-names", []string{"sa/cart", "list", "secrets"}},
		{"elsewhere", []string{"user/bob@example.org", "delete", "pods", "-n", "payments"}},
		{"core-group", []string{"sa/ledger", "get", "secrets", "-n", "payments"}},
		{"pods-star", []string{"group/oidc:support", "get", "pods/log"}},
		{"nodes-through-rolebinding", []string{"sa/monitoring/grafana", "get", "nodes"}},
		{"dangling-role", []string{"sa/warehouse/stock-import", "get", "jobs", "-n", "warehouse"}},
		{"not-in-group", []string{"user/dave@example.org", "get", "nodes"}},
		{"given-group", []string{"user/dave@example.org", "create", "pods/exec", "--group", "oidc:developers"}},
		{"yes", []string{"sa/checkout", "get", "secret/payment-client"}},
		{"yes-masters", []string{"group/system:masters", "delete", "nodes"}},
		{"nothing-near", []string{"sa/cart", "update", "widgets.example.org"}},
		{"any-namespace", []string{"sa/cart", "delete", "pods", "-A"}},
		{"one-namespace", []string{"user/bob@example.org", "get", "secrets", "-A"}},
		{"some-namespaces", []string{"group/oidc:developers", "get", "pods", "-A"}},
		{"every-namespace", []string{"group/oidc:sre", "get", "secrets", "-A"}},
		{"shell-before-1.35", []string{"sa/cart", "create", "pods/exec", "--server-version", "1.30"}},
		{"url", []string{"sa/cart", "get", "/healthz/etcd"}},
		{"pod", []string{"pod/payments/payment-api-v496b5wfm-ps6x8", "get", "configmaps", "-n", "payments"}},
		{"unknown-account", []string{"sa/crat", "list", "pods"}},
		{"message", []string{refused}},
		{"fix", []string{"sa/cart", "list", "secrets", "-o", "fix"}},
		{"json", []string{"sa/ledger", "get", "secrets", "-n", "payments", "-o", "json"}},
		{"admission", []string{`pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`}},
		{"escalation", []string{"roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"bob\" (groups=[\"dev\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}"}},
	} {
		for style, width := range map[string]int{"pipe": 0, "80": 80} {
			t.Run(tt.name+"."+style, func(t *testing.T) {
				r := run(t, width, "", append(tt.args, "--demo")...)
				if r.err != nil {
					t.Fatal(r.err)
				}
				golden(t, tt.name+"."+style, r.out+"--- stderr\n"+r.errOut)
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// A message may come in one word, in many, without its quotes, on standard
// input or in a log: the answer is the same.
func TestMessageInEveryForm(t *testing.T) {
	want := run(t, 0, "", "sa/cart", "list", "secrets", "--demo")
	for _, tt := range []struct {
		name, stdin string
		args        []string
	}{
		{"one argument", "", []string{refused}},
		{"many arguments", "", strings.Split(refused, " ")},
		{"a shell took the quotes", "", strings.Split(strings.ReplaceAll(refused, `"`, ""), " ")},
		{"standard input", refused + "\n", nil},
		{"a dash", refused, []string{"-"}},
		{"a JSON log", `{"msg":"` + strings.ReplaceAll(refused, `"`, `\"`) + `"}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, 0, tt.stdin, append(tt.args, "--demo")...)
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(want.out, got.out); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name, stdin string
		args        []string
		code        int
		want        string
	}{
		{"nothing", "", nil, fault.ExitUsage, "a subject, a verb and a resource type are needed"},
		{"no type", "", []string{"sa/cart", "get"}, fault.ExitUsage, "a subject, a verb and a resource type are needed"},
		{"a message and objects", refused, []string{"-", "--with", "-"}, fault.ExitUsage, "cannot hold both the message and the objects"},
		{"a message without a word, and an overlay", refused, []string{"--with", "-"}, fault.ExitUsage, "cannot hold both the message and the objects"},
		{"empty input", "  \n", nil, fault.ExitUsage, "a subject, a verb and a resource type are needed"},
		{"bare subject", "", []string{"cart", "get", "pods"}, fault.ExitUsage, "write sa/cart"},
		{"me offline", "", []string{"me", "get", "pods"}, fault.ExitUsage, "asks an API server"},
		{"verify offline", "", []string{"sa/cart", "get", "pods", "--verify"}, fault.ExitUsage, "asks an API server"},
		{"group of a group", "", []string{"group/a", "get", "pods", "--group", "b"}, fault.ExitUsage, "a group is in none"},
		{"apply without create", "", []string{"sa/cart", "get", "pods", "--apply"}, fault.ExitUsage, "--apply goes with the verb create"},
		{"unknown type", "", []string{"sa/cart", "get", "podz"}, fault.ExitError, "podz"},
		{"no such pod", "", []string{"pod/none", "get", "pods"}, fault.ExitError, "there is no pod none in namespace shop"},
		{"other text", "connection refused", nil, fault.ExitError, "no \"… is forbidden: …\" message"},
		{"unauthorized", "error: You must be logged in to the server (Unauthorized)", nil, fault.ExitError, "does not know who is asking"},
		{"message with -A", "", []string{refused, "-A"}, fault.ExitUsage, "--all-namespaces goes with a question"},
		{"fix of admission", "", []string{`pods "x" is forbidden: violates PodSecurity "a:b": c`, "-o", "fix"}, fault.ExitError, "no role or binding changes"},
		{"fix for any namespace", "", []string{"sa/cart", "delete", "pods", "-A", "-o", "fix"}, fault.ExitUsage, "name one"},
		{"output format", "", []string{"sa/cart", "get", "pods", "-o", "csv"}, fault.ExitUsage, "csv"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, 0, tt.stdin, append(tt.args, "--demo")...)
			if r.err == nil {
				t.Fatalf("no error, printed:\n%s", r.out)
			}
			if fault.Code(r.err) != tt.code || !strings.Contains(r.err.Error(), tt.want) {
				t.Errorf("code %d, error %q, want %d, %q", fault.Code(r.err), r.err, tt.code, tt.want)
			}
			if r.out != "" {
				t.Errorf("printed %q", r.out)
			}
		})
	}
}

func TestOneMoreIsSingular(t *testing.T) {
	var text strings.Builder
	for i := range 6 {
		fmt.Fprintf(&text, `kind: Role
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: r%[1]d, namespace: dev}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
kind: RoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: b%[1]d, namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r%[1]d}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: u}]
---
`, i)
	}
	file := filepath.Join(t.TempDir(), "rbac.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]string{"get": "… and 1 more grant (", "list": "… and 2 more near misses ("} {
		if r := run(t, 0, "", "user/u", verb, "pods", "-n", "dev", "-f", file); r.err != nil || !strings.Contains(r.out, want) {
			t.Errorf("%v, want %q in:\n%s", r.err, want, r.out)
		}
	}
}

// The names of objects may be long: what is to be done is read whole.
func TestSentenceOfTheChangeWraps(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rbac.yaml")
	const name = "kubeadm:bootstrap-signer-clusterinfo"
	text := "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: '" + name + "', namespace: kube-public}\n" +
		"rules: [{apiGroups: [''], resources: [configmaps], verbs: [get], resourceNames: [cluster-info]}]\n---\n" +
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: kube-public}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: '" + name + "'}\n" +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: 'system:anonymous'}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, 80, "", "user/system:anonymous", "list", "configmaps", "-n", "kube-public", "-f", file)
	want := "To allow it, add this rule to Role " + name + ", which\nnobody else has:\n"
	if r.err != nil || !strings.Contains(r.out, want) || !strings.Contains(r.out, "note: careful, this allows it to everyone who reaches the API server") {
		t.Errorf("%v, printed:\n%s", r.err, r.out)
	}
}
