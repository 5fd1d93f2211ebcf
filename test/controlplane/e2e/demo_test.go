package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// demoUsers are people of the demonstration cluster with the groups that their
// identity provider gives them.
func demoUsers() []harness.User {
	return []harness.User{
		{Name: "alice@example.org", Groups: []string{"oidc:oncall", "oidc:developers"}},
		{Name: "bob@example.org", Groups: []string{"oidc:shop-leads"}},
		{Name: "erin@example.org", Groups: []string{"oidc:auditors"}},
		{Name: "newcomer@example.org"},
	}
}

// demoAccounts are service accounts of the demonstration cluster,
// NAMESPACE/NAME.
func demoAccounts() []string {
	return []string{"shop/cart", "ci/deployer", "monitoring/grafana", "warehouse/inventory"}
}

// demoReaders lets demoUsers and demoAccounts read what an answer needs. The
// binding is none of the demonstration cluster's.
func demoReaders() []runtime.Object {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "e2e:readers"}, Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"serviceaccounts"}},
		{Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"*"}},
	}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
	}
	for _, u := range demoUsers() {
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: u.Name})
	}
	for _, account := range demoAccounts() {
		namespace, name, _ := strings.Cut(account, "/")
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name})
	}
	return []runtime.Object{role, binding}
}

// launchDemo starts a control plane with the demonstration cluster.
func (s *suite) launchDemo(ctx context.Context) (*harness.ControlPlane, error) {
	cp, err := s.keep(harness.Launch(ctx, harness.Options{
		Binary: s.controlPlane, ControllerManager: true, Users: demoUsers(), Logf: logf,
		// Those that work on permissions.
		ControllerManagerFlags: []string{"--controllers=clusterrole-aggregation-controller,serviceaccount-controller,namespace-controller"},
	}))
	if err != nil {
		return nil, err
	}
	objects, err := demoObjects()
	if err != nil {
		return nil, err
	}
	return cp, cp.Apply(ctx, append(objects, demoReaders()...)...)
}

// demoObjects reads the manifests of the demonstration cluster that bear on
// permissions. The others take long to load.
func demoObjects() ([]runtime.Object, error) {
	var out []runtime.Object
	err := fs.WalkDir(demo.FS(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(demo.FS(), file)
		if err != nil {
			return err
		}
		objects, err := harness.Parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, obj := range objects {
			switch kind := obj.GetObjectKind().GroupVersionKind(); {
			case kind.Group == rbacv1.GroupName, kind.Kind == "Namespace", kind.Kind == "ServiceAccount", kind.Kind == "CustomResourceDefinition":
				out = append(out, obj)
			}
		}
		return nil
	})
	return out, err
}

// demoCluster returns the control plane of launchDemo.
func demoCluster(t *testing.T) *harness.ControlPlane {
	t.Helper()
	cp, err := shared.demo()
	if err != nil {
		t.Fatalf("start the demonstration cluster: %v", err)
	}
	return cp
}

// demoAnswer is an answer of who-can but for where it comes from.
type demoAnswer struct {
	Incomplete bool
	Gaps       []any
	Query      map[string]any
	Subjects   []demoAccess
	ByName     []demoNamed
}

type demoNamed struct {
	Kind, Namespace, Name string

	ResourceNames []string
}

type demoAccess struct {
	Kind, Namespace, Name string

	Scopes         []demoScope
	Members        []demoSubject
	MembersUnknown bool
	Notes          []string
}

type demoSubject struct{ Kind, Namespace, Name string }

type demoScope struct {
	Namespace string
	Via       []demoVia
}

type demoVia struct {
	Binding, Role *demoSubject
	Rule          *int
	Through       string
	Builtin       string
}

// TestDemoOnRealServer: the demonstration cluster answers from the API server
// as it does from the program's files. The server has more bindings than the
// files, its own, and more service accounts, those of its controllers: they
// are left out.
func TestDemoOnRealServer(t *testing.T) {
	t.Parallel()
	cp := demoCluster(t)
	known, err := knownToDemo()
	if err != nil {
		t.Fatal(err)
	}
	for _, question := range demoQuestions() {
		t.Run(question, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"who-can", "-o", "json", "--server-version=1.36"}, strings.Fields(question)...)
			files := decodeDemo(t, command{args: append(args, "--demo")})
			server := decodeDemo(t, command{cluster: cp, user: harness.Admin, args: args})
			if diff := cmp.Diff(files.only(known), server.only(known)); diff != "" {
				t.Errorf("(-demo +server):\n%s", diff)
			}
			if len(files.Subjects) == 0 {
				t.Error("nobody is allowed: the question is no test")
			}
			if diff := cmp.Diff(files, files.only(known), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("a part of the demo's answer does not count:\n%s", diff)
			}
		})
	}
}

func decodeDemo(t *testing.T, c command) demoAnswer {
	t.Helper()
	stdout, stderr, exit := c.run(t)
	var a demoAnswer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || exit != 0 || a.Incomplete {
		t.Fatalf("exit %d, %v, incomplete %t, stderr:\n%s", exit, err, a.Incomplete, stderr)
	}
	return a
}

// knownToDemo returns the bindings and subjects that the files of the
// demonstration cluster name.
func knownToDemo() (map[demoSubject]bool, error) {
	objects, err := demoObjects()
	if err != nil {
		return nil, err
	}
	known := map[demoSubject]bool{{Kind: rbacv1.GroupKind, Name: "system:masters"}: true}
	for _, obj := range objects {
		u := obj.(*unstructured.Unstructured)
		known[demoSubject{u.GetKind(), u.GetNamespace(), u.GetName()}] = true
		if !strings.HasSuffix(u.GetKind(), "RoleBinding") {
			continue
		}
		var binding rbacv1.ClusterRoleBinding // has the same subjects as a RoleBinding
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &binding); err != nil {
			return nil, err
		}
		found := map[principal]bool{}
		addSubjects(found, binding.Subjects)
		for p := range found {
			known[demoSubject{p.kind, p.namespace, p.name}] = true
		}
	}
	return known, nil
}

// only returns the part of the answer that bindings and subjects of the set
// make up.
func (a demoAnswer) only(known map[demoSubject]bool) demoAnswer {
	out := a
	out.Subjects, out.ByName = nil, nil
	for _, n := range a.ByName {
		if known[demoSubject{n.Kind, n.Namespace, n.Name}] {
			out.ByName = append(out.ByName, n)
		}
	}
	for _, s := range a.Subjects {
		kept := s
		kept.Scopes, kept.Members = nil, nil
		for _, scope := range s.Scopes {
			part := demoScope{Namespace: scope.Namespace}
			for _, via := range scope.Via {
				if via.Binding == nil || known[*via.Binding] {
					part.Via = append(part.Via, via)
				}
			}
			if len(part.Via) > 0 {
				kept.Scopes = append(kept.Scopes, part)
			}
		}
		for _, member := range s.Members {
			if known[member] {
				kept.Members = append(kept.Members, member)
			}
		}
		if known[demoSubject{s.Kind, s.Namespace, s.Name}] && len(kept.Scopes) > 0 {
			out.Subjects = append(out.Subjects, kept)
		}
	}
	return out
}

func demoQuestions() []string {
	return []string{
		"get secrets -n shop",
		"get secrets -A",
		"list secrets -A",
		"get secret/psp-credentials -n payments",
		"create pods/exec -n payments",
		"create pods/exec -A",
		"create pods -n ci",
		"get pods/log -n shop",
		"list configmaps -A",
		"get configmaps -n payments",
		"list nodes",
		"get nodes/proxy",
		"* * -A",
		"escalate clusterroles",
		"bind clusterroles/cluster-admin",
		"impersonate users",
		"impersonate groups/oidc:sre",
		"create serviceaccounts/token -n platform",
		"delete namespaces/shop",
		"create rolebindings -n warehouse",
		"update deployments.apps -n shop",
		"patch deployments/scale -n shop",
		"list certificates.cert-manager.io -n shop",
		"get externalsecrets -A",
		"get /metrics",
		"get /healthz",
		"create clusterrolebindings",
		"approve certificatesigningrequests",
		"use podsecuritypolicies.policy -n shop",
		"watch pods -A",
	}
}
