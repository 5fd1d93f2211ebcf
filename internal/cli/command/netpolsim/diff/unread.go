package diff

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// mayHave reports whether the state may have an object of the type although it
// was not read: then it is neither gone nor new. Of one reading both states
// lack the same.
func (c *comparison) mayHave(state *netpol.Cluster, group, resource, namespace string) bool {
	return len(c.base) > 0 && slices.ContainsFunc(state.Snapshot().Gaps(), func(g snapshot.Gap) bool {
		return g.Group == group && g.Resource == resource && g.Hides(namespace)
	})
}

func (c *comparison) mayHavePolicy(state *netpol.Cluster, key policyKey) bool {
	t := netpol.ResourceOf(key[0])
	return c.mayHave(state, t.Group, t.Resource, key[1])
}

// certainly returns the endpoints that the other state does not have for sure.
func (c *comparison) certainly(endpoints []*netpol.Endpoint, other *netpol.Cluster) []*netpol.Endpoint {
	return slices.DeleteFunc(slices.Clone(endpoints), func(e *netpol.Endpoint) bool {
		resource := "pods"
		if e.Kind == netpol.NodeEndpoint {
			resource = "nodes"
		}
		hidden := e.Kind != netpol.ExternalEndpoint && c.mayHave(other, "", resource, e.Namespace)
		if hidden {
			c.unread++
		}
		return hidden
	})
}

// unreadNote says what was not compared.
func (c *comparison) unreadNote() string {
	return fmt.Sprintf("%s in one state only, and not compared: the other one could not be read there", count(c.unread, "pod, node or policy is", "pods, nodes or policies are"))
}
