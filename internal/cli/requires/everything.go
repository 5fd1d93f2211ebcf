package requires

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Everything returns all that any command reads: what a saved snapshot holds.
// Of Secrets it is the metadata only.
func Everything() []snapshot.Need {
	needs := access.Needs("")
	add := func(optional bool, group, version string, resources ...string) {
		for _, resource := range resources {
			needs = append(needs, snapshot.Need{
				Type: schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, Optional: optional,
			})
		}
	}
	add(false, "", "v1", "namespaces", "nodes", "pods", "services", "configmaps", "secrets")
	add(false, "apps", "v1", "daemonsets", "deployments", "replicasets", "statefulsets")
	add(false, "batch", "v1", "cronjobs", "jobs")
	add(false, "discovery.k8s.io", "v1", "endpointslices")
	add(false, "networking.k8s.io", "v1", "ingresses", "networkpolicies")
	add(false, "admissionregistration.k8s.io", "v1",
		"mutatingwebhookconfigurations", "validatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings")
	add(false, "apiextensions.k8s.io", "v1", "customresourcedefinitions")
	// Custom resources that bear on permissions, network or admission; a
	// cluster without them lacks nothing.
	add(true, "kyverno.io", "v1", "clusterpolicies", "policies")
	add(true, "external-secrets.io", "v1", "clustersecretstores", "externalsecrets", "secretstores")
	for _, need := range network.Needs() {
		if !slices.ContainsFunc(needs, func(n snapshot.Need) bool { return n.Type == need.Type }) {
			needs = append(needs, need)
		}
	}
	return needs
}
