package live_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

const rbacGroup = "rbac.authorization.k8s.io"

// wantGaps compares gaps without their details.
func wantGaps(t *testing.T, snap *snapshot.Snapshot, want ...snapshot.Gap) {
	t.Helper()
	if want == nil {
		want = []snapshot.Gap{}
	}
	if diff := cmp.Diff(want, snap.Gaps(), cmpopts.IgnoreFields(snapshot.Gap{}, "Detail")); diff != "" {
		t.Errorf("gaps (-want +got):\n%s\n%v", diff, snap.Gaps())
	}
}

func wantNames(t *testing.T, snap *snapshot.Snapshot, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, names(snap)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestForbidden(t *testing.T) {
	deny := apiserver.Forbidden("alice")
	everyRole := []string{"*v1.Role billing/auditor", "*v1.Role shop/reader"}
	gap := func(namespace string) snapshot.Gap {
		return snapshot.Gap{Group: rbacGroup, Resource: "roles", Namespace: namespace, Reason: snapshot.Forbidden}
	}
	tests := []struct {
		name      string
		deny      []string
		namespace string
		want      []string
		gaps      []snapshot.Gap
		detail    string // part of the first gap's
	}{
		{
			name: "all namespaces at once: read one by one",
			deny: []string{rbacPath + "roles"},
			want: everyRole,
		},
		{
			name:   "one namespace as well",
			deny:   []string{rbacPath + "roles", rbacPath + "namespaces/billing/roles"},
			want:   []string{"*v1.Role shop/reader"},
			gaps:   []snapshot.Gap{gap("billing")},
			detail: `cannot list resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "billing"`,
		},
		{
			name:   "every namespace: one gap says it",
			deny:   []string{rbacPath + "*"},
			gaps:   []snapshot.Gap{gap("")},
			detail: "at the cluster scope",
		},
		{
			name:      "the list of namespaces: only the given one is read",
			deny:      []string{rbacPath + "roles", corePath + "namespaces"},
			namespace: "shop",
			want:      []string{"*v1.Role shop/reader"},
			gaps:      []snapshot.Gap{{Group: rbacGroup, Resource: "roles", Except: []string{"shop"}, Reason: snapshot.Forbidden}},
			detail:    `only namespace "shop" could be read: roles.rbac`,
		},
		{
			name:      "the list of namespaces and the given one",
			deny:      []string{rbacPath + "*", corePath + "namespaces"},
			namespace: "shop",
			gaps:      []snapshot.Gap{gap("")},
			detail:    "roles.rbac.authorization.k8s.io is forbidden",
		},
		{
			name:   "the list of namespaces, and none is given",
			deny:   []string{rbacPath + "roles", corePath + "namespaces"},
			gaps:   []snapshot.Gap{gap("")},
			detail: "roles.rbac.authorization.k8s.io is forbidden",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			for _, path := range tt.deny {
				server.Inject(path, deny)
			}
			snap := load(t, server, live.Options{Needs: needs(rbac("roles")), Namespace: tt.namespace})
			wantNames(t, snap, tt.want...)
			wantGaps(t, snap, tt.gaps...)
			if tt.detail != "" && !strings.Contains(snap.Gaps()[0].Detail, tt.detail) {
				t.Errorf("detail %q, want %q in it", snap.Gaps()[0].Detail, tt.detail)
			}
		})
	}
}

// TestForbiddenNamespaces: whose list may not be read are read by their names,
// as far as these are known.
func TestForbiddenNamespaces(t *testing.T) {
	namespaces := schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	server := apiserver.Start(t, shop()...)
	server.Inject(corePath+"namespaces", apiserver.Forbidden("alice"))
	server.Inject(corePath+"namespaces/kube-system", apiserver.Forbidden("alice"))
	server.Inject(rbacPath+"roles", apiserver.Forbidden("alice"))
	server.Inject(rbacPath+"namespaces/kube-system/roles", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{
		Needs: needs(namespaces, rbac("roles")), Namespace: "shop", Also: []string{"billing", "shop", "kube-system", "gone"},
	})
	wantNames(t, snap, "*v1.Namespace billing", "*v1.Namespace shop", "*v1.Role billing/auditor", "*v1.Role shop/reader")
	wantGaps(t, snap,
		snapshot.Gap{Resource: "namespaces", Except: []string{"billing", "gone", "shop"}, Reason: snapshot.Forbidden},
		snapshot.Gap{Group: rbacGroup, Resource: "roles", Except: []string{"billing", "gone", "shop"}, Reason: snapshot.Forbidden})
	if got := len(server.Requests(corePath + "namespaces/shop")); got != 1 {
		t.Errorf("shop was read %d times", got)
	}
}

func TestForbiddenTypesShareTheListOfNamespaces(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"roles", apiserver.Forbidden("alice"))
	server.Inject(rbacPath+"rolebindings", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{Needs: rbacNeeds()})
	wantGaps(t, snap)
	if got := len(server.Requests(corePath + "namespaces")); got != 1 {
		t.Errorf("%d lists of namespaces, want 1", got)
	}
}

func TestForbiddenClusterScope(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"clusterroles", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{Needs: rbacNeeds(), Namespace: "shop"})
	wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "clusterroles", Reason: snapshot.Forbidden})
	if got := len(names(snap)); got != 5 {
		t.Errorf("%d objects, want the 5 others: %q", got, names(snap))
	}
	if got := server.Requests(corePath + "namespaces"); len(got) != 0 {
		t.Error("namespaces were listed for a type of cluster scope")
	}
}

func TestForbiddenCustomResources(t *testing.T) {
	object := func(kind, namespace string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "example.org/v1", "kind": kind,
			"metadata": map[string]any{"name": "one", "namespace": namespace},
		}}
	}
	custom := func(resource string) schema.GroupVersionResource {
		return schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: resource}
	}
	objects := append(shop(), object("Widget", "shop"), object("Policy", ""))
	unstructured.RemoveNestedField(objects[len(objects)-1].(*unstructured.Unstructured).Object, "metadata", "namespace")

	server := apiserver.Start(t, objects...)
	server.Inject("/apis/example.org/v1/widgets", apiserver.Forbidden("alice"))
	server.Inject("/apis/example.org/v1/policies", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{Needs: needs(custom("widgets"), custom("policies"))})
	wantNames(t, snap, "*unstructured.Unstructured shop/one")
	// The scope of policies is not known: they are looked for in namespaces.
	wantGaps(t, snap, snapshot.Gap{Group: "example.org", Resource: "policies", Reason: snapshot.Forbidden})
}

func TestNeedOfOneNamespace(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"namespaces/billing/roles", apiserver.Forbidden("alice"))
	snap := load(t, server, live.Options{Needs: []snapshot.Need{
		{Type: rbac("roles"), Namespace: "shop"},
		{Type: rbac("roles"), Namespace: "billing"},
	}})
	wantNames(t, snap, "*v1.Role shop/reader")
	wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Namespace: "billing", Reason: snapshot.Forbidden})
	if got := server.Requests(rbacPath + "roles"); len(got) != 0 {
		t.Error("all namespaces were asked for")
	}
}

// Where all namespaces may not be listed, those that other needs name are read
// too: a need that includes them must not lose them.
func TestFallbackReadsTheNamespacesOfNeeds(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	for _, path := range []string{rbacPath + "roles", corePath + "namespaces"} {
		server.Inject(path, apiserver.Forbidden("alice"))
	}
	snap := load(t, server, live.Options{Namespace: "shop", Needs: []snapshot.Need{
		{Type: rbac("roles"), Namespace: "billing"}, {Type: rbac("roles")},
	}})
	wantNames(t, snap, "*v1.Role billing/auditor", "*v1.Role shop/reader")
	wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Except: []string{"billing", "shop"}, Reason: snapshot.Forbidden})
}

// What may not be read is missed only where it is compared later.
func TestOptionalNeedsOfWholeSnapshots(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"roles", apiserver.Forbidden("alice"))
	server.Inject(rbacPath+"namespaces/*", apiserver.Forbidden("alice"))
	for whole, want := range map[bool]int{false: 0, true: 1} {
		snap := load(t, server, live.Options{Whole: whole, Needs: []snapshot.Need{{Type: rbac("roles"), Optional: true}}})
		if got := len(snap.Gaps()); got != want {
			t.Errorf("whole %t: gaps %v", whole, snap.Gaps())
		}
	}
}

func TestWidenedNeed(t *testing.T) {
	everyRole := []string{"*v1.Role billing/auditor", "*v1.Role shop/reader"}
	deny := apiserver.Forbidden("alice")
	gap := func(except []string, reason snapshot.Reason) snapshot.Gap {
		return snapshot.Gap{Group: rbacGroup, Resource: "roles", Except: except, Reason: reason}
	}
	for _, tt := range []struct {
		name  string
		fault map[string]apiserver.Fault
		want  []string
		gaps  []snapshot.Gap
	}{
		{"all may be read", nil, everyRole, nil},
		{
			"only the namespace's",
			map[string]apiserver.Fault{rbacPath + "roles": deny},
			[]string{"*v1.Role shop/reader"},
			[]snapshot.Gap{gap([]string{"shop"}, snapshot.Forbidden)},
		},
		{
			"nothing",
			map[string]apiserver.Fault{rbacPath + "roles": deny, rbacPath + "namespaces/shop/roles": deny},
			nil,
			[]snapshot.Gap{gap(nil, snapshot.Forbidden)},
		},
		{"the namespace's need not be", map[string]apiserver.Fault{rbacPath + "namespaces/shop/roles": deny}, everyRole, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			for path, fault := range tt.fault {
				server.Inject(path, fault)
			}
			snap := load(t, server, live.Options{Needs: []snapshot.Need{{Type: rbac("roles"), Namespace: "shop", Widen: true}}})
			wantNames(t, snap, tt.want...)
			wantGaps(t, snap, tt.gaps...)
			// Other namespaces are not asked one by one.
			if got := len(server.Requests(rbacPath + "namespaces/*")); got > 1 {
				t.Errorf("%d requests for namespaces", got)
			}
		})
	}
}

func TestNeedOfOneObject(t *testing.T) {
	tests := []struct {
		name  string
		need  snapshot.Need
		fault map[string]apiserver.Fault
		want  []string
		gaps  []snapshot.Gap
		path  string // of the request
	}{
		{
			name: "there", need: snapshot.Need{Type: core("configmaps"), Namespace: "shop", Name: "settings"},
			want: []string{"*v1.ConfigMap shop/settings"}, path: corePath + "namespaces/shop/configmaps/settings",
		},
		{
			name: "not there: that is an answer", need: snapshot.Need{Type: core("configmaps"), Namespace: "kube-system", Name: "aws-auth"},
			path: corePath + "namespaces/kube-system/configmaps/aws-auth",
		},
		{
			name: "forbidden", need: snapshot.Need{Type: core("configmaps"), Namespace: "shop", Name: "settings"},
			fault: map[string]apiserver.Fault{corePath + "namespaces/shop/configmaps/settings": apiserver.Forbidden("alice")},
			gaps:  []snapshot.Gap{{Resource: "configmaps", Namespace: "shop", Reason: snapshot.Forbidden}},
			path:  corePath + "namespaces/shop/configmaps/settings",
		},
		{
			name: "type not served", need: snapshot.Need{Type: schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "widgets"}, Namespace: "shop", Name: "one"},
			gaps: []snapshot.Gap{{Group: "example.org", Resource: "widgets", Namespace: "shop", Reason: snapshot.NotServed}},
			path: "/apis/example.org/v1/namespaces/shop/widgets/one",
		},
		{
			name: "cluster scope", need: snapshot.Need{Type: rbac("clusterroles"), Name: "view"},
			want: []string{"*v1.ClusterRole view"}, path: rbacPath + "clusterroles/view",
		},
		{
			name: "in any namespace", need: snapshot.Need{Type: rbac("roles"), Name: "reader"},
			want: []string{"*v1.Role shop/reader"}, path: rbacPath + "roles",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, append(shop(), testkit.Role("shop", "writer"))...)
			for path, fault := range tt.fault {
				server.Inject(path, fault)
			}
			snap := load(t, server, live.Options{Needs: []snapshot.Need{tt.need}})
			wantNames(t, snap, tt.want...)
			wantGaps(t, snap, tt.gaps...)
			if len(server.Requests(tt.path)) != 1 {
				t.Errorf("no request for %s: %v", tt.path, server.Requests("*"))
			}
		})
	}
}

func TestOptionalNeedsLeaveNoGap(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/apis/user.openshift.io/*", apiserver.NotServed())
	server.Inject(corePath+"serviceaccounts", apiserver.Forbidden("alice"))
	server.Inject(corePath+"namespaces", apiserver.Forbidden("alice"))
	groups := schema.GroupVersionResource{Group: "user.openshift.io", Version: "v1", Resource: "groups"}
	all := append(rbacNeeds(), snapshot.Need{Type: groups, Optional: true}, snapshot.Need{Type: core("serviceaccounts"), Optional: true})
	snap := load(t, server, live.Options{Needs: all, Namespace: "shop"})
	wantGaps(t, snap)
	if !slices.Contains(names(snap), "*v1.ServiceAccount shop/web") {
		t.Errorf("what may be read of an optional type is missing: %q", names(snap))
	}
}

// TestOptionalNeedsThatFailAreGaps: what may be there and did not arrive is
// missing.
func TestOptionalNeedsThatFailAreGaps(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject(corePath+"serviceaccounts", apiserver.Text(503, -1, "text/plain", "down"))
	server.Inject(corePath+"pods", apiserver.Text(200, -1, "text/html", "<html>log in</html>"))
	all := append(rbacNeeds(), snapshot.Need{Type: core("pods"), Optional: true}, snapshot.Need{Type: core("serviceaccounts"), Optional: true})
	wantGaps(t, load(t, server, live.Options{Needs: all}),
		snapshot.Gap{Resource: "pods", Reason: snapshot.Unparsable}, snapshot.Gap{Resource: "serviceaccounts", Reason: snapshot.TimedOut})
}

func TestNotServedIsAGap(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	server.Inject("/apis/networking.k8s.io/*", apiserver.NotServed())
	policies := schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"}
	snap := load(t, server, live.Options{Needs: needs(policies)})
	wantGaps(t, snap, snapshot.Gap{Group: "networking.k8s.io", Resource: "networkpolicies", Reason: snapshot.NotServed})
}

// TestForbiddenIfServed checks that types which decide are missed where they
// may not be read, unless the server says that there are none.
func TestForbiddenIfServed(t *testing.T) {
	policies := schema.GroupVersionResource{Group: "policy.networking.k8s.io", Version: "v1alpha2", Resource: "clusternetworkpolicies"}
	const path = "/apis/policy.networking.k8s.io/v1alpha2"
	list := func(name string) apiserver.Fault {
		return apiserver.Text(200, -1, "application/json", `{"kind":"APIResourceList","apiVersion":"v1","resources":[{"name":"`+name+`"}]}`)
	}
	for _, tt := range []struct {
		name   string
		answer apiserver.Fault
		gap    bool
	}{
		{"served", list("clusternetworkpolicies"), true},
		{"another type is", list("others"), false},
		{"not served", apiserver.NotServed(), false},
		{"it does not say", apiserver.Forbidden("alice"), true},
		{"no list", apiserver.Text(200, -1, "text/html", "<html>log in</html>"), true},
		{"another list", apiserver.Text(200, -1, "application/json", "{}"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, shop()...)
			server.Inject(path+"/*", apiserver.Forbidden("alice"))
			server.Inject(path, tt.answer)
			for _, sure := range []bool{true, false} {
				snap := load(t, server, live.Options{Needs: append(rbacNeeds(), snapshot.Need{Type: policies, Optional: true, IfServed: sure})})
				if got := len(snap.Gaps()) > 0; got != (tt.gap && sure) {
					t.Errorf("needed %t: gaps %v", sure, snap.Gaps())
				}
			}
		})
	}
}
