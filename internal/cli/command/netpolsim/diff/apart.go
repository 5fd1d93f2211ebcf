package diff

import (
	"maps"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// added are the new groups, and whether anything isolates them.
func (c *comparison) added() []v1alpha1.AddedGroup {
	asked, _ := c.divide(c.certainly(c.diff.Added(), c.before))
	byGroup := map[groupKey][]*netpol.Endpoint{}
	for _, e := range asked {
		byGroup[keyOf(e)] = append(byGroup[keyOf(e)], e)
	}
	keys := slices.SortedFunc(maps.Keys(byGroup), compareKeys)
	found := make([]v1alpha1.AddedGroup, 0, len(keys))
	for _, k := range keys {
		g := v1alpha1.AddedGroup{FlowGroup: groups(byGroup[k])[0], Isolated: []string{}}
		for _, d := range []netpol.Direction{netpol.Ingress, netpol.Egress} {
			if !slices.ContainsFunc(byGroup[k], func(e *netpol.Endpoint) bool { return !c.isIsolated(e, d) }) {
				g.Isolated = append(g.Isolated, string(d))
			}
		}
		found = append(found, g)
	}
	return found
}

// isIsolated reports whether policies limit the endpoint in a direction. Pods
// of the host's network are not for sure.
func (c *comparison) isIsolated(e *netpol.Endpoint, d netpol.Direction) bool {
	limits := []netpol.Whole{netpol.Isolated, netpol.DeniedByTiers, netpol.LimitedByTiers}
	return !e.HostNetwork && slices.Contains(limits, c.after.Whole(e, d))
}

func (c *comparison) apart(endpoints []*netpol.Endpoint) []v1alpha1.FlowGroup {
	asked, _ := c.divide(endpoints)
	return groups(asked)
}
