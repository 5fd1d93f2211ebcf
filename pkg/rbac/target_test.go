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
		{name: "names of users hold slashes", words: words("users/https://login.example.org/#alice"), resource: "users", want: rbac.Target{Name: "https://login.example.org/#alice"}},
		{name: "names of groups too", words: words("groups", "team/a"), resource: "groups", want: rbac.Target{Name: "team/a"}},
		{name: "keys of user extras too, apart", words: words("userextras", "view"), subresource: "example.org/scopes", resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "example.org/scopes", Name: "view"}},
		{name: "a program's key of user extras", words: words("userextras/authentication.kubernetes.io/node-name"), resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "authentication.kubernetes.io/node-name"}},
		{name: "a program's key with a value", words: words("userextras/authentication.kubernetes.io/node-name/n1"), resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "authentication.kubernetes.io/node-name", Name: "n1"}},
		{name: "values of user extras too", words: words("userextras/scopes/a/b"), resource: "userextras.authentication.k8s.io", want: rbac.Target{Subresource: "scopes", Name: "a/b"}},
		{name: "names of an unknown type are its program's affair", words: words("signers.example.org", "issuers/x"), resource: "signers.example.org", want: rbac.Target{Name: "issuers/x"}},
		{name: "a star is a name", words: words("nodes/*"), resource: "nodes", want: rbac.Target{Name: "*"}},
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
		{name: "empty name", words: words("pods//log"), want: `"pods//log" has a slash too many`},
		{name: "slash at the end", words: words("pods/web/"), want: `"pods/web/" has a slash too many`},
		{name: "too many parts", words: words("pods/web/log/x"), want: `"pods/web/log/x" has more parts than TYPE/NAME/SUBRESOURCE`},
		{name: "too many parts of an unknown type", words: words("widgets.example.org/a/b/c"), want: `"widgets.example.org/a/b/c" has more parts than TYPE/NAME/SUBRESOURCE`},
		{name: "user extras without a key", words: words("userextras//x"), want: `"userextras//x" has a slash too many`},
		{name: "name with a slash", words: words("pods", "web/x"), want: `no object of type pods is named "web/x": a name may not contain '/'`},
		{name: "name with a slash before a subresource", words: words("pods/a/b"), subresource: "log", want: `no object of type pods is named "a/b": a name may not contain '/'`},
		{name: "name with a percent sign", words: words("pods/50%"), want: `no object of type pods is named "50%": a name may not contain '%'`},
		{name: "name of dots", words: words("pods", ".."), want: `no object of type pods is named "..": a name may not be '..'`},
		{name: "name of a policy", words: words("psp", "a/b"), want: `no object of type podsecuritypolicies.policy is named "a/b": a name may not contain '/'`},
		{name: "subresource with a slash", words: words("pods"), subresource: "a/b", want: `no subresource is called "a/b": it may not contain '/'`},
		{name: "subresource with a slash of an unknown type", words: words("widgets.example.org"), subresource: "a/b", want: `no subresource is called "a/b": it may not contain '/'`},
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
		"users/https://login.example.org/#alice", "userextras.authentication.k8s.io/scopes/a/b",
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
