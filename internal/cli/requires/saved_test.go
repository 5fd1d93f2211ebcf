package requires_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// customKinds are the kinds of the custom resources that are read. No catalog
// knows them.
func customKinds() map[schema.GroupResource]string {
	return map[schema.GroupResource]string{
		{Group: "user.openshift.io", Resource: "groups"}:                              "Group",
		{Group: "kyverno.io", Resource: "clusterpolicies"}:                            "ClusterPolicy",
		{Group: "kyverno.io", Resource: "policies"}:                                   "Policy",
		{Group: "external-secrets.io", Resource: "clustersecretstores"}:               "ClusterSecretStore",
		{Group: "external-secrets.io", Resource: "externalsecrets"}:                   "ExternalSecret",
		{Group: "external-secrets.io", Resource: "secretstores"}:                      "SecretStore",
		{Group: "policy.networking.k8s.io", Resource: "adminnetworkpolicies"}:         "AdminNetworkPolicy",
		{Group: "policy.networking.k8s.io", Resource: "baselineadminnetworkpolicies"}: "BaselineAdminNetworkPolicy",
		{Group: "policy.networking.k8s.io", Resource: "clusternetworkpolicies"}:       "ClusterNetworkPolicy",
		{Group: "cilium.io", Resource: "ciliumnetworkpolicies"}:                       "CiliumNetworkPolicy",
		{Group: "cilium.io", Resource: "ciliumclusterwidenetworkpolicies"}:            "CiliumClusterwideNetworkPolicy",
		{Group: "crd.projectcalico.org", Resource: "networkpolicies"}:                 "NetworkPolicy",
		{Group: "crd.projectcalico.org", Resource: "globalnetworkpolicies"}:           "GlobalNetworkPolicy",
		{Group: "gateway.networking.k8s.io", Resource: "gateways"}:                    "Gateway",
		{Group: "gateway.networking.k8s.io", Resource: "grpcroutes"}:                  "GRPCRoute",
		{Group: "gateway.networking.k8s.io", Resource: "httproutes"}:                  "HTTPRoute",
		{Group: "gateway.networking.k8s.io", Resource: "referencegrants"}:             "ReferenceGrant",
		{Group: "gateway.networking.k8s.io", Resource: "tcproutes"}:                   "TCPRoute",
		{Group: "gateway.networking.k8s.io", Resource: "tlsroutes"}:                   "TLSRoute",
		{Group: "route.openshift.io", Resource: "routes"}:                             "Route",
	}
}

// Of every type that is saved somebody has decided which fields are.
func TestWhatIsSavedIsDecided(t *testing.T) {
	redactor, err := file.NewRedactor()
	if err != nil {
		t.Fatal(err)
	}
	kinds := customKinds()
	for _, r := range apiresource.NewCatalog().Resources() {
		kinds[schema.GroupResource{Group: r.Group, Resource: r.Name}] = r.Kind
	}
	for _, need := range requires.Everything() {
		resource := need.Type.GroupResource()
		if kind := (schema.GroupKind{Group: resource.Group, Kind: kinds[resource]}); kind.Kind == "" || !redactor.Decided(kind) {
			t.Errorf("nobody has decided what \"snapshot save\" keeps of %s (kind %q): add it to pkg/snapshot/file/shapes", resource, kind.Kind)
		}
	}
}
