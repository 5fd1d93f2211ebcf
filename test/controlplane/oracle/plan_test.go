package oracle

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/filters"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// planned are the numbers of TestPlan.
type planned struct {
	Requests int `json:"requests"` // HTTP requests compared
	Apply    int `json:"apply"`    // of them, the second check of server-side apply
	URLs     int `json:"urls"`     // of them, for no resource
}

// TestPlan sends the HTTP request that a question means through the API
// server's request parser and compares what authorizers get to see.
func TestPlan(t *testing.T) {
	n := &planned{}
	types := []apiresource.Resource{
		{Version: "v1", Name: "pods", Namespaced: true},
		{Version: "v1", Name: "secrets", Namespaced: true},
		{Version: "v1", Name: "serviceaccounts", Namespaced: true},
		{Version: "v1", Name: "namespaces"},
		{Version: "v1", Name: "nodes"},
		{Version: "v1", Name: "persistentvolumes"},
		{Group: "apps", Version: "v1", Name: "deployments", Namespaced: true},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterroles"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "roles", Namespaced: true},
		{Group: "certificates.k8s.io", Version: "v1", Name: "certificatesigningrequests"},
		{Group: "metrics.k8s.io", Version: "v1beta1", Name: "pods", Namespaced: true},
		// Custom resources may bear the names of built-in ones.
		{Group: "example.org", Version: "v1alpha1", Name: "namespaces"},
		{Group: "example.org", Version: "v1", Name: "namespaces", Namespaced: true},
	}
	verbs := []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
	for _, resource := range types {
		for _, verb := range verbs {
			for _, sub := range []string{"", "status", "finalize", "log", "scale"} {
				for _, name := range []string{"", "web", "status", "pods"} {
					for _, apply := range []bool{false, true} {
						q := rbac.Question{Verb: verb, Namespace: "dev", Apply: apply, Target: rbac.Target{Resource: resource, Subresource: sub, Name: name}}
						comparePlan(t, q, n)
						q.AllNamespaces = true
						comparePlan(t, q, n)
					}
				}
			}
		}
	}
	for _, verb := range []string{"get", "post", "put", "patch", "delete", "head", "options"} {
		for _, target := range []string{"/", "/healthz", "/healthz/", "/healthz/etcd?verbose=1", "/api", "/apis/apps", "/apis/apps/v1", "/metrics/a%2Fb", "/logs/kube-apiserver.log"} {
			compareURL(t, verb, target, n)
		}
	}
	t.Logf("oracle: %d HTTP requests parsed by the API server's code, %d of them for URLs, %d second checks of apply, 0 differ", n.Requests, n.URLs, n.Apply)
	record(t, "testdata/plan.json", n)
}

// TestPlanOfInvalidNames: the request parser takes a field selector by what
// cannot be the name of an object for none.
func TestPlanOfInvalidNames(t *testing.T) {
	n := &planned{}
	for _, verb := range []string{"list", "watch"} {
		for _, name := range []string{".", "..", "a/b", "50%", "...", "*", "a.b"} {
			comparePlan(t, rbac.Question{Verb: verb, Namespace: "dev", Target: rbac.Target{
				Resource: apiresource.Resource{Version: "v1", Name: "secrets", Namespaced: true}, Name: name,
			}}, n)
		}
	}
	if n.Requests != 14 {
		t.Errorf("%d requests compared", n.Requests)
	}
}

func comparePlan(t *testing.T, q rbac.Question, n *planned) {
	t.Helper()
	req, ok := httpRequest(q)
	if !ok {
		return
	}
	want := parse(t, req)
	if q.Apply && q.Verb == "create" && q.Target.Name != "" {
		// Handlers ask the second check with the attributes of the patch, and
		// another verb: createAuthorizerAttributes in endpoints/handlers/patch.go.
		want.Verb = "create"
		n.Apply++
	}
	n.Requests++
	if diff := cmp.Diff(want, q.Plan().Request); diff != "" {
		t.Errorf("%+v means %s %s (-API server +plan):\n%s", q, req.Method, req.URL, diff)
	}
}

func compareURL(t *testing.T, verb, target string, n *planned) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, &http.Request{Method: methods()[verb], URL: u})
	n.Requests++
	n.URLs++
	typed := u.Path
	if u.RawQuery != "" {
		typed += "?" + u.RawQuery
	}
	if diff := cmp.Diff(want, rbac.Question{Verb: verb, Namespace: "dev", Target: rbac.Target{Path: typed}}.Plan().Request); diff != "" {
		t.Errorf("%s %s (-API server +plan):\n%s", verb, target, diff)
	}
}

// parse returns what the API server makes of an HTTP request.
func parse(t *testing.T, req *http.Request) rbac.Request {
	t.Helper()
	factory := &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		t.Fatal(err)
	}
	attrs, err := filters.GetAuthorizerAttributes(request.WithRequestInfo(context.Background(), info))
	if err != nil {
		t.Fatal(err)
	}
	r := rbac.Request{
		Verb: attrs.GetVerb(), APIGroup: attrs.GetAPIGroup(), Resource: attrs.GetResource(),
		Subresource: attrs.GetSubresource(), Name: attrs.GetName(), Namespace: attrs.GetNamespace(),
	}
	if !attrs.IsResourceRequest() {
		r.Path = attrs.GetPath()
	}
	return r
}

// httpRequest writes the request that the question means, or false where
// there is none: a part of an object without the object's name, a part of a
// collection.
func httpRequest(q rbac.Question) (*http.Request, bool) {
	target := q.Target
	collection := slices.Contains([]string{"list", "watch", "deletecollection"}, q.Verb) || q.Verb == "create" && target.Subresource == "" && !q.Apply
	switch {
	case !collection && target.Name == "", collection && target.Subresource != "":
		return nil, false
	case q.AllNamespaces && target.Resource.Namespaced && (!collection || q.Verb == "create"):
		return nil, false // there is no such request across namespaces
	case q.Apply && q.Verb == "create" && target.Name == "":
		return nil, false
	case isNamespaces(target.Resource) && !slices.Contains([]string{"", "status", "finalize"}, target.Subresource):
		return nil, false // what follows a namespace is a type in it
	}
	method := methods()[q.Verb]
	if q.Apply && q.Verb == "create" {
		method = http.MethodPatch
	}
	parts := []string{"/apis", target.Resource.Group, target.Resource.Version}
	if target.Resource.Group == "" {
		parts = []string{"/api", target.Resource.Version}
	}
	if target.Resource.Namespaced && !q.AllNamespaces {
		parts = append(parts, "namespaces", q.Namespace)
	}
	parts = append(parts, target.Resource.Name)
	query := url.Values{}
	if !collection {
		parts = append(parts, target.Name, target.Subresource)
	} else if target.Name != "" && q.Verb != "create" {
		query.Set("fieldSelector", "metadata.name="+target.Name)
	}
	if q.Verb == "watch" {
		query.Set("watch", "true")
	}
	return &http.Request{Method: method, URL: &url.URL{Path: path.Join(parts...), RawQuery: query.Encode()}}, true
}

func isNamespaces(r apiresource.Resource) bool { return r.Name == "namespaces" && !r.Namespaced }

// methods are the HTTP methods of the verbs of resources and of URLs.
func methods() map[string]string {
	return map[string]string{
		"get": http.MethodGet, "list": http.MethodGet, "watch": http.MethodGet, "create": http.MethodPost, "update": http.MethodPut,
		"delete": http.MethodDelete, "deletecollection": http.MethodDelete, "patch": http.MethodPatch,
		"post": http.MethodPost, "put": http.MethodPut, "head": http.MethodHead, "options": http.MethodOptions,
	}
}
