package diff

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

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

// stored is a policy and where it comes from.
type stored struct {
	policy *networkingv1.NetworkPolicy
	origin string
}

func policiesOf(s *snapshot.Snapshot) map[[2]string]stored {
	found := map[[2]string]stored{}
	for object, origin := range s.All() {
		if np, ok := object.(*networkingv1.NetworkPolicy); ok {
			found[[2]string{np.Namespace, np.Name}] = stored{np, origin.String()}
		}
	}
	return found
}

func byName(policies []*netpol.Policy) map[[2]string]*netpol.Policy {
	found := map[[2]string]*netpol.Policy{}
	for _, p := range policies {
		found[[2]string{p.Namespace, p.Name}] = p
	}
	return found
}

// policies returns those that differ, by namespace and name.
func (c *comparison) policies() []v1alpha1.PolicyChange {
	before, after := policiesOf(c.before.Snapshot()), policiesOf(c.after.Snapshot())
	valid := [2]map[[2]string]*netpol.Policy{byName(c.before.Policies()), byName(c.after.Policies())}
	// What the API server fills in makes no difference; of policies that it
	// refuses every word does.
	same := func(key [2]string, was, is stored) bool {
		if a, b := valid[0][key], valid[1][key]; a != nil && b != nil {
			return a.Same(b)
		}
		return equality.Semantic.DeepEqual(was.policy.Spec, is.policy.Spec)
	}
	changes := []v1alpha1.PolicyChange{}
	add := func(key [2]string, change, origin string) {
		c.differs[key] = change
		changes = append(changes, v1alpha1.PolicyChange{Change: change, Kind: "NetworkPolicy", Namespace: key[0], Name: key[1], Origin: origin})
	}
	for key, is := range after {
		switch was, ok := before[key]; {
		case !ok:
			add(key, added, is.origin)
		case !same(key, was, is):
			add(key, changed, is.origin)
		}
	}
	for key, was := range before {
		if _, ok := after[key]; !ok {
			add(key, removed, was.origin)
		}
	}
	slices.SortFunc(changes, func(a, b v1alpha1.PolicyChange) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
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
