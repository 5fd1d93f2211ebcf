package apiresource_test

import (
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

func resolve(t *testing.T, typed string) apiresource.Resource {
	t.Helper()
	r, err := apiresource.NewCatalog().Resolve(typed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestServes(t *testing.T) {
	tests := []struct {
		typed, verb, subresource string
		want                     bool
	}{
		{"pods", "get", "", true},
		{"pods", "deletecollection", "", true},
		{"pods", "escalate", "", false},
		{"pods", "Get", "", false},
		{"pods", "create", "exec", true},
		{"pods", "list", "exec", false},
		{"pods", "get", "log", true},
		{"pods", "get", "scale", false},
		{"deployments", "update", "scale", true},
		{"namespaces", "deletecollection", "", false},
		{"namespaces", "update", "finalize", true},
		{"serviceaccounts", "create", "token", true},
		{"users", "impersonate", "", true},
		{"signers", "approve", "", true},
		{"scc", "use", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.verb+" "+tt.typed+"/"+tt.subresource, func(t *testing.T) {
			if got := resolve(t, tt.typed).Serves(tt.verb, tt.subresource); got != tt.want {
				t.Errorf("Serves = %t", got)
			}
		})
	}
}

func TestChecksSubresource(t *testing.T) {
	tests := []struct {
		typed, subresource string
		want               bool
	}{
		{"pods", "log", true},
		{"pods", "web", false},
		{"nodes", "proxy", true},
		{"nodes", "metrics", true}, // the kubelet's
		{"nodes", "worker-1", false},
		{"pods", "metrics", false},
		{"deployments", "finalizers", true}, // of owner references
		{"users", "finalizers", false},
	}
	for _, tt := range tests {
		t.Run(tt.typed+"/"+tt.subresource, func(t *testing.T) {
			if got := resolve(t, tt.typed).ChecksSubresource(tt.subresource); got != tt.want {
				t.Errorf("ChecksSubresource = %t", got)
			}
		})
	}
}

// Constrained impersonation asks for identities in another group.
func TestForVerb(t *testing.T) {
	tests := []struct{ typed, verb, want string }{
		{"users", "impersonate", "users"},
		{"users", "impersonate:user-info", "users.authentication.k8s.io"},
		{"groups", "impersonate:user-info", "groups.authentication.k8s.io"},
		{"serviceaccounts", "impersonate:serviceaccount", "serviceaccounts.authentication.k8s.io"},
		{"nodes", "impersonate:arbitrary-node", "nodes.authentication.k8s.io"},
		{"uids", "impersonate:user-info", "uids.authentication.k8s.io"},
		{"pods", "impersonate:user-info", "pods"},
		{"pods", "impersonate-on:user-info:list", "pods"},
		{"nodes", "get", "nodes"},
	}
	for _, tt := range tests {
		t.Run(tt.verb+" "+tt.typed, func(t *testing.T) {
			if got := resolve(t, tt.typed).ForVerb(tt.verb).String(); got != tt.want {
				t.Errorf("ForVerb = %s, want %s", got, tt.want)
			}
		})
	}
}
