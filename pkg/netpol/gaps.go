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
			kind := resourceOf(r.Kind)
			gaps = append(gaps, snapshot.Gap{
				Group: kind.Group, Resource: kind.Resource, Namespace: r.Namespace, Reason: snapshot.Unparsable,
				Detail: fmt.Sprintf("%s%s %s is refused by API servers and not counted: %s: %s", place, r.Kind, r.Name, p.Path, p.Detail),
			})
		}
	}
	return snapshot.SortGaps(slices.Concat(gaps, c.notUnderstood, c.notModelled()))
}

// resourceOf returns the type of a kind of policies.
func resourceOf(kind string) schema.GroupResource {
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
		types = append(types, resourceOf(kind.kind))
	}
	for _, kind := range policyKinds() {
		types = append(types, schema.GroupResource{Group: kind.Group, Resource: pluralOf(kind)})
	}
	if q.To.Type == "Service" || q.To.Range.IsSingleIP() || q.From.IsEntry() {
		types = append(types, schema.GroupResource{Resource: "services"}, schema.GroupResource{Group: "discovery.k8s.io", Resource: "endpointslices"})
	}
	for _, r := range []Reference{q.From, q.To, q.Via} {
		switch {
		case r.Type == "Ingress":
			types = append(types, schema.GroupResource{Group: "networking.k8s.io", Resource: "ingresses"})
		case r.Type == "Route":
			types = append(types, schema.GroupResource{Group: routeGroup, Resource: "routes"})
		case r.Type == "Gateway":
			for _, resource := range []string{"gateways", "grpcroutes", "httproutes", "referencegrants", "tcproutes", "tlsroutes"} {
				types = append(types, schema.GroupResource{Group: gatewayGroup, Resource: resource})
			}
		case r.Type == "Node", r.Range.IsValid(), r.Internet:
			types = append(types, schema.GroupResource{Resource: "nodes"})
		case r.Type == "Job", r.Type == "CronJob":
			types = append(types, schema.GroupResource{Group: "batch", Resource: "jobs"}, schema.GroupResource{Group: "batch", Resource: "cronjobs"})
		case r.Type != "Pod" && r.Type != "" && r.Type != "Namespace":
			for _, resource := range []string{"daemonsets", "deployments", "replicasets", "statefulsets"} {
				types = append(types, schema.GroupResource{Group: "apps", Resource: resource})
			}
		}
	}
	return types
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
