package live_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kuberuntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// largeCluster has 300 namespaces with 20 roles and 20 role bindings each,
// with the managed fields that objects of real clusters have.
func largeCluster() []kuberuntime.Object {
	const namespaces, each = 300, 20
	managed := func(o metav1.Object) {
		o.SetManagedFields([]metav1.ManagedFieldsEntry{{
			Manager: "kubectl-create", Operation: "Update", APIVersion: "rbac.authorization.k8s.io/v1", FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/managed-by":{}}},"f:roleRef":{},"f:rules":{},"f:subjects":{}}`),
		}})
		o.SetLabels(map[string]string{"app.kubernetes.io/managed-by": "helm"})
	}
	objects := []kuberuntime.Object{}
	for i := range namespaces {
		ns := fmt.Sprintf("team-%03d", i)
		objects = append(objects, testkit.Namespace(ns))
		for j := range each {
			role := testkit.Role(ns, fmt.Sprintf("role-%02d", j), testkit.Rule("get,list,watch", "", "pods,services"), testkit.Rule("get,update", "apps", "deployments"))
			binding := testkit.RoleBinding(ns, fmt.Sprintf("binding-%02d", j), fmt.Sprintf("Role/role-%02d", j), testkit.User("alice@example.org"), testkit.SA(ns, "deployer"))
			managed(role)
			managed(binding)
			objects = append(objects, role, binding)
		}
	}
	for i := range 100 {
		name := fmt.Sprintf("cluster-%02d", i)
		objects = append(objects, testkit.ClusterRole(name, testkit.Rule("get", "", "nodes")), testkit.ClusterRoleBinding(name, name, testkit.Group("ops")))
	}
	return objects
}

// bareLists is what Load is compared with: the lists that the question
// needs, in parallel, with the typed clients. limit 0 asks for no pages.
func bareLists(ctx context.Context, client kubernetes.Interface, limit int64) error {
	rbac := client.RbacV1()
	pages := func(list func(metav1.ListOptions) (string, error)) error {
		opts := metav1.ListOptions{Limit: limit}
		for {
			next, err := list(opts)
			if err != nil || next == "" {
				return err
			}
			opts.Continue = next
		}
	}
	lists := []func(metav1.ListOptions) (string, error){
		func(o metav1.ListOptions) (string, error) {
			l, err := rbac.Roles("").List(ctx, o)
			return l.Continue, err
		},
		func(o metav1.ListOptions) (string, error) {
			l, err := rbac.RoleBindings("").List(ctx, o)
			return l.Continue, err
		},
		func(o metav1.ListOptions) (string, error) {
			l, err := rbac.ClusterRoles().List(ctx, o)
			return l.Continue, err
		},
		func(o metav1.ListOptions) (string, error) {
			l, err := rbac.ClusterRoleBindings().List(ctx, o)
			return l.Continue, err
		},
	}
	errs := make([]error, len(lists))
	var wg sync.WaitGroup
	for i, list := range lists {
		wg.Go(func() { errs[i] = pages(list) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkLoad compares Load with the bare lists on a large cluster: Load
// may take 1.5 times as long. The three take turns, and the best time of each
// counts, so that a busy machine does not decide. The server keeps its
// encoded answers: nearly all of the time is the client's.
func BenchmarkLoad(b *testing.B) {
	server := apiserver.Start(b, largeCluster()...)
	config := server.Config()
	config.QPS = -1
	client := kubernetes.NewForConfigOrDie(config)
	best := func(least *time.Duration, f func() error) {
		runtime.GC() // of what the others left
		begin := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		if took := time.Since(begin); *least == 0 || took < *least {
			*least = took
		}
	}
	var load, pages, whole time.Duration
	for b.Loop() {
		best(&load, func() error {
			_, err := live.Load(b.Context(), live.Options{Config: server.Config(), Needs: rbacNeeds()})
			return err
		})
		best(&pages, func() error { return bareLists(b.Context(), client, 500) })
		best(&whole, func() error { return bareLists(b.Context(), client, 0) })
	}
	b.ReportMetric(0, "ns/op") // of all three: no meaning
	b.ReportMetric(float64(load)/1e6, "ms/Load")
	b.ReportMetric(float64(load)/float64(pages), "x-bare-pages")
	b.ReportMetric(float64(load)/float64(whole), "x-bare-whole")
}

// TestMemory: what a Load of the large cluster allocates in all, the server's
// part included, is within the 150 MB that a command may have; what stays is
// a small part of it.
func TestMemory(t *testing.T) {
	server := apiserver.Start(t, largeCluster()...)
	load(t, server, live.Options{Needs: rbacNeeds()}) // the server's encoded pages are not counted
	before := memory()
	snap := load(t, server, live.Options{Needs: rbacNeeds()})
	after := memory()
	if got := snapshot.Count[rbacv1.Role](snap) + snapshot.Count[rbacv1.RoleBinding](snap); got != 12000 {
		t.Errorf("%d roles and role bindings, want 12000", got)
	}
	allocated, stays := after.TotalAlloc-before.TotalAlloc, int64(after.HeapAlloc)-int64(before.HeapAlloc)
	if allocated > 80<<20 || stays > 25<<20 {
		t.Errorf("allocates %d MB and keeps %d MB, want at most 80 and 25", allocated>>20, stays>>20)
	}
	runtime.KeepAlive(snap)
}

func memory() runtime.MemStats {
	runtime.GC()
	runtime.GC() // the first one leaves what pools hold
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}
