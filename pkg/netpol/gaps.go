package netpol

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// GapsFor returns what is missing from the snapshot and may change the answer
// to a question: objects that could not be read, policies that the API server
// refuses, and kinds of policies that are not evaluated.
func (c *Cluster) GapsFor(q Question) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, gap := range c.snap.Gaps() {
		if gap.Resource == "" || slices.Contains(q.types(), schema.GroupResource{Group: gap.Group, Resource: gap.Resource}) {
			gaps = append(gaps, gap)
		}
	}
	for _, r := range c.rejected {
		place := ""
		if r.Origin.String() != "" {
			place = r.Origin.String() + ": "
		}
		for _, p := range r.Problems {
			kind := ResourceOf(r.Kind)
			gaps = append(gaps, snapshot.Gap{
				Group: kind.Group, Resource: kind.Resource, Namespace: r.Namespace, Reason: snapshot.Unparsable,
				Detail: fmt.Sprintf("%s%s %s is refused by API servers and not counted: %s: %s", place, r.Kind, r.Name, p.Path, p.Detail),
			})
		}
	}
	return snapshot.SortGaps(slices.Concat(gaps, c.notUnderstood, c.notModelled()))
}

// ResourceOf returns the type of a kind of policies that are evaluated.
func ResourceOf(kind string) schema.GroupResource {
	for _, k := range clusterKinds() {
		if k.kind == kind {
			return schema.GroupResource{Group: clusterGroup, Resource: k.resource}
		}
	}
	return schema.GroupResource{Group: "networking.k8s.io", Resource: "networkpolicies"}
}

// types are those whose objects bear on the question.
func (q Question) types() []schema.GroupResource {
	types := []schema.GroupResource{{Resource: "pods"}, {Resource: "namespaces"}, {Group: "networking.k8s.io", Resource: "networkpolicies"}}
	for _, kind := range clusterKinds() {
		types = append(types, ResourceOf(kind.kind))
	}
	for _, kind := range policyKinds() {
		types = append(types, schema.GroupResource{Group: kind.Group, Resource: pluralOf(kind)})
	}
	if q.To.Type == "Service" || q.To.Range.IsSingleIP() || q.From.IsEntry() {
		types = append(types, schema.GroupResource{Resource: "services"}, schema.GroupResource{Group: "discovery.k8s.io", Resource: "endpointslices"})
	}
	for _, r := range []Reference{q.From, q.To, q.Via} {
		types = append(types, r.types()...)
		if r.Type == "Service" { // templates of pods may stand behind it
			types = append(types, Reference{Type: "Deployment"}.types()...)
		}
	}
	return types
}

// types are those that objects of the reference are found by, beside pods.
func (r Reference) types() []schema.GroupResource {
	of := func(group string, resources ...string) []schema.GroupResource {
		var types []schema.GroupResource
		for _, resource := range resources {
			types = append(types, schema.GroupResource{Group: group, Resource: resource})
		}
		return types
	}
	switch {
	case r.Type == "Ingress":
		return of("networking.k8s.io", "ingresses")
	case r.Type == "Route":
		return of(routeGroup, "routes")
	case r.Type == "Gateway":
		return of(gatewayGroup, "gateways", "grpcroutes", "httproutes", "referencegrants", "tcproutes", "tlsroutes")
	case r.Type == "Node", r.Range.IsValid(), r.Internet:
		return of("", "nodes")
	case r.Type == "Job", r.Type == "CronJob":
		return of("batch", "jobs", "cronjobs")
	case r.Type != "Pod" && r.Type != "" && r.Type != "Namespace" && r.Type != "Service":
		return of("apps", "daemonsets", "deployments", "replicasets", "statefulsets")
	}
	return nil
}

// hiding are the gaps that may hold what the reference names.
func (c *Cluster) hiding(r Reference) []snapshot.Gap {
	resources := []string{strings.ToLower(r.Type) + "s"}
	namespace := r.Namespace
	switch r.Type {
	case "Namespace":
		resources, namespace = append(resources, "pods"), r.Name
	case "Ingress":
		resources = []string{"ingresses"}
	}
	var gaps []snapshot.Gap
	for _, gap := range c.snap.Gaps() {
		if gap.Hides(namespace) && slices.Contains(resources, gap.Resource) {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// policyKinds are those of policies that are not evaluated.
func policyKinds() []schema.GroupKind {
	return []schema.GroupKind{
		{Group: "cilium.io", Kind: "CiliumNetworkPolicy"},
		{Group: "cilium.io", Kind: "CiliumClusterwideNetworkPolicy"},
		{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"},
		{Group: "crd.projectcalico.org", Kind: "GlobalNetworkPolicy"},
		{Group: "projectcalico.org", Kind: "NetworkPolicy"},
		{Group: "projectcalico.org", Kind: "GlobalNetworkPolicy"},
	}
}

// pluralOf returns the name of the type of a kind of policies.
func pluralOf(kind schema.GroupKind) string {
	return strings.TrimSuffix(strings.ToLower(kind.Kind), "y") + "ies"
}

// notModelled returns a gap for every kind of policies that is there and not
// evaluated.
func (c *Cluster) notModelled() []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, gk := range policyKinds() {
		n := 0
		for range c.snap.EachCustom(gk) {
			n++
		}
		if n > 0 {
			gaps = append(gaps, snapshot.Gap{
				Group: gk.Group, Resource: gk.Kind, Reason: snapshot.NotModelled,
				Detail: fmt.Sprintf("%s.%s: %d there, which are not evaluated and may change the answer", gk.Kind, gk.Group, n),
			})
		}
	}
	return gaps
}
