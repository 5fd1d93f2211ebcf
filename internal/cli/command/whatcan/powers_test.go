package whatcan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// granting is a manifest in which user/u has the rules, in the whole cluster
// or in namespace dev.
func granting(t *testing.T, namespace, rules string) string {
	t.Helper()
	binding := "kind: ClusterRoleBinding\nmetadata: {name: b}"
	if namespace != "" {
		binding = "kind: RoleBinding\nmetadata: {name: b, namespace: " + namespace + "}"
	}
	text := `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: ` + rules + `
---
apiVersion: rbac.authorization.k8s.io/v1
` + binding + `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: u}]
`
	file := filepath.Join(t.TempDir(), "rbac.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPowerful(t *testing.T) {
	for _, tt := range []struct {
		name, namespace, rules string
		want                   []string // lines of the table
	}{
		{"all in the cluster", "", `[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]`, []string{"! everything   cluster   every verb on every type"}},
		{"all in a namespace", "dev", `[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]`, []string{"! everything   dev     every verb on every type"}},
		{"by a wildcard of types", "dev", `[{apiGroups: [""], resources: ["*"], verbs: [get]}]`, []string{
			"! get secrets       dev     reads values of Secrets",
			"! get pods/exec     dev     runs commands in pods (before Kubernetes 1.35)",
			"! get pods/attach   dev     joins running processes (before Kubernetes 1.35)",
		}},
		{"by a wildcard of verbs", "", `[{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: ["*"]}]`, []string{
			"! escalate roles   cluster   writes roles beyond its own rights",
			"! bind roles       cluster   gives away roles it does not have",
		}},
		{"by a wildcard with a subresource", "", `[{apiGroups: [""], resources: ["*/token"], verbs: [create]}]`, []string{
			"! create serviceaccounts/token   cluster   gets tokens of others",
		}},
		{"some names", "dev", `[{apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [a]}]`, []string{"! get secrets (some names)   dev     reads values of Secrets"}},
		{"every verb on pods", "dev", `[{apiGroups: [""], resources: [pods], verbs: ["*"]}]`, []string{
			"! create pods         dev     runs as any account, mounts Secrets",
			"! update,patch pods   dev     changes the images of running pods",
		}},
		{"workloads", "dev", `[{apiGroups: [apps], resources: [deployments, statefulsets], verbs: [create]}, {apiGroups: [batch], resources: [jobs], verbs: [patch]}]`, []string{
			"! create workloads   dev     runs as any account, mounts Secrets",
		}},
		{"one workload", "dev", `[{apiGroups: [batch], resources: [jobs], verbs: [create, patch]}]`, []string{"! create jobs   dev     runs as any account, mounts Secrets"}},
		{"a Job's template cannot be changed", "dev", `[{apiGroups: [batch], resources: [jobs], verbs: [patch]}]`, nil},
		{"pods of a name cannot be created", "dev", `[{apiGroups: [""], resources: [pods], verbs: [create], resourceNames: [a]}]`, nil},
		{"certificates", "", `[{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval, signers], verbs: [update, approve]}]`, []string{
			"! update,approve certificates   cluster   issues certificates of any name",
		}},
		{"admission", "", `[{apiGroups: [admissionregistration.k8s.io], resources: ["*"], verbs: [update]}]`, []string{
			"! update admission webhooks   cluster   sees, changes what is written",
			"! update admission policies   cluster   decides what may be written",
		}},
		{"extensions", "", `[{apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [patch]}, {apiGroups: [apiregistration.k8s.io], resources: [apiservices], verbs: [create]}]`, []string{
			"! create apiservices   cluster   answers for whole API groups",
			"! patch CRDs           cluster   sees, changes custom resources",
		}},
		{"hosts", "", `[{apiGroups: [""], resources: [persistentvolumes, nodes, nodes/status], verbs: [create, patch]}]`, []string{
			"! create persistentvolumes   cluster   reaches files of nodes (hostPath)",
			"! patch nodes                cluster   steers pods and kubelet requests",
		}},
		{"cluster-scoped types in a namespace", "dev", `[{apiGroups: [""], resources: [nodes, persistentvolumes], verbs: ["*"]}]`, nil},
		{"another group", "dev", `[{apiGroups: [example.org], resources: [secrets, pods/exec], verbs: [get, create]}]`, nil},
		{"harmless", "dev", `[{apiGroups: [""], resources: [pods, configmaps], verbs: [get, list]}]`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, 0, "user/u", "-n", "dev", "-f", granting(t, tt.namespace, tt.rules))
			if r.err != nil {
				t.Fatal(r.err)
			}
			var got []string
			marked := false
			for line := range strings.Lines(r.out) {
				if strings.HasPrefix(line, "! ") {
					got = append(got, strings.TrimSpace(line))
				}
				marked = marked || strings.Contains(line, " !  ")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, r.out)
			}
			if marked != (len(tt.want) > 0) {
				t.Errorf("a row of the matrix is marked: %v\n%s", marked, r.out)
			}
		})
	}
}

// For scripts there are rows alone, each with its scope.
func TestNoHeaders(t *testing.T) {
	file := granting(t, "dev", `[{apiGroups: [""], resources: [pods], verbs: [get, list]}, {apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [a, b]}]`)
	r := run(t, 0, "user/u", "-A", "-f", file, "--no-headers")
	want := "dev   pods      get,list   <none>\ndev   secrets   get        a, b\n"
	if r.err != nil || r.out != want {
		t.Errorf("%v, printed:\n%s\nwant:\n%s", r.err, r.out, want)
	}
	file = granting(t, "", `[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}, {nonResourceURLs: ["/metrics"], verbs: [get]}]`)
	r = run(t, 0, "user/u", "-f", file, "--no-headers")
	want = "cluster   *.*        *     <none>\ncluster   /metrics   get   <none>\n"
	if r.err != nil || r.out != want {
		t.Errorf("%v, printed:\n%s\nwant:\n%s", r.err, r.out, want)
	}
}

// Nothing found is not the same as nothing allowed where bindings could not
// be read.
func TestNothingThatCouldBeRead(t *testing.T) {
	file := granting(t, "dev", `[{apiGroups: [""], resources: [pods], verbs: [get]}]`)
	broken := filepath.Join(filepath.Dir(file), "broken.yaml")
	if err := os.WriteFile(broken, []byte("kind: RoleBinding\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, 0, "user/other", "-n", "dev", "-f", filepath.Dir(file))
	if r.err != nil || !strings.HasSuffix(strings.SplitN(r.out, "\n", 2)[0], "nothing that could be read") ||
		!strings.Contains(r.errOut, "note: nothing that could be read allows user/other anything in namespace dev (1 role and 1 binding read)") {
		t.Errorf("%v, printed:\n%s%s", r.err, r.out, r.errOut)
	}
	r = run(t, 0, "user/other", "-n", "dev", "-f", file)
	if r.err != nil || !strings.Contains(r.errOut, "note: RBAC allows user/other nothing in namespace dev (1 role and 1 binding read)") {
		t.Errorf("%v, printed:\n%s%s", r.err, r.out, r.errOut)
	}
}
