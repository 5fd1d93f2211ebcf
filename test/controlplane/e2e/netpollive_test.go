package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// networkReader may list all that an answer of netpol-sim needs but for the
// policies themselves.
const networkReader = "netreader@shop.example"

// netpolAnswer is an answer of netpol-sim but for where it comes from.
type netpolAnswer struct {
	Incomplete bool
	Query      any
	Verdict    string
	Doubts     any
	Flows      []any
}

// TestNetpolLive: the demonstration cluster answers from the API server as it
// does from its files.
func TestNetpolLive(t *testing.T) {
	t.Parallel()
	objects, files := demoNetwork(t)
	cp := harness.Start(t, harness.Options{
		Binary: shared.controlPlane, Users: []harness.User{{Name: networkReader}, {Name: networkLead}}, Logf: logf,
		APIServerFlags: []string{
			"--service-cluster-ip-range=10.96.0.0/16",
			// The pods are those of the files, whatever else they would need.
			"--disable-admission-plugins=ServiceAccount,PodSecurity,Priority,RuntimeClass,DefaultTolerationSeconds",
		},
	})
	if err := cp.Apply(t.Context(), slices.Concat(objects, networkReaderRights(), networkLeadRights())...); err != nil {
		t.Fatal(err)
	}
	t.Run("as it is", func(t *testing.T) {
		testNetpolFlows(t, cp, files)
		testNetpolCommands(t, cp, files)
		testNetpolConfined(t, cp)
	})
	t.Run("applied", func(t *testing.T) { testNetpolApplied(t, cp) })
}

// testNetpolFlows asks about single flows.
func testNetpolFlows(t *testing.T, cp *harness.ControlPlane, files string) {
	t.Helper()
	t.Run("policies are there", func(t *testing.T) {
		stored, err := clientOf(t, cp, harness.Admin).NetworkingV1().NetworkPolicies("").List(t.Context(), metav1.ListOptions{})
		if err != nil || len(stored.Items) == 0 {
			t.Fatalf("%d policies, %v", len(stored.Items), err)
		}
	})
	for _, tt := range netpolQuestions() {
		t.Run(tt.question, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"netpol-sim", "-o", "json"}, strings.Fields(tt.question)...)
			want := decodeNetpol(t, command{args: append(slices.Clone(args), "-f", files)})
			got := decodeNetpol(t, command{cluster: cp, user: harness.Admin, args: args})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-files +server):\n%s", diff)
			}
			if got.Incomplete || got.Verdict != tt.verdict {
				t.Errorf("verdict %s, incomplete %t, want %s and complete", got.Verdict, got.Incomplete, tt.verdict)
			}
		})
	}
	t.Run("policies are not readable", func(t *testing.T) {
		t.Parallel()
		c := command{cluster: cp, user: networkReader, args: []string{
			"netpol-sim", "shop/deploy/web", "shop/deploy/cart", "-p", "9090", "-o", "json",
		}}
		stdout, stderr, exit := c.run(t)
		found, incomplete := gaps(t, stdout)
		if exit != 0 || !incomplete || len(found) != 1 || found["networkpolicies"] != "forbidden" {
			t.Errorf("exit %d, incomplete %t, gaps %v, want the policies to be one; stderr:\n%s", exit, incomplete, found, stderr)
		}
		if !strings.Contains(stdout, `"verdict": "Undefined"`) || strings.Contains(stdout, "no policy isolates it") {
			t.Errorf("a verdict without the policies:\n%s", stdout)
		}
		c.args = append(c.args, "--require-complete")
		if _, _, exit := c.run(t); exit != 4 {
			t.Errorf("with --require-complete: exit %d, want 4", exit)
		}
	})
}

// netpolQuestions are about every kind of endpoint and every kind of verdict.
func netpolQuestions() []struct{ question, verdict string } {
	return []struct{ question, verdict string }{
		{"shop/deploy/web shop/svc/cart", "Allowed"},
		{"shop/deploy/web shop/deploy/cart -p http", "Allowed"},
		{"shop/deploy/cart shop/svc/checkout -p 8080", "Denied"},
		{"shop/deploy/checkout shop/svc/orders-db", "Allowed"},
		{"monitoring/statefulset/prometheus shop/deploy/checkout -p 9090-9100", "Partly"},
		{"payments/deploy/payment-api payments/svc/fraud-scorer", "Denied"},
		{"payments/deploy/payment-api 198.51.100.0/24 -p 443", "Partly"},
		{"payments/deploy/payment-api internet", "Denied"}, // its ipBlock is reserved for documentation
		{"shop/deploy/web internet", "Allowed"},
		{"shop/deploy/checkout payments/svc/payment-api", "Allowed"},
		{"warehouse/deploy/legacy-erp warehouse/svc/erp-gateway", "Allowed"},
		{"shop/deploy/web warehouse/svc/erp-gateway", "Allowed"},
		{"node/worker-1 shop/deploy/web -p 8080", "Partly"},
		{"labels:ns=shop,app=backup shop/statefulset/orders-db -p 5432", "Allowed"},
		{"203.0.113.77 platform/svc/ingress-nginx -p 443", "Allowed"},
		{"shop/deploy/web shop/deploy/catalog -p icmp", "Undefined"},
		{"ns/shop ns/payments -p 8443", "Partly"},
	}
}

func decodeNetpol(t *testing.T, c command) netpolAnswer {
	t.Helper()
	stdout, stderr, exit := c.run(t)
	var a netpolAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || exit != 0 {
		t.Fatalf("exit %d, %v, stderr:\n%s", exit, err, stderr)
	}
	dropOrigins(a.Flows)
	return a
}

// dropOrigins removes the places in files that objects come from.
func dropOrigins(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			dropOrigins(element)
		}
	case map[string]any:
		for _, place := range []string{"origin", "file", "line"} {
			delete(v, place)
		}
		for _, field := range v {
			dropOrigins(field)
		}
	}
}

// demoNetwork returns the objects of the demonstration cluster that flows
// depend on, and a directory with all of its files.
func demoNetwork(t *testing.T) (objects []runtime.Object, directory string) {
	t.Helper()
	directory = t.TempDir()
	if err := os.CopyFS(directory, demo.FS()); err != nil {
		t.Fatal(err)
	}
	kinds := []string{
		"Namespace", "Node", "Pod", "Service", "EndpointSlice", "NetworkPolicy",
		"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job",
	}
	err := filepath.WalkDir(directory, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		found, err := harness.Parse(text)
		for _, obj := range found {
			// The API server has its own of the name, with endpoints that it keeps.
			own := obj.(*unstructured.Unstructured).GetNamespace() == metav1.NamespaceDefault
			if !own && slices.Contains(kinds, obj.GetObjectKind().GroupVersionKind().Kind) {
				objects = append(objects, obj)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects, directory
}

func networkReaderRights() []runtime.Object {
	list := func(group string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{group}, Resources: resources}
	}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "e2e:network-readers"}, Rules: []rbacv1.PolicyRule{
		list("", "namespaces", "nodes", "pods", "services"),
		list("apps", "*"), list("batch", "*"), list("discovery.k8s.io", "endpointslices"),
		list(networkingv1.GroupName, "ingresses"),
	}}
	return []runtime.Object{role, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: networkReader}},
	}}
}
