package live_test

import (
	"fmt"
	"net/url"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

func manyRoles(n int) []runtime.Object {
	var objects []runtime.Object
	for i := range n {
		objects = append(objects, testkit.Role(fmt.Sprintf("ns-%d", i%7), fmt.Sprintf("role-%d", i), testkit.Rule("get", "", "pods")))
	}
	return objects
}

func TestPages(t *testing.T) {
	tests := []struct {
		name     string
		pageSize int64
		limits   []string // of the requests
	}{
		{name: "of 500 by default", limits: []string{"500", "500", "500"}},
		{name: "as asked for", pageSize: 601, limits: []string{"601", "601"}},
		{name: "as many as there are", pageSize: 1201, limits: []string{"1201"}},
		{name: "none", pageSize: -1, limits: []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, manyRoles(1201)...)
			var last live.Progress
			snap := load(t, server, live.Options{Needs: needs(rbac("roles")), PageSize: tt.pageSize, Progress: func(p live.Progress) { last = p }})
			if got := snapshot.Count[rbacv1.Role](snap); got != 1201 {
				t.Errorf("%d roles, want 1201", got)
			}
			requests := server.Requests(rbacPath + "roles")
			if len(requests) != len(tt.limits) {
				t.Fatalf("%d requests, want %d", len(requests), len(tt.limits))
			}
			for i, r := range requests {
				query, err := url.ParseQuery(r.Query)
				if err != nil || query.Get("limit") != tt.limits[i] || query.Has("continue") != (i > 0) {
					t.Errorf("request %d: %q (%v)", i, r.Query, err)
				}
			}
			want := live.Progress{Reading: rbac("roles").GroupResource(), Objects: 1201, TypesDone: 1, Types: 1}
			if last != want {
				t.Errorf("last progress %+v, want %+v", last, want)
			}
		})
	}
}

func TestPagesOfCustomResourcesAndSecrets(t *testing.T) {
	var objects []runtime.Object
	for i := range 1001 {
		objects = append(objects, testkit.Secret("shop", fmt.Sprintf("secret-%d", i), "x"), &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "example.org/v1", "kind": "Widget",
			"metadata": map[string]any{"namespace": "shop", "name": fmt.Sprintf("widget-%d", i)},
		}})
	}
	server := apiserver.Start(t, objects...)
	widgets := schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "widgets"}
	snap := load(t, server, live.Options{Needs: needs(widgets, core("secrets"))})
	wantGaps(t, snap)
	if got := len(names(snap)); got != 2002 {
		t.Errorf("%d objects, want 2002", got)
	}
	if a, b := len(server.Requests("/apis/example.org/v1/widgets")), len(server.Requests(corePath+"secrets")); a != 3 || b != 3 {
		t.Errorf("%d and %d requests, want 3 each", a, b)
	}
}

func TestPagesOfDefinitionsAreSmall(t *testing.T) {
	server := apiserver.Start(t, widgetCRD())
	load(t, server, live.Options{Needs: needs(live.CustomResourceDefinitions())})
	requests := server.Requests("/apis/apiextensions.k8s.io/*")
	if len(requests) != 1 || requests[0].Query != "limit=50" {
		t.Errorf("requests %v", requests)
	}
}

func TestExpiredListIsReadOnceMore(t *testing.T) {
	server := apiserver.Start(t, manyRoles(1201)...)
	server.Inject(rbacPath+"roles", apiserver.LaterPages(apiserver.Expired()))
	var last live.Progress
	snap := load(t, server, live.Options{Needs: needs(rbac("roles")), Progress: func(p live.Progress) { last = p }})
	wantGaps(t, snap)
	if got := snapshot.Count[rbacv1.Role](snap); got != 1201 || last.Objects != got {
		t.Errorf("%d roles, progress %+v, want 1201", got, last)
	}
	requests := server.Requests(rbacPath + "roles")
	if len(requests) != 3 || requests[2].Query != "" {
		t.Errorf("requests %v, want two pages and one whole list", requests)
	}
}

func TestFailureOfALaterPage(t *testing.T) {
	broken := apiserver.Text(500, -1, "text/plain", "etcdserver: leader changed")
	tests := []struct {
		name   string
		fault  apiserver.Fault
		reason snapshot.Reason
		want   int // roles
	}{
		{name: "expired twice", fault: apiserver.AfterFirst(apiserver.Expired()), reason: snapshot.Expired, want: 500},
		{name: "server error", fault: apiserver.LaterPages(broken), reason: snapshot.TimedOut, want: 500},
		{name: "no longer allowed", fault: apiserver.LaterPages(apiserver.Forbidden("alice")), reason: snapshot.Forbidden, want: 500},
		{name: "not an API answer", fault: apiserver.LaterPages(apiserver.Text(200, -1, "text/html", "<html>log in</html>")), reason: snapshot.Unparsable, want: 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := apiserver.Start(t, manyRoles(1201)...)
			server.Inject(rbacPath+"roles", tt.fault)
			snap := load(t, server, live.Options{Needs: needs(rbac("roles"))})
			wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Reason: tt.reason})
			if got := snapshot.Count[rbacv1.Role](snap); got != tt.want {
				t.Errorf("%d roles, want %d: what was read is kept", got, tt.want)
			}
		})
	}
}

func TestPageThatContinuesWithItself(t *testing.T) {
	server := apiserver.Start(t, shop()...)
	body := `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleList","metadata":{"continue":"again"},"items":[{"metadata":{"namespace":"a","name":"b"}}]}`
	server.Inject(rbacPath+"roles", apiserver.Text(200, -1, "application/json", body))
	snap := load(t, server, live.Options{Needs: needs(rbac("roles"))})
	wantGaps(t, snap, snapshot.Gap{Group: rbacGroup, Resource: "roles", Reason: snapshot.Unparsable})
	wantNames(t, snap, "*v1.Role a/b") // once, though it came twice
}

// TestObjectThatChangedBetweenPages is taken as it was read last.
func TestObjectThatChangedBetweenPages(t *testing.T) {
	page := func(next, label string) apiserver.Fault {
		return apiserver.Text(200, -1, "application/json", fmt.Sprintf(`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleList",
			"metadata":{"continue":%q},"items":[{"metadata":{"namespace":"a","name":"b","labels":{"seen":%q}}}]}`, next, label))
	}
	server := apiserver.Start(t, shop()...)
	server.Inject(rbacPath+"roles", apiserver.LaterPages(page("", "later")), page("more", "first"))
	snap := load(t, server, live.Options{Needs: needs(rbac("roles"))})
	wantNames(t, snap, "*v1.Role a/b")
	if got := snapshot.Get[rbacv1.Role](snap, "a", "b").Labels["seen"]; got != "later" {
		t.Errorf("the object as it was read %q", got)
	}
}
