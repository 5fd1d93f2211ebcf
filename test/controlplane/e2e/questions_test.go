package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// ownCluster starts a control plane with the objects of the shared one, for a
// test that changes them.
func ownCluster(t *testing.T) *harness.ControlPlane {
	t.Helper()
	cp := harness.Start(t, harness.Options{Binary: shared.controlPlane, Users: users(), Logf: logf})
	manifests, err := os.ReadFile("testdata/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := cp.ApplyYAML(t.Context(), manifests); err != nil {
		t.Fatal(err)
	}
	return cp
}

// allowed asks the API server itself.
func allowed(t *testing.T, client kubernetes.Interface, user, verb, resource, namespace string) bool {
	t.Helper()
	review, err := client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               user,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Resource: resource, Namespace: namespace},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

// ask runs kubectl-secure on a cluster of the test's own; it must end with 0.
func ask(t *testing.T, cp *harness.ControlPlane, user string, args ...string) string {
	t.Helper()
	stdout, stderr, exit := command{cluster: cp, user: user, args: args}.run(t)
	if exit != 0 {
		t.Fatalf("%v: exit %d\n%s%s", args, exit, stdout, stderr)
	}
	return stdout
}

// TestWhyFixAllows applies the change that why proposes and asks again.
func TestWhyFixAllows(t *testing.T) {
	t.Parallel()
	cp := ownCluster(t)
	const account = "system:serviceaccount:billing:ledger"
	why := []string{"why", "sa/billing/ledger", "list", "configmaps", "-n", "billing"}
	if out := ask(t, cp, auditor, why...); !strings.HasPrefix(out, "No") {
		t.Fatalf("before the change: %s", out)
	}
	manifest := ask(t, cp, auditor, append(why, "-o", "fix")...)
	if err := cp.ApplyYAML(t.Context(), []byte(manifest)); err != nil {
		t.Fatalf("the API server refuses the change: %v\n%s", err, manifest)
	}
	if out := ask(t, cp, operator, append(why, "--verify")...); !strings.HasPrefix(out, "Yes") {
		t.Errorf("after the change: %s", out)
	}
	client := kubernetes.NewForConfigOrDie(cp.Client(harness.Admin))
	if !allowed(t, client, account, "list", "configmaps", "billing") || allowed(t, client, account, "list", "configmaps", "shop") {
		t.Error("the API server does not allow exactly what was asked for")
	}
}

// TestWhyReadsTheServersMessages asks the server for what it refuses and pastes
// its words.
func TestWhyReadsTheServersMessages(t *testing.T) {
	t.Parallel()
	client := kubernetes.NewForConfigOrDie(shared.cluster.Client(nobody))
	_, list := client.CoreV1().Pods("shop").List(t.Context(), metav1.ListOptions{})
	_, get := client.CoreV1().Secrets("billing").Get(t.Context(), "bank", metav1.GetOptions{})
	log := client.CoreV1().Pods("shop").GetLogs("web", &corev1.PodLogOptions{}).Do(t.Context()).Error()
	_, nodes := client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	url := client.RESTClient().Get().AbsPath("/metrics").Do(t.Context()).Error()
	tests := []struct {
		name string
		err  error
		want map[string]string
	}{
		{"list", list, map[string]string{"verb": "list", "resource": "pods", "namespace": "shop"}},
		{"get", get, map[string]string{"verb": "get", "resource": "secrets", "name": "bank", "namespace": "billing"}},
		{"subresource", log, map[string]string{"verb": "get", "resource": "pods", "subresource": "log", "name": "web", "namespace": "shop"}},
		{"cluster scope", nodes, map[string]string{"verb": "list", "resource": "nodes", "namespace": ""}},
		{"url", url, map[string]string{"verb": "get", "nonResourceURL": "/metrics"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil {
				t.Fatal("the server refused nothing")
			}
			var report struct {
				Query   map[string]any
				Subject struct{ Kind, Name string }
				Allowed *bool
			}
			stdout := mustRun(t, auditor, "why", "Error from server (Forbidden): "+tt.err.Error(), "-o", "json")
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatal(err)
			}
			if report.Subject.Name != nobody || report.Allowed == nil || *report.Allowed {
				t.Errorf("subject %+v, allowed %v in\n%s", report.Subject, report.Allowed, stdout)
			}
			for field, want := range tt.want {
				if got, _ := report.Query[field].(string); got != want {
					t.Errorf("%s = %q, want %q, of %v", field, got, want, tt.err)
				}
			}
		})
	}
}

func TestCheckAssertions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, user, file string
		flags            []string
		exit             int
	}{
		{"holds", auditor, `[{who: sa/shop/worker, can: list, resource: secrets, namespace: shop}]`, nil, 0},
		{"fails", auditor, `[{who: sa/shop/worker, cannot: list, resource: secrets, namespace: shop}]`, nil, 3},
		{"unproven", nobody, `[{cannot: list, resource: secrets, namespace: shop}]`, []string{"--require-complete"}, 4},
		{"unproven is no failure", nobody, `[{cannot: list, resource: secrets, namespace: shop}]`, nil, 0},
		{"unknown type", auditor, `[{cannot: list, resource: secretz, namespace: shop}]`, nil, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := command{cluster: shared.cluster, user: tt.user, stdin: tt.file, args: append([]string{"who-can", "check", "-"}, tt.flags...)}
			if stdout, stderr, exit := c.run(t); exit != tt.exit {
				t.Errorf("exit %d, want %d\n%s%s", exit, tt.exit, stdout, stderr)
			}
		})
	}
}

// subjectsAndScopes prints who, where and through which binding, rule and
// group; the pods of service accounts are read live with -o wide only.
const subjectsAndScopes = `go-template={{range .subjects}}{{.kind}} {{.namespace}} {{.name}}: {{.scopes}}{{"\n"}}{{end}}`

// TestSnapshotAnswersAsLive compares answers from a saved snapshot with live
// ones, and looks for the values of Secrets in the file.
func TestSnapshotAnswersAsLive(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cluster.json")
	_, stderr, exit := run(t, harness.Admin, "snapshot", "save", file, "-v=9")
	if exit != 0 {
		t.Fatalf("exit %d: %s", exit, stderr)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"e2e-secret-value", "ZTJlLXNlY3JldC12YWx1ZQ"} {
		if strings.Contains(string(data), secret) || strings.Contains(stderr, secret) {
			t.Errorf("%s is in the snapshot or in the log", secret)
		}
	}
	for _, question := range [][]string{
		{"get", "secrets", "-n", "billing"}, {"get", "nodes"}, {"get", "/version"}, {"escalate", "clusterroles"}, {"get", "pods/log", "-n", "kube-system"},
	} {
		args := append([]string{"who-can", "-o", subjectsAndScopes}, question...)
		live := mustRun(t, harness.Admin, args...)
		offline := mustRun(t, harness.Admin, append(args, "-f", file)...)
		if diff := cmp.Diff(live, offline); diff != "" || len(live) < 10 {
			t.Errorf("%v, -live +saved:\n%s", question, diff)
		}
	}
}

// TestPermissionsSuffice gives a service account exactly what "permissions"
// prints and runs the command as it.
func TestPermissionsSuffice(t *testing.T) {
	t.Parallel()
	cp := ownCluster(t)
	role := ask(t, cp, auditor, "permissions", "who-can", "-o", "yaml")
	role = strings.Replace(role, "name: ", "name: e2e-permissions-", 1)
	_, rest, _ := strings.Cut(role, "e2e-permissions-")
	name := "e2e-permissions-" + strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("\n ,}", r) })[0]
	err := cp.ApplyYAML(t.Context(), []byte(role+`
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: billing}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: `+name+`}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: `+name+`}
subjects: [{kind: ServiceAccount, name: reader, namespace: billing}]
`))
	if err != nil {
		t.Fatalf("%v\n%s", err, role)
	}
	kubeconfig, err := cp.ServiceAccountKubeconfig(t.Context(), "billing", "reader")
	if err != nil {
		t.Fatal(err)
	}
	c := command{kubeconfig: kubeconfig, args: []string{"who-can", "get", "secrets", "-A", "--verify", "-o", "wide", "--require-complete"}}
	if stdout, stderr, exit := c.run(t); exit != 0 || strings.Contains(stdout, "? no answer") {
		t.Errorf("exit %d\n%s%s", exit, stdout, stderr)
	}
}
