package live_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

func discoveryGroup(name string, versions ...apidiscoveryv2.APIVersionDiscovery) apidiscoveryv2.APIGroupDiscovery {
	return apidiscoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: name}, Versions: versions}
}

func discoveryVersion(version string, resources ...apidiscoveryv2.APIResourceDiscovery) apidiscoveryv2.APIVersionDiscovery {
	return apidiscoveryv2.APIVersionDiscovery{Version: version, Resources: resources, Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent}
}

func discoveryResource(plural, kind string, scope apidiscoveryv2.ResourceScope, subresources ...string) apidiscoveryv2.APIResourceDiscovery {
	r := apidiscoveryv2.APIResourceDiscovery{
		Resource: plural, SingularResource: strings.ToLower(kind), Scope: scope, Verbs: []string{"get", "list"},
		ResponseKind: &metav1.GroupVersionKind{Kind: kind},
	}
	for _, sub := range subresources {
		r.Subresources = append(r.Subresources, apidiscoveryv2.APISubresourceDiscovery{
			Subresource: sub, Verbs: []string{"get"}, ResponseKind: &metav1.GroupVersionKind{Kind: kind},
		})
	}
	return r
}

// discoverable is a server of a few types; metrics.k8s.io is down.
func discoverable(t *testing.T, legacyOnly bool) *apiserver.Server {
	t.Helper()
	server := apiserver.Start(t, shop()...)
	down := apidiscoveryv2.APIVersionDiscovery{Version: "v1beta1", Freshness: apidiscoveryv2.DiscoveryFreshnessStale}
	server.SetDiscovery(
		[]apidiscoveryv2.APIGroupDiscovery{discoveryGroup("", discoveryVersion("v1",
			discoveryResource("nodes", "Node", apidiscoveryv2.ScopeCluster),
			discoveryResource("pods", "Pod", apidiscoveryv2.ScopeNamespace, "log", "exec"),
		))},
		[]apidiscoveryv2.APIGroupDiscovery{
			discoveryGroup("example.org",
				discoveryVersion("v1", discoveryResource("widgets", "Widget", apidiscoveryv2.ScopeNamespace)),
				discoveryVersion("v1beta1",
					discoveryResource("gadgets", "Gadget", apidiscoveryv2.ScopeCluster),
					discoveryResource("widgets", "OldWidget", apidiscoveryv2.ScopeCluster, "status"),
				),
			),
			discoveryGroup("metrics.k8s.io", down),
		},
		legacyOnly,
	)
	server.Inject("/apis/metrics.k8s.io/*", apiserver.Text(503, -1, "text/plain", "service unavailable"))
	return server
}

func wantTypes() []apiresource.Resource {
	verbs := []string{"get", "list"}
	sub := func(name string) apiresource.Subresource {
		return apiresource.Subresource{Name: name, Verbs: []string{"get"}}
	}
	return []apiresource.Resource{
		{Version: "v1", Name: "nodes", Singular: "node", Kind: "Node", Verbs: verbs},
		{Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", Namespaced: true, Verbs: verbs, Subresources: []apiresource.Subresource{sub("exec"), sub("log")}},
		{Group: "example.org", Version: "v1", Name: "widgets", Singular: "widget", Kind: "Widget", Namespaced: true, Verbs: verbs, Subresources: []apiresource.Subresource{sub("status")}},
		{Group: "example.org", Version: "v1beta1", Name: "gadgets", Singular: "gadget", Kind: "Gadget", Verbs: verbs},
	}
}

func TestDiscover(t *testing.T) {
	for name, legacy := range map[string]bool{"aggregated": false, "before 1.27": true} {
		t.Run(name, func(t *testing.T) {
			server := discoverable(t, legacy)
			client := discovery.NewDiscoveryClientForConfigOrDie(server.Config())
			types, gaps, err := live.Discover(t.Context(), client)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantTypes(), types); diff != "" {
				t.Errorf("types (-want +got):\n%s", diff)
			}
			if len(gaps) != 1 || gaps[0].Group != "metrics.k8s.io" || gaps[0].Reason != snapshot.TimedOut || !strings.Contains(gaps[0].Detail, "metrics.k8s.io/v1beta1") {
				t.Errorf("gaps %v", gaps)
			}
			if got := len(server.Requests("*")); !legacy && got != 2 {
				t.Errorf("%d requests, want 2", got)
			}
		})
	}
}

// TestDiscoverWithTheCachedClient makes two requests and never answers from
// files that are out of date.
func TestDiscoverWithTheCachedClient(t *testing.T) {
	server := discoverable(t, false)
	dir := t.TempDir()
	for range 2 {
		client, err := disk.NewCachedDiscoveryClientForConfig(server.Config(), filepath.Join(dir, "discovery"), filepath.Join(dir, "http"), 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		server.ForgetRequests()
		types, _, err := live.Discover(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if len(types) != 4 || len(server.Requests("*")) != 2 {
			t.Errorf("%d types after %d requests", len(types), len(server.Requests("*")))
		}
	}
}

func TestDiscoverSubresourcesWithoutTheirType(t *testing.T) {
	server := apiserver.Start(t)
	console := discoveryResource("machines", "", apidiscoveryv2.ScopeNamespace, "console")
	console.ResponseKind, console.Verbs = nil, nil
	console.Subresources[0].ResponseKind.Kind = "Machine"
	server.SetDiscovery(nil, []apidiscoveryv2.APIGroupDiscovery{discoveryGroup("subresources.example.org", discoveryVersion("v1", console))}, false)
	types, _, err := live.Discover(t.Context(), discovery.NewDiscoveryClientForConfigOrDie(server.Config()))
	if err != nil {
		t.Fatal(err)
	}
	if len(types) != 1 || types[0].Name != "machines" || !types[0].HasSubresource("console") || types[0].Serves("list", "") {
		t.Errorf("types %+v", types)
	}
}

func TestDiscoverErrors(t *testing.T) {
	t.Run("dead server", func(t *testing.T) {
		host := deadServer(t)
		client := discovery.NewDiscoveryClientForConfigOrDie(&rest.Config{Host: host})
		_, _, err := live.Discover(t.Context(), client)
		var connect *live.ConnectError
		if !errors.As(err, &connect) || connect.Server != host {
			t.Errorf("error %v (%T)", err, err)
		}
	})
	t.Run("expired token", func(t *testing.T) {
		server := apiserver.Start(t)
		server.Inject("/*", apiserver.Unauthorized())
		_, _, err := live.Discover(t.Context(), discovery.NewDiscoveryClientForConfigOrDie(server.Config()))
		if _, ok := errors.AsType[*live.UnauthorizedError](err); !ok {
			t.Errorf("error %v (%T)", err, err)
		}
	})
	t.Run("beside lists that could be read", func(t *testing.T) {
		server := apiserver.Start(t, shop()...)
		server.Inject("/api", apiserver.Text(503, -1, "text/plain", "down"))
		client := discovery.NewDiscoveryClientForConfigOrDie(server.Config())
		snap := load(t, server, live.Options{Needs: rbacNeeds(), Discovery: client})
		wantGaps(t, snap, snapshot.Gap{Reason: snapshot.TimedOut})
		if got := len(names(snap)); got != 6 {
			t.Errorf("%d objects, want 6", got)
		}
	})
}

func TestLoadWithDiscovery(t *testing.T) {
	server := discoverable(t, false)
	client := discovery.NewDiscoveryClientForConfigOrDie(server.Config())
	snap := load(t, server, live.Options{Needs: rbacNeeds(), Discovery: client})
	if diff := cmp.Diff(wantTypes(), snap.Info().Resources); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	wantGaps(t, snap, snapshot.Gap{Group: "metrics.k8s.io", Reason: snapshot.TimedOut})
}
