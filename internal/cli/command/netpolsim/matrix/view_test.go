package matrix_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// many writes a cluster of pods that have no workload.
func many(t *testing.T, namespaces, pods int) string {
	t.Helper()
	var b strings.Builder
	for ns := range namespaces {
		for i := range pods {
			fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: ns%d}\nstatus: {podIP: 10.%d.0.%d}\n", i, ns, ns, i)
		}
	}
	var blocks []string
	for i := range 30 {
		blocks = append(blocks, fmt.Sprintf("{from: [{ipBlock: {cidr: 203.0.113.%d/32}}], ports: [{port: %d}]}", 2*i, 80+i))
	}
	fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: ns0}\nspec: {podSelector: {}, ingress: [%s]}\n", strings.Join(blocks, ", "))
	file := filepath.Join(t.TempDir(), "many.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestLargeClustersAreLessExact: a table has as many rows and columns as people
// can read, and says what it leaves out.
func TestLargeClustersAreLessExact(t *testing.T) {
	workloads, spaces := many(t, 4, 20), many(t, 130, 1)
	for _, tt := range []struct {
		name     string
		args     []string
		lines    int // at most
		has, not []string
	}{
		{"many workloads", []string{"-f", workloads}, 40, []string{"too many workloads for a table: this is by namespace", "1 ns0", "30 ranges that policies name"}, []string{"pod/p1"}},
		{"as was typed", []string{"-f", workloads, "--by", "pod"}, 140, []string{"pod/p19"}, []string{"too many"}},
		{"of one namespace", []string{"-f", workloads, "-n", "ns1"}, 80, []string{"other namespaces are less exact", " 1 pod/p0", "ns0"}, []string{"ns0/pod/p0"}},
		{"many namespaces", []string{"-f", spaces}, 150, []string{"REACHED FROM", "ns129"}, []string{`FROM \ TO`}},
		{"many namespaces, and one asked for", []string{"-f", spaces, "-n", "ns1"}, 40, []string{"129 other namespaces", "1 pod/p0"}, []string{"ns129"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := run(t, tt.args...)
			if n := strings.Count(out, "\n"); n > tt.lines {
				t.Errorf("%d lines:\n%s", n, out)
			}
			for _, text := range tt.has {
				if !strings.Contains(out, text) {
					t.Errorf("%q is not in:\n%s", text, out)
				}
			}
			for _, text := range tt.not {
				if strings.Contains(out, text) {
					t.Errorf("%q is in:\n%s", text, out)
				}
			}
		})
	}
}

// TestTerminals: no line is wider than the terminal, and ASCII is ASCII.
func TestTerminals(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		for _, args := range [][]string{{"--demo"}, {"--demo", "-n", "shop", "--by", "pod"}, {"--demo", "--by", "namespace", "--ascii"}} {
			var stdout, stderr bytes.Buffer
			code := cli.Main("kubectl-secure", &env.Env{
				IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr}, Terminal: env.Terminal{Out: true, Width: width, GOOS: "linux"},
				Args: append([]string{"netpol-sim", "matrix"}, args...), Getenv: func(string) string { return "" }, Now: time.Now,
			})
			if code != 0 || !strings.Contains(stdout.String(), "\x1b[") {
				t.Fatalf("exit code %d, %s", code, stderr.String())
			}
			for line := range strings.Lines(ansi.Strip(stdout.String())) {
				line = strings.TrimSuffix(line, "\n")
				if ansi.StringWidth(line) > width || len(args) > 3 && strings.HasSuffix(args[3], "ascii") && len(line) != ansi.StringWidth(line) {
					t.Errorf("%v at %d: %q", args, width, line)
				}
			}
		}
	}
}

// TestMermaidHasALimit that is said.
func TestMermaidHasALimit(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr},
		Args:      []string{"netpol-sim", "matrix", "-o", "mermaid", "-f", many(t, 4, 20)}, Getenv: func(string) string { return "" }, Now: time.Now,
	})
	if code != 0 || !strings.Contains(stderr.String(), "mermaid draws 500 edges unless maxEdges says more") || !strings.HasPrefix(stdout.String(), "flowchart LR\n") {
		t.Errorf("exit code %d:\n%s", code, stderr.String())
	}
}
