// Package network has what the commands about network policies share.
package network

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// IsEntry reports whether the type is about what comes in from outside: the
// policies do not depend on it.
func IsEntry(t schema.GroupVersionResource) bool {
	return t.Resource == "ingresses" || t.Group == "gateway.networking.k8s.io" || t.Group == "route.openshift.io"
}

// Needs are the types that flows depend on.
func Needs() []snapshot.Need {
	var needs []snapshot.Need
	add := func(optional bool, group, version string, resources ...string) {
		for _, resource := range resources {
			gvr := schema.GroupVersionResource{Group: group, Version: version, Resource: resource}
			needs = append(needs, snapshot.Need{Type: gvr, Optional: optional})
		}
	}
	add(false, "", "v1", "namespaces", "nodes", "pods", "services")
	add(false, "apps", "v1", "daemonsets", "deployments", "replicasets", "statefulsets")
	add(false, "batch", "v1", "cronjobs", "jobs")
	add(false, "discovery.k8s.io", "v1", "endpointslices")
	add(false, "networking.k8s.io", "v1", "networkpolicies")
	// Policies that may change the answer; most clusters have none of them.
	add(true, "policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies", "baselineadminnetworkpolicies")
	add(true, "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies")
	add(true, "cilium.io", "v2", "ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies")
	add(true, "crd.projectcalico.org", "v1", "networkpolicies", "globalnetworkpolicies")
	// What takes connections from outside; no verdict about others rests on them.
	add(true, "networking.k8s.io", "v1", "ingresses")
	add(true, "gateway.networking.k8s.io", "v1", "gateways", "grpcroutes", "httproutes")
	add(true, "gateway.networking.k8s.io", "v1beta1", "referencegrants")
	add(true, "gateway.networking.k8s.io", "v1alpha2", "tcproutes", "tlsroutes")
	add(true, "route.openshift.io", "v1", "routes")
	for i := range needs {
		needs[i].IfServed = needs[i].Optional // what is there and may not be read is missing from answers
	}
	return needs
}
