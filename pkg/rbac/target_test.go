package rbac_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// types are the API types of the tests about questions.
func types() *apiresource.Catalog { return apiresource.NewCatalog() }

func TestParseTarget(t *testing.T) {
	tests := []struct {
		name        string
		words       []string
		subresource string
		resource    string // RESOURCE.GROUP
		want        rbac.Target
	}{
		{name: "type", words: words("pods"), resource: "pods"},
		{name: "short name", words: words("po"), resource: "pods"},
		{name: "kind", words: words("Deployment"), resource: "deployments.apps"},
		{name: "type and group", words: words("deployments.apps"), resource: "deployments.apps"},
		{name: "served subresource", words: words("pods/log"), resource: "pods", want: rbac.Target{Subresource: "log"}},
		{name: "what is no subresource is a name", words: words("pods/web"), resource: "pods", want: rbac.Target{Name: "web"}},
		{name: "name apart", words: words("pods", "web"), resource: "pods", want: rbac.Target{Name: "web"}},
		{name: "name of a subresource, apart", words: words("pods", "log"), resource: "pods", want: rbac.Target{Name: "log"}},
		{name: "subresource and name apart", words: words("pods/log", "web"), resource: "pods", want: rbac.Target{Subresource: "log", Name: "web"}},
		{name: "explicit subresource", words: words("pods"), subresource: "log", resource: "pods", want: rbac.Target{Subresource: "log"}},
		{name: "explicit subresource and name", words: words("pods/web"), subresource: "log", resource: "pods", want: rbac.Target{Subresource: "log", Name: "web"}},
		{name: "a pod named log", words: words("pods/log"), subresource: "exec", resource: "pods", want: rbac.Target{Subresource: "exec", Name: "log"}},
		{name: "name, then subresource", words: words("pods/web/log"), resource: "pods", want: rbac.Target{Subresource: "log", Name: "web"}},
		{name: "subresource, then name", words: words("pods/log/web"), resource: "pods", want: rbac.Target{Subresource: "log", Name: "web"}},
		{name: "status of an unknown type", words: words("widgets.example.org/status"), resource: "widgets.example.org", want: rbac.Target{Subresource: "status"}},
		{name: "name of an unknown type", words: words("widgets.example.org/w1"), resource: "widgets.example.org", want: rbac.Target{Name: "w1"}},
		{name: "every type", words: words("*"), resource: "*.*"},
		{name: "scale of every type", words: words("*/scale"), resource: "*.*", want: rbac.Target{Subresource: "scale"}},
		{name: "signers hold slashes", words: words("signers/kubernetes.io/kubelet-serving"), resource: "signers.certificates.k8s.io", want: rbac.Target{Name: "kubernetes.io/kubelet-serving"}},
		{name: "user extras are subresources", words: words("userextras/scopes"), resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "scopes"}},
		{name: "user extras with a value", words: words("userextras/scopes/view"), resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "scopes", Name: "view"}},
		{name: "URL", words: words("/healthz/etcd"), want: rbac.Target{Path: "/healthz/etcd"}},
		{name: "root", words: words("/"), want: rbac.Target{Path: "/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rbac.ParseTarget(tt.words, tt.subresource, types().Resolve)
			if err != nil {
				t.Fatal(err)
			}
			resource := got.Resource.String()
			if resource != tt.resource {
				t.Errorf("resource %q, want %q", resource, tt.resource)
			}
			got.Resource = apiresource.Resource{}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseTargetRefuses(t *testing.T) {
	tests := []struct {
		name        string
		words       []string
		subresource string
		want        string
	}{
		{name: "nothing", want: "no resource type given"},
		{name: "empty", words: words(""), want: "no resource type given"},
		{name: "slash without more", words: words("pods/"), want: `nothing follows the slash in "pods/"`},
		{name: "two names", words: words("pods/web", "db"), want: `two names given: "web" and "db"`},
		{name: "too many", words: words("pods", "web", "db"), want: `unexpected argument "db" after the name`},
		{name: "URL with a name", words: words("/healthz", "x"), want: "a URL has neither a name nor a subresource"},
		{name: "URL with a subresource", words: words("/healthz"), subresource: "log", want: "a URL has neither a name nor a subresource"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rbac.ParseTarget(tt.words, tt.subresource, types().Resolve)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestParseTargetUnknownType: the resolver's error comes back as it is, so
// that the command line can offer the similar names that it holds.
func TestParseTargetUnknownType(t *testing.T) {
	_, err := rbac.ParseTarget(words("podz/log"), "", types().Resolve)
	var unknown *apiresource.UnknownTypeError
	if !errors.As(err, &unknown) || unknown.Type != "podz" {
		t.Fatalf("error %v", err)
	}
}

func TestTargetString(t *testing.T) {
	for _, text := range []string{
		"pods", "pods/log", "pods/web", "pods/web/log", "deployments.apps/web/scale", "/metrics",
		"widgets.example.org/status", "signers.certificates.k8s.io/kubernetes.io/legacy-unknown",
	} {
		target, err := rbac.ParseTarget(words(text), "", types().Resolve)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.String(); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
		again, err := rbac.ParseTarget(words(target.String()), "", types().Resolve)
		if diff := cmp.Diff(target, again); err != nil || diff != "" {
			t.Errorf("%q read again: %v\n%s", text, err, diff)
		}
	}
}
