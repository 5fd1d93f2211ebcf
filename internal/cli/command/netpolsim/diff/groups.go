package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// groupKey is what endpoints of one group have in common. Pods that nothing
// controls are groups by themselves.
type groupKey struct {
	kind                        netpol.EndpointKind
	namespace, workload, member string
}

func keyOf(e *netpol.Endpoint) groupKey {
	k := groupKey{kind: e.Kind, namespace: e.Namespace, workload: workloadOf(e)}
	if e.Kind == netpol.PodEndpoint && k.workload == "" {
		k.member = e.Name
	}
	return k
}

// workloadOf is the controller of a pod; the node that runs a static pod is no
// workload.
func workloadOf(e *netpol.Endpoint) string {
	if strings.HasPrefix(e.Workload, string(netpol.NodeEndpoint)+"/") {
		return ""
	}
	return e.Workload
}

func compareKeys(a, b groupKey) int {
	rank := []netpol.EndpointKind{netpol.PodEndpoint, netpol.NodeEndpoint, netpol.ExternalEndpoint}
	return cmp.Or(
		cmp.Compare(slices.Index(rank, a.kind), slices.Index(rank, b.kind)), cmp.Compare(a.namespace, b.namespace),
		cmp.Compare(a.workload, b.workload), cmp.Compare(a.member, b.member),
	)
}

// memberName is the name of an endpoint within its kind and namespace; "" for
// a pod that does not exist yet.
func memberName(e *netpol.Endpoint) string {
	if e.Kind == netpol.ExternalEndpoint {
		return e.String()
	}
	return e.Name
}

// groups divides endpoints, in order.
func groups(endpoints []*netpol.Endpoint) []v1alpha1.FlowGroup {
	at := map[groupKey]int{}
	var keys []groupKey
	var found []v1alpha1.FlowGroup
	for _, e := range endpoints {
		k := keyOf(e)
		i, ok := at[k]
		if !ok {
			i = len(found)
			at[k] = i
			keys = append(keys, k)
			found = append(found, v1alpha1.FlowGroup{Kind: string(k.kind), Namespace: k.namespace, Workload: k.workload, Members: []string{}})
		}
		if name := memberName(e); name != "" {
			found[i].Members = append(found[i].Members, name)
		}
	}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareKeys(keys[a], keys[b]) })
	sorted := make([]v1alpha1.FlowGroup, 0, len(found))
	for _, i := range order {
		sorted = append(sorted, found[i])
	}
	return sorted
}
