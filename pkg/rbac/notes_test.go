package rbac_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestRelatedNotes(t *testing.T) {
	core := func(verb, resource, subresource string) rbac.Request {
		return rbac.Request{Verb: verb, Resource: resource, Subresource: subresource, Namespace: "shop"}
	}
	for _, tt := range []struct {
		name, version string
		request       rbac.Request
		want          []string // what each note holds
	}{
		{"shell by create, before 1.35", "v1.30.2", core("create", "pods", "exec"), []string{"as this one, get opens it too"}},
		{"the note names the other question", "v1.34.9", core("create", "pods", "exec"), []string{"ask about get pods/exec as well"}},
		{"shell by create, since 1.35", "v1.35.0", core("create", "pods", "exec"), nil},
		{"shell by create, version not known", "", core("create", "pods", "attach"), []string{"before Kubernetes 1.35 get opens it too"}},
		{"port-forward", "1.29", core("create", "pods", "portforward"), []string{"ask about get pods/portforward as well"}},
		{"shell by get", "v1.30.0", core("get", "pods", "exec"), []string{"ask about create pods/exec as well"}},
		{"shell by get, since 1.35", "v1.36.0", core("get", "pods", "exec"), []string{"ask about create pods/exec as well"}},
		{"another verb opens nothing", "", core("delete", "pods", "exec"), nil},
		{"a pod itself", "", core("create", "pods", ""), nil},
		{"proxy to a pod", "v1.36.0", core("create", "pods", "proxy"), []string{"GET requests through the proxy need get only: ask about get pods/proxy as well"}},
		{"proxy to a service", "", core("create", "services", "proxy"), []string{"ask about get services/proxy as well"}},
		{"proxy by get", "", core("get", "services", "proxy"), nil},
		{"kubelet by get", "v1.37.0", core("get", "nodes", "proxy"), []string{"ask about create nodes/proxy as well"}},
		{"kubelet by create", "v1.37.0", core("create", "nodes", "proxy"), []string{"get nodes/proxy alone runs commands"}},
		{"secrets by get", "", core("get", "secrets", ""), []string{"list and watch reveal the values too", "kubelets may read the secrets of the pods on their node"}},
		{"secrets by list", "", core("list", "secrets", ""), []string{"get and watch reveal the values too", "kubelets"}},
		{"configmaps", "", core("watch", "configmaps", ""), []string{"get and list reveal", "kubelets may read the configmaps"}},
		{"secrets are written", "", core("create", "secrets", ""), nil},
		{"secrets of another group", "", rbac.Request{Verb: "get", APIGroup: "example.org", Resource: "secrets"}, nil},
		{"exec of another group", "", rbac.Request{Verb: "create", APIGroup: "example.org", Resource: "pods", Subresource: "exec"}, nil},
		{"URL", "", rbac.Request{Verb: "get", Path: "/api/v1/secrets"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := rbac.RelatedNotes(tt.request, tt.version)
			if len(got) != len(tt.want) {
				t.Fatalf("notes %q, want %d", got, len(tt.want))
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("note %q, want it to hold %q", got[i], want)
				}
			}
		})
	}
}
