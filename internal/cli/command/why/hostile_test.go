package why_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// hostile is a cluster whose names steer terminals and reorder text.
const hostile = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "r\e[31m", namespace: dev, labels: {app.kubernetes.io/managed-by: "x\e]0;y\a"}}
rules:
  - {apiGroups: [""], resources: ["pods\u202e"], verbs: ["get\nNo: yes"], resourceNames: ["\e[2J"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: "b\r", namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "r\e[31m"}
subjects: [{kind: User, name: "bob\e[1m"}]
`

func TestHostileNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hostile.yaml")
	if err := os.WriteFile(file, []byte(hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"user/bob\x1b[1m", "list", "pods"},
		{"user/bob\x1b[1m", "list", "pods", "-o", "wide"},
		{"user/bob\x1b[1m", "list", "pods", "--ascii"},
		{"user/bob\x1b[1m", "list", "pods", "-o", "fix"},
		{"pods \"\x1b[2J\" is forbidden: User \"bob\x1b[1m\" cannot list resource \"pods\" in API group \"\" in the namespace \"dev\": \u202eRBAC\x1b[31m"},
		{"pods \"\x1b[2J\" is forbidden: violates PodSecurity \"\x1b[2J\": \u202e"},
	} {
		for _, width := range []int{0, 80} {
			r := run(t, width, "", append(args, "-n", "dev", "-f", file)...)
			if r.err != nil {
				t.Fatalf("%q: %v", args, r.err)
			}
			for _, c := range r.out + r.errOut {
				if c < ' ' && c != '\n' || c == 0x7f || c == '\u202e' {
					t.Errorf("%q prints %q:\n%q", args, c, r.out+r.errOut)
					break
				}
				if strings.Contains(strings.Join(args, " "), "--ascii") && c > '~' {
					t.Errorf("--ascii prints %q", c)
					break
				}
			}
			if strings.Contains(r.out, "\nNo: yes") {
				t.Error("a name forges a line")
			}
		}
	}
}

// The manifest of a hostile role keeps its values, whatever they look like.
func TestHostileFixKeepsValues(t *testing.T) {
	const odd = "pods\u202e\U0001F600\U000E0041"
	file := filepath.Join(t.TempDir(), "hostile.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(hostile, `pods\u202e`, `pods\u202e\U0001F600\U000E0041`)), 0o600); err != nil {
		t.Fatal(err)
	}
	fix := run(t, 0, "", "user/bob\x1b[1m", "list", "pods", "-n", "dev", "-f", file, "-o", "fix")
	var role rbacv1.Role
	if err := yaml.Unmarshal([]byte(fix.out), &role); err != nil {
		t.Fatalf("%v:\n%s", err, fix.out)
	}
	want := []rbacv1.PolicyRule{
		{Verbs: []string{"get\nNo: yes"}, APIGroups: []string{""}, Resources: []string{odd}, ResourceNames: []string{"\x1b[2J"}},
		{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"}},
	}
	if diff := cmp.Diff(want, role.Rules); diff != "" {
		t.Error(diff)
	}
}

// What could not be read is said, in the words of the answer and by the exit
// code that was asked for.
func TestIncomplete(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good.yaml": hostile, "bad.yaml": "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: [\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := run(t, 0, "", "user/bob", "list", "pods", "-n", "dev", "-f", dir, "--require-complete")
	if fault.Code(r.err) != fault.ExitIncomplete {
		t.Errorf("error %v, want exit code %d", r.err, fault.ExitIncomplete)
	}
	if !strings.HasPrefix(r.out, "Not found: nothing that could be read allows user/bob to list pods") || !strings.Contains(r.errOut, "bad.yaml") {
		t.Errorf("printed:\n%s\n%s", r.out, r.errOut)
	}
	r = run(t, 0, "", "user/bob", "list", "pods", "-n", "dev", "-f", dir, "-o", "json")
	var report v1alpha1.WhyReport
	if err := json.Unmarshal([]byte(strings.ReplaceAll(r.out, `"objects"`, `"ignored"`)), &report); err != nil {
		t.Fatal(err)
	}
	if !report.Incomplete || report.Allowed == nil || *report.Allowed || len(report.Gaps) == 0 {
		t.Errorf("report %+v", report)
	}
}

// A fix that is applied makes the answer yes, through files as through an
// engine.
func TestFixRoundTrip(t *testing.T) {
	for _, args := range [][]string{
		{"sa/cart", "list", "secrets"},
		{"sa/monitoring/grafana", "get", "nodes"},
		{"user/dave@example.org", "get", "/metrics"},
		{"group/oidc:support", "get", "pods/log", "-n", "shop"},
	} {
		fix := run(t, 0, "", append(args, "--demo", "-o", "fix")...)
		if fix.err != nil {
			t.Fatal(fix.err)
		}
		file := filepath.Join(t.TempDir(), "fix.yaml")
		if err := os.WriteFile(file, []byte(fix.out), 0o600); err != nil {
			t.Fatal(err)
		}
		after := run(t, 0, "", append(args, "--demo", "--with", file)...)
		if after.err != nil || !strings.HasPrefix(after.out, "Yes: ") {
			t.Errorf("%q after\n%s:\n%s%v", args, fix.out, after.out, after.err)
		}
		again := run(t, 0, "", append(args, "--demo", "--with", file, "-o", "fix")...)
		if again.err != nil || again.out != "" || !strings.Contains(again.errOut, "allowed already") {
			t.Errorf("%q again: %q, %q, %v", args, again.out, again.errOut, again.err)
		}
	}
}
