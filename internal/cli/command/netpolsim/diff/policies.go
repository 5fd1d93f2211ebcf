package diff

import (
	"cmp"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// How policies differ.
const (
	added   = "Added"
	changed = "Changed"
	removed = "Removed"
)

// policyKey is the kind, namespace and name of a policy.
type policyKey [3]string

func keyOfPolicy(p *netpol.Policy) policyKey { return policyKey{p.Kind, p.Namespace, p.Name} }

// stored is the spec of a policy and where it comes from.
type stored struct {
	spec   any
	origin string
}

// policiesOf returns NetworkPolicies and those that are about all namespaces.
func policiesOf(s *snapshot.Snapshot) map[policyKey]stored {
	found := map[policyKey]stored{}
	for object, origin := range s.All() {
		switch p := object.(type) {
		case *networkingv1.NetworkPolicy:
			found[policyKey{"NetworkPolicy", p.Namespace, p.Name}] = stored{p.Spec, origin.String()}
		case *unstructured.Unstructured:
			if p.GroupVersionKind().Group == "policy.networking.k8s.io" {
				found[policyKey{p.GetKind(), p.GetNamespace(), p.GetName()}] = stored{p.Object["spec"], origin.String()}
			}
		}
	}
	return found
}

func byName(c *netpol.Cluster) map[policyKey]*netpol.Policy {
	found := map[policyKey]*netpol.Policy{}
	for _, p := range slices.Concat(c.Policies(), c.ClusterPolicies()) {
		found[keyOfPolicy(p)] = p
	}
	return found
}

// policies returns those that differ, by namespace and name.
func (c *comparison) policies() []v1alpha1.PolicyChange {
	before, after := policiesOf(c.before.Snapshot()), policiesOf(c.after.Snapshot())
	valid := [2]map[policyKey]*netpol.Policy{byName(c.before), byName(c.after)}
	// What the API server fills in makes no difference; of policies that it
	// refuses every word does.
	same := func(key policyKey, was, is stored) bool {
		if a, b := valid[0][key], valid[1][key]; a != nil && b != nil {
			return a.Same(b)
		}
		return equality.Semantic.DeepEqual(was.spec, is.spec)
	}
	changes := []v1alpha1.PolicyChange{}
	add := func(key policyKey, change, origin string) {
		c.differs[key] = change
		changes = append(changes, v1alpha1.PolicyChange{Change: change, Kind: key[0], Namespace: key[1], Name: key[2], Origin: origin})
	}
	for key, is := range after {
		switch was, ok := before[key]; {
		case !ok && c.mayHavePolicy(c.before, key):
			c.unread++
		case !ok:
			add(key, added, is.origin)
		case !same(key, was, is):
			add(key, changed, is.origin)
		}
	}
	for key, was := range before {
		switch _, ok := after[key]; {
		case ok:
		case c.mayHavePolicy(c.after, key):
			c.unread++
		default:
			add(key, removed, was.origin)
		}
	}
	slices.SortFunc(changes, func(a, b v1alpha1.PolicyChange) int {
		return cmp.Or(strings.Compare(policyName(a), policyName(b)), strings.Compare(a.Kind, b.Kind))
	})
	return changes
}

// unseen are those of the policies for which manifests hold no pods, in either
// state: that nothing changes says nothing of the cluster then.
func (c *comparison) unseen(policies []v1alpha1.PolicyChange) []v1alpha1.PolicyChange {
	if c.after.Snapshot().Info().CoverageKnown() {
		return nil
	}
	pods := map[string]bool{}
	for _, e := range slices.Concat(c.before.Endpoints(), c.after.Endpoints()) {
		if e.Kind == netpol.PodEndpoint {
			pods[e.Namespace], pods[""] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(policies), func(p v1alpha1.PolicyChange) bool { return pods[p.Namespace] })
}

// counted names policies: the first, and how many more.
func counted(policies []v1alpha1.PolicyChange) string {
	first := policies[0]
	name := first.Name
	if first.Namespace != "" {
		name = first.Namespace + "/" + name
	}
	if n := len(policies) - 1; n > 0 {
		return name + " and " + count(n, "more is", "more are")
	}
	return name + " is"
}
