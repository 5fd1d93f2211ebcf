package cli_test

import (
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
)

// setDiscovery makes the server say that it serves widgets.example.org.
func setDiscovery(server *apiserver.Server) {
	server.SetDiscovery(nil, []apidiscoveryv2.APIGroupDiscovery{{
		ObjectMeta: metav1.ObjectMeta{Name: "example.org"},
		Versions: []apidiscoveryv2.APIVersionDiscovery{{
			Version: "v1",
			Resources: []apidiscoveryv2.APIResourceDiscovery{{
				Resource: "widgets", SingularResource: "widget", ShortNames: []string{"wdg"}, Scope: apidiscoveryv2.ScopeNamespace,
				ResponseKind: &metav1.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Widget"}, Verbs: []string{"get", "list"},
			}},
		}},
	}}, false)
}
