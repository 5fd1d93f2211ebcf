package source_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// definition is a CustomResourceDefinition of a cluster-scoped type.
func definition(group, plural, singular, short string) string {
	return fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[2]s.%[1]s}
spec:
  group: %[1]s
  scope: Cluster
  names: {plural: %[2]s, singular: %[3]s, kind: X%[3]s, shortNames: [%[4]s]}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`, group, plural, singular, short)
}

func TestResolve(t *testing.T) {
	crd := definition("example.org", "widgets", "widget", "wdg")
	for name, args := range map[string][]string{"in the input": {"-f", "-"}, "in what is applied": {"--demo", "--with", file(t, crd)}} {
		t.Run(name, func(t *testing.T) {
			r, err := mustParse(t, crd, args...).Resolve(t.Context(), "get", "wdg")
			if err != nil || r.String() != "widgets.example.org" || r.Namespaced || r.Unknown {
				t.Errorf("resolved %+v, %v", r, err)
			}
		})
	}
	_, err := mustParse(t, crd, "-f", "-").Resolve(t.Context(), "get", "widgetz")
	help := strings.Join(fault.Help(err), "\n")
	if err == nil || !strings.Contains(help, "did you mean widgets.example.org?") || !strings.Contains(help, "widgetz.example.org") {
		t.Errorf("error %v, help:\n%s", err, help)
	}
}

// An object to remove is never one of RBAC's own types.
func TestWithoutNamesake(t *testing.T) {
	input := roles + "---" + definition("acme.io", "users", "user", "usr") + "---\napiVersion: acme.io/v1\nkind: Xuser\nmetadata: {name: alice}\n"
	if _, err := mustParse(t, input, "-f", "-", "--without", "users/alice").Load(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// liveSource is a source that reads the server.
func liveSource(t *testing.T, server *apiserver.Server, args ...string) *source.Source {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "kubeconfig")
	err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: server.Config().Host, CertificateAuthorityData: server.Config().CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: "t"}},
		Contexts:       map[string]*clientcmdapi.Context{"c": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "c",
	}, config)
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, "", append(args, "--kubeconfig", config, "--cache-dir", filepath.Join(dir, "cache"))...)
}

// serveUsers makes the server say that it serves users.user.openshift.io,
// and more groups.
func serveUsers(server *apiserver.Server, more ...apidiscoveryv2.APIGroupDiscovery) {
	server.SetDiscovery(nil, append(more, apidiscoveryv2.APIGroupDiscovery{
		ObjectMeta: metav1.ObjectMeta{Name: "user.openshift.io"},
		Versions: []apidiscoveryv2.APIVersionDiscovery{{
			Version: "v1",
			Resources: []apidiscoveryv2.APIResourceDiscovery{{
				Resource: "users", SingularResource: "user", Scope: apidiscoveryv2.ScopeCluster,
				ResponseKind: &metav1.GroupVersionKind{Group: "user.openshift.io", Version: "v1", Kind: "User"}, Verbs: []string{"get", "list"},
			}},
		}},
	}), false)
}

func TestResolveLive(t *testing.T) {
	widgets := file(t, definition("example.org", "widgets", "widget", "wdg"))
	users := file(t, definition("acme.io", "users", "user", "usr"))
	tests := []struct {
		name, verb, typed string
		args              []string
		want, namesakes   string
		asked             bool // discovery
	}{
		{"built in", "get", "pods", nil, "pods", "", false},
		{"only in what is applied", "get", "wdg", []string{"--with", widgets}, "widgets.example.org", "", true},
		{"in full", "get", "widgets.example.org", []string{"--with", widgets}, "widgets.example.org", "", true},
		{"served, with an RBAC type's name", "list", "users", nil, "users.user.openshift.io", "", true},
		{"identities", "impersonate", "users", nil, "users", "users.user.openshift.io", true},
		{"served and applied", "list", "users", []string{"--with", users}, "users.user.openshift.io", "users.acme.io", true},
		{"served, beside what is applied", "list", "users.user.openshift.io", []string{"--with", users}, "users.user.openshift.io", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t)
			serveUsers(server)
			r, err := liveSource(t, server, tt.args...).Resolve(t.Context(), tt.verb, tt.typed)
			if err != nil || r.String() != tt.want || strings.Join(r.Namesakes, " ") != tt.namesakes || r.Unknown {
				t.Errorf("resolved %+v, %v; want %s and %q", r, err, tt.want, tt.namesakes)
			}
			if asked := len(server.Requests("/apis")) > 0; asked != tt.asked {
				t.Errorf("discovery asked: %t", asked)
			}
		})
	}
}

// Without discovery it is not known what users one may list, but who is
// impersonated is.
func TestResolveLiveWithoutDiscovery(t *testing.T) {
	server := apiserver.Start(t)
	server.Inject("/api*", apiserver.Forbidden("me"))
	src := liveSource(t, server)
	if r, err := src.Resolve(t.Context(), "impersonate", "users"); err != nil || r.String() != "users" {
		t.Errorf("impersonate: resolved %+v, %v", r, err)
	}
	if r, err := src.Resolve(t.Context(), "list", "users"); err == nil {
		t.Errorf("list: resolved %+v", r)
	}
}

// What was not read cannot be missing: a live source reads some objects by
// name only.
func TestLiveWithout(t *testing.T) {
	needs := []snapshot.Need{
		{Type: schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"}, Namespace: "dev"},
		{Type: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Namespace: "kube-system", Name: "aws-auth", Optional: true},
	}
	for ref, missing := range map[string]bool{
		"dev/role/web":                   false,
		"dev/role/nosuch":                true,
		"prod/role/nosuch":               false,
		"kube-system/configmap/aws-auth": true,
		"kube-system/configmap/other":    false,
		"dev/rolebinding/nosuch":         false,
	} {
		t.Run(ref, func(t *testing.T) {
			server := apiserver.Start(t, testkit.Namespace("dev"), testkit.Role("dev", "web"))
			s, err := liveSource(t, server, "--without", ref).Load(t.Context(), needs)
			if (err != nil) != missing {
				t.Fatalf("error %v, want one: %t", err, missing)
			}
			if err == nil && ref == "dev/role/web" && len(names(s)) > 0 {
				t.Errorf("roles %q", names(s))
			}
		})
	}
}

// What was read beyond what was asked for can be removed as well.
func TestLiveWithoutElsewhere(t *testing.T) {
	server := apiserver.Start(t, testkit.Namespace("dev"), testkit.Role("dev", "web"), testkit.Role("prod", "web"))
	needs := []snapshot.Need{{
		Type:      schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
		Namespace: "dev", Widen: true,
	}}
	s, err := liveSource(t, server, "--without", "prod/role/web", "--without", "prod/role/nosuch").Load(t.Context(), needs)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(s), " "); got != "dev/web" {
		t.Errorf("roles %q", got)
	}
}

// A type may be one of a group that did not answer.
func TestResolveLiveBesideADeadGroup(t *testing.T) {
	server := apiserver.Start(t)
	serveUsers(server, apidiscoveryv2.APIGroupDiscovery{
		ObjectMeta: metav1.ObjectMeta{Name: "metrics.k8s.io"},
		Versions:   []apidiscoveryv2.APIVersionDiscovery{{Version: "v1beta1", Freshness: apidiscoveryv2.DiscoveryFreshnessStale}},
	})
	_, err := liveSource(t, server).Resolve(t.Context(), "get", "podmetrics")
	if help := strings.Join(fault.Help(err), "\n"); err == nil || !strings.Contains(help, "the types of metrics.k8s.io are not known") {
		t.Errorf("error %v, help %q", err, help)
	}
}
