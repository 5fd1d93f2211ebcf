package apiresource_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// widgets is a custom type as a definition or discovery gives it.
func widgets() apiresource.Resource {
	return apiresource.Resource{
		Group: "example.org", Version: "v1", Name: "widgets", Singular: "widget", Kind: "Widget", ShortNames: []string{"wd"},
		Namespaced: true, Verbs: []string{"get", "list"}, Subresources: []apiresource.Subresource{{Name: "status", Verbs: []string{"get"}}},
	}
}

func TestResolve(t *testing.T) {
	pods := apiresource.Resource{Group: "other.example.org", Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", ShortNames: []string{"po", "svc"}}
	things := apiresource.Resource{Group: "v1.example.org", Version: "v1", Name: "things", Kind: "Thing"}
	catalog := apiresource.NewCatalog(widgets(), pods, things)
	tests := []struct {
		typed      string
		want       string // TYPE.GROUP
		namespaced bool
		unknown    bool
	}{
		{"pods", "pods", true, false},
		{"pod", "pods", true, false},
		{"po", "pods", true, false},
		{"Pod", "pods", true, false},
		{"PODS", "pods", true, false},
		{"pods.other.example.org", "pods.other.example.org", false, false},
		{"po.other.example.org", "pods.other.example.org", false, false},
		{"svc", "services", true, false},
		{"deploy", "deployments.apps", true, false},
		{"deployments.apps", "deployments.apps", true, false},
		{"deployments.v1.apps", "deployments.apps", true, false},
		{"deployment.v1.apps", "deployments.apps", true, false},
		{"ns", "namespaces", false, false},
		{"node", "nodes", false, false},
		{"events", "events", true, false},
		{"events.events.k8s.io", "events.events.k8s.io", true, false},
		{"ing", "ingresses.networking.k8s.io", true, false},
		{"clusterroles", "clusterroles.rbac.authorization.k8s.io", false, false},
		{"crd", "customresourcedefinitions.apiextensions.k8s.io", false, false},
		{"csr", "certificatesigningrequests.certificates.k8s.io", false, false},
		{"widgets", "widgets.example.org", true, false},
		{"wd", "widgets.example.org", true, false},
		{"Widget", "widgets.example.org", true, false},
		{"users", "users", false, false},
		{"groups", "groups", false, false},
		{"uids", "uids.authentication.k8s.io", false, false},
		{"userextras", "userextras.authentication.k8s.io", false, false},
		{"signers", "signers.certificates.k8s.io", false, false},
		{"psp", "podsecuritypolicies.policy", false, false},
		{"scc", "securitycontextconstraints.security.openshift.io", false, false},
		{"gadgets.example.org", "gadgets.example.org", true, true},
		{"Gadgets.Example.Org", "gadgets.example.org", true, true},
		{"secrets.example.org", "secrets.example.org", true, true},
		{"gadgets.v1.example.org", "gadgets.example.org", true, true},
		{"gadgets.V2Beta1.Example.org", "gadgets.example.org", true, true},
		{"gadgets.v2alpha3.org", "gadgets.org", true, true},
		{"gadgets.v1", "gadgets.v1", true, true}, // one dot: TYPE.GROUP
		{"gadgets.v1.", "gadgets.v1.", true, true},
		{"gadgets.v2ray.org", "gadgets.v2ray.org", true, true},
		{"gadgets.v1beta.org", "gadgets.v1beta.org", true, true},
		{"gadgets.vbeta1.org", "gadgets.vbeta1.org", true, true},
		{"gadgets.v.org", "gadgets.v.org", true, true},
		{"gadgets.stable.example.org", "gadgets.stable.example.org", true, true},
		{"things.v1.example.org", "things.v1.example.org", false, false}, // a known group that looks like VERSION.GROUP
		{"*", "*.*", true, false},
		{"*.*", "*.*", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			got, err := catalog.Resolve(tt.typed)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want || got.Namespaced != tt.namespaced || got.Unknown != tt.unknown {
				t.Errorf("Resolve = %s namespaced %t unknown %t, want %s %t %t", got, got.Namespaced, got.Unknown, tt.want, tt.namespaced, tt.unknown)
			}
		})
	}
}

// The version that was left out of an unknown type's group is told.
func TestResolveUnknownVersion(t *testing.T) {
	for typed, want := range map[string]string{"gadgets.v1.example.org": "v1", "gadgets.example.org": "", "gadgets.v2ray.org": ""} {
		if r, err := apiresource.NewCatalog().Resolve(typed); err != nil || r.Version != want {
			t.Errorf("%s: version %q, %v, want %q", typed, r.Version, err, want)
		}
	}
}

func TestResolveUnknown(t *testing.T) {
	catalog := apiresource.NewCatalog()
	tests := []struct {
		typed   string
		similar string // must be suggested; "" for no suggestion at all
	}{
		{"deploymets", "deployments.apps"},
		{"secert", "secrets"},
		{"podz", "pods"},
		{"widgets", ""},
		{"", ""},
		{".apps", ""},
		{"pods..apps", ""},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			_, err := catalog.Resolve(tt.typed)
			var unknown *apiresource.UnknownTypeError
			if !errors.As(err, &unknown) {
				t.Fatalf("Resolve = %v, want an UnknownTypeError", err)
			}
			switch {
			case tt.similar == "" && len(tt.typed) > 3 && len(unknown.Similar) > 0:
				t.Errorf("suggests %v", unknown.Similar)
			case tt.similar != "" && !slices.Contains(unknown.Similar, tt.similar):
				t.Errorf("suggests %v, not %s", unknown.Similar, tt.similar)
			case len(unknown.Similar) > 3:
				t.Errorf("suggests too many: %v", unknown.Similar)
			}
		})
	}
}

func TestCatalogServedTypeReplacesBuiltin(t *testing.T) {
	served := apiresource.Resource{Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", Namespaced: true, Verbs: []string{"get"}}
	catalog := apiresource.NewCatalog(served, widgets(), widgets())
	got, err := catalog.Resolve("pods")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"get"}, got.Verbs); diff != "" {
		t.Errorf("the built-in type is used where the server's own is known:\n%s", diff)
	}
	count := 0
	for _, r := range catalog.Resources() {
		if r.Name == "widgets" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("a type that is given twice is there %d times", count)
	}
}

func TestCatalogLookup(t *testing.T) {
	catalog := apiresource.NewCatalog(widgets())
	if r, ok := catalog.Lookup(schema.GroupResource{Group: "apps", Resource: "deployments"}); !ok || r.Kind != "Deployment" {
		t.Errorf("Lookup(deployments.apps) = %v %t", r, ok)
	}
	if r, ok := catalog.Lookup(schema.GroupResource{Resource: "deployments"}); ok {
		t.Errorf("Lookup of a type in the wrong group found %v", r)
	}
	if r, ok := catalog.LookupKind(schema.GroupKind{Group: "example.org", Kind: "Widget"}); !ok || r.Name != "widgets" {
		t.Errorf("LookupKind(Widget) = %v %t", r, ok)
	}
	// Virtual types have no objects, so no kind leads to them.
	if r, ok := catalog.LookupKind(schema.GroupKind{Kind: "User"}); ok {
		t.Errorf("LookupKind(User) = %v", r)
	}
}
