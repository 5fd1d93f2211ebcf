package whatcan_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/command/whatcan"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

var update = flag.Bool("update", false, "rewrite golden files")

type result struct {
	out, errOut string
	err         error
}

// run runs the command in a terminal of the width, 0 for a pipe.
func run(t *testing.T, width int, args ...string) result {
	t.Helper()
	return runRoot(t, width, append([]string{"what-can"}, args...)...)
}

func runRoot(t *testing.T, width int, args ...string) result {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	var out, errOut bytes.Buffer
	e := &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Name:      "kubectl secure",
		Getenv:    func(name string) string { return map[string]string{"NO_COLOR": "1", "LANG": "C.UTF-8"}[name] },
		Now:       func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) },
		Terminal:  env.Terminal{Out: width > 0, Err: width > 0, Width: width, GOOS: "linux"},
	}
	cluster := genericclioptions.NewConfigFlags(true)
	root := &cobra.Command{Use: "kubectl-secure", SilenceErrors: true, SilenceUsage: true}
	cluster.AddFlags(root.PersistentFlags())
	root.AddCommand(whatcan.NewCmd(e, cluster))
	root.SetArgs(args)
	root.SetOut(&out) // for completion
	err := root.ExecuteContext(t.Context())
	return result{out.String(), errOut.String(), err}
}

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width int
		args  []string
	}{
		{"names", 80, []string{"sa/cart", "--demo"}},
		{"pipe", 0, []string{"sa/cart", "--demo"}},
		{"wide", 0, []string{"sa/monitoring/grafana", "--demo", "-o", "wide"}},
		{"everything", 80, []string{"sa/ci/deployer", "--demo", "-A"}},
		{"escalate-ascii", 80, []string{"group/oidc:platform", "--demo", "--ascii"}},
		{"namespaces", 120, []string{"group/oidc:developers", "--demo", "-A"}},
		{"pods-star", 80, []string{"group/oidc:support", "--demo"}},
		{"core-group", 80, []string{"sa/payments/ledger", "--demo"}},
		{"dangling", 80, []string{"sa/warehouse/stock-import", "--demo"}},
		{"impersonate", 100, []string{"group/oidc:helpdesk", "--demo"}},
		{"masters", 80, []string{"user/root", "--group", "system:masters", "--demo"}},
		{"unknown-account", 80, []string{"sa/nobody", "--demo"}},
		{"nothing", 80, []string{"group/nobody", "--demo"}},
		{"hostile", 100, []string{"user/m\x1b[1m", "-f", "testdata/hostile.yaml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, tt.width, tt.args...)
			if r.err != nil {
				t.Fatal(r.err)
			}
			got := r.out + "--- stderr\n" + r.errOut
			if strings.ContainsAny(got, "\x1b\u202e\x07") {
				t.Error("a control character of the cluster reaches the terminal")
			}
			file := filepath.Join("testdata", tt.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for line := range strings.Lines(r.out) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); tt.width > 0 && n > tt.width {
					t.Errorf("a line is %d wide: %s", n, line)
				}
			}
		})
	}
}

func TestNamespace(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"the source's", []string{"user/x"}, "in namespace shop"},
		{"an account's own", []string{"sa/payments/ledger"}, "in namespace payments"},
		{"the one that is named", []string{"sa/payments/ledger", "-n", "ci"}, "in namespace ci"},
		{"all", []string{"sa/payments/ledger", "-A"}, "in all namespaces"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := run(t, 0, append(tt.args, "--demo")...); !strings.Contains(strings.SplitN(r.out, "\n", 2)[0], tt.want) {
				t.Errorf("heading %q, want %q", strings.SplitN(r.out, "\n", 2)[0], tt.want)
			}
		})
	}
}

func TestPodStandsForItsAccount(t *testing.T) {
	var direct, pod v1alpha1.WhatCanReport
	for ref, report := range map[string]*v1alpha1.WhatCanReport{"sa/node-exporter": &direct, "pod/" + nodeExporter(t): &pod} {
		r := run(t, 0, ref, "-n", "monitoring", "--demo", "-o", "json")
		if err := json.Unmarshal([]byte(r.out), report); err != nil {
			t.Fatalf("%s: %v, %v", ref, err, r.err)
		}
	}
	if pod.Pod == nil || pod.Pod.Namespace != "monitoring" {
		t.Errorf("the report does not name the pod: %+v", pod.Pod)
	}
	if diff := cmp.Diff(direct.Scopes, pod.Scopes); diff != "" {
		t.Errorf("(-account +pod):\n%s", diff)
	}
}

// nodeExporter is the name of a pod of the demonstration cluster.
func nodeExporter(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../../../pkg/snapshot/demo/cluster/monitoring/pods.yaml")
	if err != nil {
		t.Skip("the demonstration cluster has no such file: ", err)
	}
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "name: node-exporter-"); ok {
			return "node-exporter-" + strings.TrimSpace(name)
		}
	}
	t.Fatal("no pod of node-exporter")
	return ""
}

func TestJSON(t *testing.T) {
	r := run(t, 0, "sa/monitoring/grafana", "--demo", "-o", "json")
	var report v1alpha1.WhatCanReport
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(r.out, "null") {
		t.Errorf("an array is null:\n%s", r.out)
	}
	dead := map[string]string{}
	for _, scope := range report.Scopes {
		for _, rule := range scope.Rules {
			if len(rule.Via) == 0 {
				t.Errorf("a rule without its grant: %+v", rule)
			}
			for _, d := range rule.Dead {
				dead[scope.Namespace+" "+strings.Join(d.On, ",")] = d.Why
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"monitoring nodes": "cluster-scoped: RoleBindings do not count"}, dead); diff != "" {
		t.Errorf("dead (-want +got):\n%s", diff)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"a", "b"}, {"foo"}, {"sa/"}, {"sa/a/b/c"}, {"me"}, {"group/a", "--group", "b"}, {"user/a", "-A", "-n", "x"}, {"user/a", "-o", "nope"}, {"user/a", "--groups", "/none/at/all"},
	} {
		if r := run(t, 0, append(args, "--demo")...); fault.Code(r.err) != fault.ExitUsage {
			t.Errorf("%q: error %v, want a usage error", args, r.err)
		}
	}
	if r := run(t, 0, "pod/none", "--demo"); fault.Code(r.err) != fault.ExitError || len(fault.Help(r.err)) == 0 {
		t.Errorf("a pod that does not exist: error %v, help %q", r.err, fault.Help(r.err))
	}
}

func TestCompletion(t *testing.T) {
	// cobra's hidden command completes what follows.
	r := runRoot(t, 0, "__complete", "what-can", "")
	if want := "sa/\nuser/\ngroup/\npod/\nme\n:6\n"; r.out != want {
		t.Errorf("completion %q, want %q", r.out, want)
	}
	if r := runRoot(t, 0, "__complete", "what-can", "sa/x", ""); r.out != ":6\n" {
		t.Errorf("completion after the subject: %q", r.out)
	}
}
