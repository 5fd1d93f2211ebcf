package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// demoServer serves what flows of the demonstration cluster depend on.
func demoServer(t *testing.T) *apiserver.Server {
	t.Helper()
	s, err := dir.LoadFS(t.Context(), demo.FS(), snapshot.Info{Source: snapshot.FromDemo}, demo.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	var objects []runtime.Object
	for object := range s.All() {
		switch object.(type) {
		case *corev1.Namespace, *corev1.Node, *corev1.Pod, *corev1.Service, *discoveryv1.EndpointSlice, *networkingv1.NetworkPolicy:
			objects = append(objects, object)
		}
	}
	return apiserver.Start(t, objects...)
}

// pathsOf are those of the types that flows depend on: of their lists in all
// namespaces.
func pathsOf(t *testing.T, resources ...string) []string {
	t.Helper()
	var paths []string
	for _, need := range network.Needs() {
		root := "/apis/" + need.Type.Group
		if need.Type.Group == "" {
			root = "/api"
		}
		for _, resource := range append(resources, "") {
			if resource == need.Type.Resource || len(resources) == 0 {
				paths = append(paths, root+"/"+need.Type.Version+"/"+need.Type.Resource)
				break
			}
		}
	}
	return paths
}

// confine lets the caller read what is in namespace shop, and nothing else.
func confine(t *testing.T, s *apiserver.Server) {
	t.Helper()
	paths := pathsOf(t)
	for _, api := range []string{"/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/discovery.k8s.io/v1", "/apis/networking.k8s.io/v1"} {
		paths = append(paths, api+"/namespaces/payments*", api+"/namespaces/default*")
	}
	for _, path := range paths {
		s.Inject(path, apiserver.Forbidden("lead"))
	}
}

// TestNetpolInOneNamespace: who may read one namespace gets whole answers about
// it, and elsewhere is not told that nothing is there.
func TestNetpolInOneNamespace(t *testing.T) {
	server := demoServer(t)
	confine(t, server)
	for _, tt := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // parts
	}{
		{"complete", []string{"shop/orders-db-0", "shop/svc/checkout", "-n", "default", "--require-complete"}, 0, "DENIED: shop/orders-db-0", ""},
		{"elsewhere", []string{"shop/orders-db-0", "payments/ledger-0"}, 1, "", "whether there is a pod ledger-0 in namespace payments is not known, since these could not be read: pods (forbidden)"},
		{"namespace", []string{"matrix", "-n", "payments"}, 1, "", "whether there is a namespace payments is not known"},
		{"all of nothing", []string{"matrix", "-A"}, 0, "", "pods in other namespaces than shop: forbidden"},
		{"reach", []string{"reach", "shop/orders-db-0", "-n", "default"}, 0, "", "pods in other namespaces than shop: forbidden"},
		{"generate", []string{"generate", "-n", "payments"}, 1, "", "no workload of namespace payments could be read: pods (forbidden)"},
		{"generate of", []string{"generate", "shop/orders-db-0", "-n", "default"}, 0, "kind: NetworkPolicy", ""},
		{"without", []string{"diff", "--without", "shop/netpol/default-deny", "-n", "default"}, 0, "removed: NetworkPolicy shop/default-deny", ""},
		{"without elsewhere", []string{"diff", "--without", "payments/netpol/default-deny"}, 1, "", "whether there is a payments/NetworkPolicy/default-deny is not known, since networkpolicies.networking.k8s.io could not be read (forbidden)"},
		{"address", []string{"10.244.200.1", "shop/orders-db-0", "--require-complete"}, 4, "10.244.200.1 may be the address of a pod", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := live(t, server.Config(), append([]string{"netpol-sim"}, tt.args...)...)
			r.wantCode(t, tt.code)
			wantIn(t, r.stdout, tt.stdout)
			wantIn(t, r.stderr, tt.stderr)
		})
	}
	t.Run("check", func(t *testing.T) {
		assertions := filepath.Join(t.TempDir(), "flows.yaml")
		if err := os.WriteFile(assertions, []byte("- {from: shop/orders-db-0, to: shop/svc/checkout, expect: deny}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := live(t, server.Config(), "netpol-sim", "check", assertions, "-n", "default", "--require-complete")
		r.wantCode(t, 0)
		wantIn(t, r.stdout, "1 passed")
	})
}

// TestNetpolNothingReadable: an answer about nothing is none.
func TestNetpolNothingReadable(t *testing.T) {
	server := demoServer(t)
	server.Inject("/api*", apiserver.Forbidden("nobody"))
	for _, tt := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"matrix"}, 1, "", "no workload of any namespace could be read: pods (forbidden)"},
		{[]string{"generate"}, 1, "", "no workload of namespace shop could be read: pods (forbidden)"},
		{[]string{"lint", "--require-complete"}, 4, "no findings in 0 namespaces", "unprotected pods, default deny and DNS are checked only where they were"},
		{[]string{"reach", "shop/web"}, 1, "", "whether there is a pod web in namespace shop is not known"},
	} {
		r := live(t, server.Config(), append([]string{"netpol-sim"}, tt.args...)...)
		r.wantCode(t, tt.code)
		wantIn(t, r.stdout, tt.stdout)
		wantIn(t, r.stderr, tt.stderr)
	}
}

// TestNetpolUnreadKinds: kinds of policies that are served and may not be read
// leave a gap; those that are not served leave none.
func TestNetpolUnreadKinds(t *testing.T) {
	server := demoServer(t)
	server.Inject("/apis/cilium.io/v2", apiserver.Text(200, -1, "application/json",
		`{"kind": "APIResourceList", "apiVersion": "v1", "resources": [{"name": "ciliumnetworkpolicies"}]}`))
	for _, path := range pathsOf(t, "ciliumnetworkpolicies", "globalnetworkpolicies") {
		server.Inject(path, apiserver.Forbidden("lead"))
	}
	r := live(t, server.Config(), "netpol-sim", "shop/orders-db-0", "shop/svc/checkout", "--require-complete")
	r.wantCode(t, 4)
	wantIn(t, r.stderr, "ciliumnetworkpolicies.cilium.io: forbidden")
	wantNotIn(t, r.stderr, "globalnetworkpolicies")
}
