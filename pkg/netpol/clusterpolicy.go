package netpol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// clusterKind is what is special about a kind of cluster-wide policies.
// Source: the definitions in config/crd of sigs.k8s.io/network-policy-api,
// v0.1.7 for v1alpha1 and v0.2.0 for v1alpha2, experimental fields included.
type clusterKind struct {
	kind, version, resource string
	tier                    Tier   // "" where the object says
	name                    string // of the only object that there may be
	prioritized             bool
	actions                 map[string]Outcome
	most                    int // rules, peers or ports in a list
	egressPeers             []string
	strictPods              bool // both selectors of pods are required
}

// clusterGroup is the API group of all cluster-wide policies.
const clusterGroup = "policy.networking.k8s.io"

func clusterKinds() []clusterKind {
	return []clusterKind{
		{
			kind: "AdminNetworkPolicy", version: "v1alpha1", resource: "adminnetworkpolicies", tier: AdminTier, prioritized: true, most: 100,
			actions: map[string]Outcome{"Allow": Accept, "Deny": Deny, "Pass": Pass}, egressPeers: peerFields(), strictPods: true,
		},
		{
			kind: "BaselineAdminNetworkPolicy", version: "v1alpha1", resource: "baselineadminnetworkpolicies", tier: BaselineTier, name: "default", most: 100,
			actions: map[string]Outcome{"Allow": Accept, "Deny": Deny}, egressPeers: peerFields()[:4], strictPods: true,
		},
		{
			kind: "ClusterNetworkPolicy", version: "v1alpha2", resource: "clusternetworkpolicies", prioritized: true, most: 25,
			actions: map[string]Outcome{"Accept": Accept, "Deny": Deny, "Pass": Pass}, egressPeers: peerFields(),
		},
	}
}

// collectClusterPolicies takes the policies that are about all namespaces.
func (c *Cluster) collectClusterPolicies() {
	origins := map[snapshot.Object]snapshot.Origin{}
	for object, origin := range c.snap.All() {
		if u, ok := object.(*unstructured.Unstructured); ok && u.GroupVersionKind().Group == clusterGroup {
			origins[object] = origin
		}
	}
	for _, kind := range clusterKinds() {
		for u := range c.snap.EachCustom(schema.GroupKind{Group: clusterGroup, Kind: kind.kind}) {
			c.addClusterPolicy(kind, u, origins[u])
		}
		for _, gap := range c.snap.Gaps() {
			if gap.Group == clusterGroup && gap.Resource == kind.resource && gap.Reason != snapshot.NotServed {
				c.unreadPolicies(kind)
			}
		}
	}
	slices.SortFunc(c.clusterPolicies, compareClusterPolicies)
}

// addClusterPolicy keeps a policy. One that its definition refuses counts for
// nothing where it comes from a file. Where an API server has it all the same,
// or in another version, the definition there is another one.
func (c *Cluster) addClusterPolicy(kind clusterKind, u *unstructured.Unstructured, origin snapshot.Origin) {
	stored := u.GetUID() != "" || origin == snapshot.Origin{} && c.snap.Info().Stored()
	if version := u.GroupVersionKind().Version; version != kind.version {
		c.notUnderstood = append(c.notUnderstood, snapshot.Gap{
			Group: clusterGroup, Resource: kind.resource, Reason: snapshot.NotModelled,
			Detail: fmt.Sprintf("%s %s is of version %s: only %s is known", kind.kind, u.GetName(), version, kind.version),
		})
		c.unreadPolicies(kind)
		return
	}
	p, remarks, problems := newClusterPolicy(kind, u, stored)
	p.Origin = origin
	switch {
	case len(problems) == 0:
		c.clusterPolicies = append(c.clusterPolicies, p)
		for _, remark := range remarks {
			c.remarks = append(c.remarks, fmt.Sprintf("%s %s: %s", kind.kind, p.Name, remark))
		}
	case stored:
		c.notUnderstood = append(c.notUnderstood, snapshot.Gap{
			Group: clusterGroup, Resource: kind.resource, Reason: snapshot.NotModelled,
			Detail: fmt.Sprintf("%s %s is not as %s has it: %s: %s", kind.kind, p.Name, kind.version, problems[0].Path, problems[0].Detail),
		})
		c.unreadPolicies(kind)
	default:
		c.rejected = append(c.rejected, Rejected{kind.kind, "", p.Name, origin, problems})
	}
}

// unreadPolicies notes that some of the kind may be missing.
func (c *Cluster) unreadPolicies(kind clusterKind) {
	for _, tier := range []Tier{AdminTier, BaselineTier} {
		if (kind.tier == tier || kind.tier == "") && !slices.Contains(c.unreadTiers[tier], kind.kind) {
			c.unreadTiers[tier] = append(c.unreadTiers[tier], kind.kind)
		}
	}
}

// compareClusterPolicies orders as tiers ask.
func compareClusterPolicies(a, b *Policy) int {
	rank := func(p *Policy) int { return slices.Index(Tiers(), p.Tier) }
	return cmp.Or(rank(a)-rank(b), cmp.Compare(priorityOf(a), priorityOf(b)), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// priorityOf is for comparisons: policies without one come last.
func priorityOf(p *Policy) int32 {
	if p.Priority == nil {
		return maxPriority + 1
	}
	return *p.Priority
}

const maxPriority = 1000

// clusterReader makes a Policy of an object.
type clusterReader struct {
	*validator
	clusterKind
	stored bool // API servers have it
}

// newClusterPolicy applies the validation of the policy's definition.
func newClusterPolicy(kind clusterKind, u *unstructured.Unstructured, stored bool) (p *Policy, remarks []string, problems []Problem) {
	r := &clusterReader{&validator{}, kind, stored}
	p = &Policy{Kind: kind.kind, Name: u.GetName(), Tier: kind.tier}
	r.metadata(&metav1.ObjectMeta{Name: u.GetName(), GenerateName: u.GetGenerateName(), Labels: u.GetLabels(), Annotations: u.GetAnnotations()})
	if kind.name != "" && p.Name != kind.name {
		r.problem("metadata.name", "%q: there is only one, and its name is %q", p.Name, kind.name)
	}
	spec, ok := u.Object["spec"].(map[string]any)
	if !ok {
		r.problem("spec", "it is required")
		return p, r.remarks, r.problems
	}
	r.spec(p, newFields(r.validator, "spec", spec))
	return p, r.remarks, r.problems
}

func (r *clusterReader) spec(p *Policy, spec *fields) {
	spec.require("subject")
	if r.tier == "" {
		spec.require("tier")
		p.Tier = Tier(spec.word("tier", string(AdminTier), string(BaselineTier)))
	}
	if r.prioritized {
		spec.require("priority")
		p.Priority = new(spec.number("priority", 0, maxPriority))
	}
	if subject := spec.object("subject"); subject != nil {
		p.pods = r.podPeer(subject, []string{"namespaces", "pods"})
	}
	for _, rule := range spec.objects("ingress", 0, r.most) {
		p.ingress = append(p.ingress, r.rule(rule, "from", []string{"namespaces", "pods"}))
	}
	for _, rule := range spec.objects("egress", 0, r.most) {
		p.egress = append(p.egress, r.rule(rule, "to", r.egressPeers))
	}
	if p.pods.foreign {
		p.pods.unknown = "spec.subject names nothing that is known"
	}
	if unknown := spec.unread(); len(unknown) > 0 {
		p.pods.unknown = unknownFields("spec", unknown)
	}
}

func (r *clusterReader) remark(format string, args ...any) {
	r.remarks = append(r.remarks, fmt.Sprintf(format, args...))
}

func unknownFields(at string, names []string) string {
	return fmt.Sprintf("%s has fields that are not known: %s", at, strings.Join(names, ", "))
}
