package netpol

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Resolve returns the endpoints that a reference names, in the order of
// namespaces and names; of a Service none: see ServiceOf. The error is a
// *NotFoundError or tells that there is nothing to ask about.
func (c *Cluster) Resolve(r Reference) ([]*Endpoint, error) {
	switch {
	case r.Internet, r.Range.IsValid():
		return c.addresses(r), nil
	case r.Labels != nil:
		return []*Endpoint{c.Hypothetical(r.Namespace, r.Labels)}, nil
	}
	var found []*Endpoint
	switch r.Type {
	case "Pod":
		if e := c.Pod(r.Namespace, r.Name); e != nil {
			return []*Endpoint{e}, nil
		}
		if pod := snapshot.Get[corev1.Pod](c.snap, r.Namespace, r.Name); pod != nil {
			return nil, fmt.Errorf("pod %s in namespace %s has ended (%s): it neither sends nor receives", r.Name, r.Namespace, pod.Status.Phase)
		}
	case "Node":
		if e := c.Node(r.Name); e != nil {
			return []*Endpoint{e}, nil
		}
	case "Namespace":
		found = c.podsWhere(func(e *Endpoint) bool { return e.Namespace == r.Name })
		if len(found) == 0 && c.namespaces[r.Name] != nil {
			return nil, fmt.Errorf("there are no pods in namespace %s", r.Name)
		}
	default:
		found = c.podsWhere(func(e *Endpoint) bool { return e.Namespace == r.Namespace && e.Workload == r.Type+"/"+r.Name })
	}
	if len(found) == 0 {
		return nil, &NotFoundError{Reference: r, Similar: c.similar(r)}
	}
	return found, nil
}

func (c *Cluster) podsWhere(keep func(*Endpoint) bool) []*Endpoint {
	var found []*Endpoint
	for _, e := range c.endpoints {
		if e.Kind == PodEndpoint && keep(e) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b *Endpoint) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return found
}

// NotFoundError says that the snapshot has no such object.
type NotFoundError struct {
	Reference Reference
	Similar   []string // references to what may be meant
}

// Error names the object.
func (e *NotFoundError) Error() string {
	kind := strings.ToLower(e.Reference.Type)
	if e.Reference.Namespace == "" {
		return fmt.Sprintf("there is no %s %s", kind, e.Reference.Name)
	}
	return fmt.Sprintf("there is no %s %s in namespace %s", kind, e.Reference.Name, e.Reference.Namespace)
}

const maxSimilar = 3

// similar returns objects of the name in other namespaces, and pods that a
// workload of the name owns.
func (c *Cluster) similar(r Reference) []string {
	var similar []string
	for _, e := range c.endpoints {
		if e.Kind != PodEndpoint || len(similar) == maxSimilar {
			continue
		}
		var ref string
		kind, name, _ := strings.Cut(e.Workload, "/")
		switch {
		case r.Type == "Pod" && e.Name == r.Name && e.Name != "":
			ref = e.Namespace + "/" + e.Name
		case e.Workload == r.Type+"/"+r.Name, r.Type == "Pod" && name == r.Name && e.Namespace == r.Namespace:
			ref = e.Namespace + "/" + strings.ToLower(kind) + "/" + name
		}
		if ref != "" && !slices.Contains(similar, ref) {
			similar = append(similar, ref)
		}
	}
	return similar
}
