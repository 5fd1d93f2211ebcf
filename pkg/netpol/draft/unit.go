// Package draft writes NetworkPolicies: the selectors that name the pods of a
// workload, the peers and ports of rules, and names that are free.
//
// The package is pure: it reads a prepared snapshot and nothing else.
package draft

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Unit is what a policy can tell apart: the pods of one workload, or a pod
// that has none.
type Unit struct {
	Namespace string
	// Name is that of the workload as Kind/name, of a pod as Pod/name, and ""
	// for a pod that does not exist yet.
	Name string
	// Labels select its pods: those by which its controller does, more where
	// others have these, too. Labels that controllers set are left out. Empty
	// where the pods have none: every pod of the namespace is selected then.
	Labels map[string]string
	// Pods are its own, templates of pods that do not exist yet among them.
	Pods []*netpol.Endpoint
	// Also are further pods of the namespace that the labels select.
	Also []*netpol.Endpoint
}

// String returns NAMESPACE/kind/name, or what is known of a pod without name.
func (u *Unit) String() string {
	kind, name, ok := strings.Cut(u.Name, "/")
	if !ok {
		return "a pod in " + u.Namespace + " labelled " + labels.FormatLabels(u.Labels)
	}
	return u.Namespace + "/" + strings.ToLower(kind) + "/" + name
}

// Selects reports whether the labels select pods of another unit, too.
func (u *Unit) Selects(other *Unit) bool {
	return slices.ContainsFunc(u.Also, func(pod *netpol.Endpoint) bool { return slices.Contains(other.Pods, pod) })
}

// Drafter writes policies for one cluster. It is not safe for concurrent use.
type Drafter struct {
	cluster *netpol.Cluster
	pods    map[string][]*netpol.Endpoint // by namespace
	units   map[[2]string]*Unit
	taken   map[[2]string]bool // names of policies
}

// New returns a Drafter for a cluster.
func New(c *netpol.Cluster) *Drafter {
	d := &Drafter{cluster: c, pods: map[string][]*netpol.Endpoint{}, units: map[[2]string]*Unit{}, taken: map[[2]string]bool{}}
	for _, e := range c.Endpoints() {
		if e.Kind == netpol.PodEndpoint {
			d.pods[e.Namespace] = append(d.pods[e.Namespace], e)
		}
	}
	for np := range snapshot.Each[networkingv1.NetworkPolicy](c.Snapshot()) {
		d.taken[[2]string{np.Namespace, np.Name}] = true
	}
	return d
}

// Unit returns the unit of a pod, nil for nodes and addresses outside.
func (d *Drafter) Unit(e *netpol.Endpoint) *Unit {
	if e.Kind != netpol.PodEndpoint {
		return nil
	}
	name := nameOf(e)
	key := [2]string{e.Namespace, name}
	if name == "" {
		key[1] = labels.FormatLabels(e.Labels)
	}
	if u := d.units[key]; u != nil {
		return u
	}
	u := &Unit{Namespace: e.Namespace, Name: name}
	if name == "" {
		u.Labels, u.Pods = maps.Clone(e.Labels), []*netpol.Endpoint{e}
		u.Also = d.selected(u, u.Labels)
	} else {
		for _, pod := range d.pods[e.Namespace] {
			if nameOf(pod) == name {
				u.Pods = append(u.Pods, pod)
			}
		}
		d.label(u)
	}
	d.units[key] = u
	return u
}

// Units returns those of a namespace, by name; of every one for "".
func (d *Drafter) Units(namespace string) []*Unit {
	var units []*Unit
	seen := map[*Unit]bool{}
	for _, ns := range slices.Sorted(maps.Keys(d.pods)) {
		if namespace != "" && ns != namespace {
			continue
		}
		for _, pod := range d.pods[ns] {
			if u := d.Unit(pod); !seen[u] {
				seen[u] = true
				units = append(units, u)
			}
		}
	}
	slices.SortStableFunc(units, func(a, b *Unit) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return units
}

func nameOf(e *netpol.Endpoint) string {
	switch {
	case e.Workload != "":
		return e.Workload
	case e.Name != "":
		return "Pod/" + e.Name
	default:
		return ""
	}
}
