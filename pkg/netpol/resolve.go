package netpol

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Resolve returns the endpoints that a reference names, by namespace and name,
// ranges of addresses cut wherever any policy may tell addresses apart. The
// error is a *NotFoundError or tells that there is nothing to ask about, as of
// a Service: see Backends.
func (c *Cluster) Resolve(r Reference) ([]*Endpoint, error) {
	switch {
	case r.isAddress():
		return c.externals(r, c.blockRanges()), nil
	case r.Labels != nil:
		return []*Endpoint{c.Hypothetical(r.Namespace, r.Labels)}, nil
	}
	var found []*Endpoint
	switch r.Type {
	case "Pod":
		if e := c.Pod(r.Namespace, r.Name); e != nil {
			found = []*Endpoint{e}
		}
	case "Node":
		if e := c.Node(r.Name); e != nil {
			found = []*Endpoint{e}
		}
	case "Namespace":
		found = c.namespaced[r.Name]
	case "Ingress", "Gateway", "Route":
		return nil, fmt.Errorf("%s: %s %s has no end of its own: name the pods that serve it, or the Service behind it", r, article(r.Type), r.Type)
	case "Service":
		return nil, fmt.Errorf("%s: a Service has no end of its own: name the pods behind it", r)
	default:
		found = c.ofWorkload(r.Namespace, r.Type+"/"+r.Name)
	}
	if len(found) == 0 {
		return nil, c.missing(r)
	}
	return found, nil
}

// article goes before the name of a type.
func article(kind string) string {
	if strings.ContainsRune("AEIOU", rune(kind[0])) {
		return "an"
	}
	return "a"
}

// missing tells why a reference names no endpoint.
func (c *Cluster) missing(r Reference) error {
	switch {
	case r.Type == "Pod":
		if pod := snapshot.Get[corev1.Pod](c.snap, r.Namespace, r.Name); pod != nil {
			return fmt.Errorf("pod %s in namespace %s has ended (%s): it neither sends nor receives", r.Name, r.Namespace, pod.Status.Phase)
		}
	case r.Type == "Namespace" && c.namespaces[r.Name] != nil:
		return fmt.Errorf("there are no pods in namespace %s", r.Name)
	case r.Type == "ReplicaSet" && snapshot.Get[appsv1.ReplicaSet](c.snap, r.Namespace, r.Name) != nil,
		r.Type == "Job" && snapshot.Get[batchv1.Job](c.snap, r.Namespace, r.Name) != nil:
		return fmt.Errorf("%s %s in namespace %s has no pods that run or will", strings.ToLower(r.Type), r.Name, r.Namespace)
	}
	return &NotFoundError{Reference: r, Similar: c.similar(r), Unread: c.hiding(r)}
}

// NotFoundError says that the snapshot has no such object.
type NotFoundError struct {
	Reference Reference
	Similar   []string // references to what may be meant
	// Unread is why it may exist all the same: of its type not all could be
	// read.
	Unread []snapshot.Gap
}

// Error names the object.
func (e *NotFoundError) Error() string {
	what := strings.ToLower(e.Reference.Type) + " " + e.Reference.Name
	if e.Reference.Namespace != "" {
		what += " in namespace " + e.Reference.Namespace
	}
	if len(e.Unread) == 0 {
		return "there is no " + what
	}
	var types []string
	for _, gap := range e.Unread {
		types = append(types, fmt.Sprintf("%s (%s)", schema.GroupResource{Group: gap.Group, Resource: gap.Resource}, gap.Reason))
	}
	return fmt.Sprintf("whether there is a %s is not known, since these could not be read: %s", what, strings.Join(types, ", "))
}

const maxSimilar = 3

// similar returns objects of the name, of the type in other namespaces and of
// other types in its own; and workloads whose pods have names like that of a
// pod that is gone.
func (c *Cluster) similar(r Reference) []string {
	var similar []string
	add := func(namespace, kind, name string) {
		fits := name == r.Name && (kind == r.Type || namespace == r.Namespace)
		gone := r.Type == "Pod" && kind != "Pod" && kind != "Service" && namespace == r.Namespace && strings.HasPrefix(r.Name, name+"-")
		if !fits && !gone || typeOf(kind) == "" || len(similar) == maxSimilar {
			return
		}
		if ref := namespace + "/" + strings.ToLower(kind) + "/" + name; !slices.Contains(similar, ref) {
			similar = append(similar, ref)
		}
	}
	addPod := func(e *Endpoint) {
		if e.Name != "" {
			add(e.Namespace, "Pod", e.Name)
		}
		if kind, name, ok := strings.Cut(e.Workload, "/"); ok {
			add(e.Namespace, kind, name)
		}
	}
	for _, e := range c.named()[r.Name] {
		addPod(e)
	}
	for _, e := range c.namespaced[r.Namespace] {
		addPod(e)
	}
	for _, s := range c.servicesNamed()[r.Name] {
		add(s.Namespace, "Service", s.Name)
	}
	if len(similar) == 0 {
		return c.slips(r)
	}
	return similar
}

// slips returns references to what has nearly the name, of the type and in the
// namespace of the reference.
func (c *Cluster) slips(r Reference) []string {
	const shortest = 3 // shorter names are all alike
	if len(r.Name) < shortest {
		return nil
	}
	var names []string
	for _, e := range c.namespaced[r.Namespace] {
		if kind, name, ok := strings.Cut(e.Workload, "/"); ok && kind == r.Type {
			names = append(names, name)
		} else if r.Type == "Pod" {
			names = append(names, e.Name)
		}
	}
	for s := range snapshot.Each[corev1.Service](c.snap) {
		if r.Type == "Service" && s.Namespace == r.Namespace {
			names = append(names, s.Name)
		}
	}
	switch r.Type {
	case "Node":
		for _, e := range c.Endpoints() {
			if e.Kind == NodeEndpoint {
				names = append(names, e.Name)
			}
		}
	case "Namespace":
		names = slices.Sorted(maps.Keys(c.namespaced))
	}
	near := apiresource.Nearest(r.Name, names)
	for i, name := range near {
		if near[i] = strings.ToLower(r.Type) + "/" + name; r.Namespace != "" {
			near[i] = r.Namespace + "/" + near[i]
		}
	}
	return near
}
