package live_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

const (
	rbacPath = "/apis/rbac.authorization.k8s.io/v1/"
	corePath = "/api/v1/"
)

func core(resource string) schema.GroupVersionResource {
	return corev1.SchemeGroupVersion.WithResource(resource)
}

func rbac(resource string) schema.GroupVersionResource {
	return rbacv1.SchemeGroupVersion.WithResource(resource)
}

func needs(types ...schema.GroupVersionResource) []snapshot.Need {
	var out []snapshot.Need
	for _, gvr := range types {
		out = append(out, snapshot.Need{Type: gvr})
	}
	return out
}

func rbacNeeds() []snapshot.Need {
	return needs(rbac("roles"), rbac("clusterroles"), rbac("rolebindings"), rbac("clusterrolebindings"))
}

// shop is a small cluster of three namespaces.
func shop() []runtime.Object {
	return []runtime.Object{
		testkit.Namespace("billing"), testkit.Namespace("shop"), testkit.Namespace("kube-system"),
		testkit.Role("billing", "auditor", testkit.Rule("get", "", "pods")),
		testkit.Role("shop", "reader", testkit.Rule("get,list", "", "pods")),
		testkit.ClusterRole("view", testkit.Rule("get,list,watch", "", "pods")),
		testkit.RoleBinding("billing", "auditors", "Role/auditor", testkit.Group("audit")),
		testkit.RoleBinding("shop", "readers", "Role/reader", testkit.User("alice")),
		testkit.ClusterRoleBinding("viewers", "view", testkit.Group("ops")),
		testkit.ServiceAccount("shop", "web"),
		testkit.Secret("shop", "db", "hunter2"),
		testkit.ConfigMap("shop", "settings", "colour", "blue"),
	}
}

// load loads from the server and fails the test on an error.
func load(t *testing.T, s *apiserver.Server, opts live.Options) *snapshot.Snapshot {
	t.Helper()
	if opts.Config == nil {
		opts.Config = s.Config()
	}
	snap, err := live.Load(t.Context(), opts)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return snap
}

// names returns NAMESPACE/NAME (NAME alone for cluster scope) of every object.
func names(s *snapshot.Snapshot) []string {
	got := []string{}
	for obj := range s.All() {
		name := fmt.Sprintf("%T %s", obj, obj.GetName())
		if ns := obj.GetNamespace(); ns != "" {
			name = fmt.Sprintf("%T %s/%s", obj, ns, obj.GetName())
		}
		got = append(got, name)
	}
	slices.Sort(got)
	return got
}

func TestLoad(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	taken := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	snap := load(t, server, live.Options{Needs: rbacNeeds(), Now: func() time.Time { return taken }})

	want := []string{
		"*v1.ClusterRole view",
		"*v1.ClusterRoleBinding viewers",
		"*v1.Role billing/auditor",
		"*v1.Role shop/reader",
		"*v1.RoleBinding billing/auditors",
		"*v1.RoleBinding shop/readers",
	}
	if diff := cmp.Diff(want, names(snap)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]snapshot.Gap{}, snap.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	wantInfo := snapshot.Info{Source: snapshot.FromServer, Taken: taken, ServerVersion: apiserver.Version}
	if diff := cmp.Diff(wantInfo, snap.Info()); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
	if got := snapshot.Get[rbacv1.Role](snap, "shop", "reader").Rules[0].Verbs; !slices.Equal(got, []string{"get", "list"}) {
		t.Errorf("verbs = %q", got)
	}
	if got := len(server.Requests("*")); got != 5 {
		t.Errorf("%d requests, want 4 lists and the version: %v", got, server.Requests("*"))
	}
}

func TestIdentify(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	info := load(t, server, live.Options{Identify: true}).Info()
	if info.ClusterID != "Namespace//kube-system" || info.User != "kubernetes-admin" {
		t.Errorf("cluster %q, user %q", info.ClusterID, info.User)
	}
}
