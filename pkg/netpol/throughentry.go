package netpol

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// IsEntry reports whether the reference names an Ingress, a Gateway or a Route:
// a source that stands for what comes in through it.
func (r Reference) IsEntry() bool {
	return r.Type == "Ingress" || r.Type == "Gateway" || r.Type == "Route"
}

// throughEntry makes the pods that the question's Via names the source, and
// finds what the entry leads to. Which pods serve an entry neither it nor its
// class says.
func (a *answering) throughEntry() error {
	a.entry = a.question.From
	if !a.hasEntry(a.entry) {
		return &NotFoundError{Reference: a.entry, Similar: a.similarEntries(a.entry), Unread: a.hiding(a.entry)}
	}
	for _, e := range a.entries() {
		if e.Kind != a.entry.Type || e.Namespace != a.entry.Namespace || e.Name != a.entry.Name {
			continue
		}
		if e.Refused != "" {
			a.note("%s does not lead to Service %s/%s: %s", e, e.Service[0], e.Service[1], e.Refused)
		}
		a.led = append(a.led, a.leadsTo(e)...)
	}
	a.question.From = a.question.Via
	if a.question.Via.typed == "" {
		a.lacks("policies see the pods that serve %s, not its clients, and nothing in the input says which pods those are", a.entry)
	}
	return nil
}

// limit keeps of destinations what the entry leads to.
func (a *answering) limit(to []target) []target {
	var kept []target
	for _, t := range to {
		var ports []PortRange
		for _, b := range a.led {
			if a.canonical(b.Endpoint) == a.canonical(t.Endpoint) {
				ports = append(ports, overlap(t.ports, b.Port)...)
			}
		}
		if t.ports = joined(ports); len(ports) > 0 {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		a.lacks("%s leads to no endpoint of %s at such a port: nothing comes in there through it", a.entry, a.question.To)
	}
	a.note("%s takes connections from outside and opens its own: policies see %s, not the clients", a.entry, a.question.Via)
	return kept
}

// overlap is what two choices of ports have in common; none of the first are all.
func overlap(ports []PortRange, other PortRange) []PortRange {
	if len(ports) == 0 {
		return []PortRange{other}
	}
	var found []PortRange
	for _, r := range ports {
		if r.overlaps(other) {
			found = append(found, PortRange{r.Protocol, max(r.From, other.From), min(r.To, other.To)})
		}
	}
	return found
}

// remarkEntries tells of what else takes connections from outside to the
// destinations: policies see its pods then, and not the clients.
func (a *answering) remarkEntries(to []target) {
	var ways []string
	if a.service != nil {
		for _, e := range a.entriesOf(a.service) {
			ways = append(ways, way(e))
		}
	} else {
		known := a.ways()
		for _, t := range to {
			ways = append(ways, known[a.canonical(t.Endpoint)]...)
		}
	}
	said := map[string]bool{}
	for _, text := range ways {
		if !said[text] && len(said) < maxRemarks {
			a.note("%s", text)
		}
		said[text] = true
	}
	if more := len(said) - maxRemarks; more > 0 {
		a.note("%d more ways lead in from outside", more)
	}
}

// way is a remark about an entry.
func way(e Entry) string {
	service := "Service " + e.Service[0] + "/" + e.Service[1]
	if e.Port.String() != "" {
		service += " port " + e.Port.String()
	}
	switch {
	case e.Refused != "":
		return fmt.Sprintf("%s names %s, and %s", e, service, e.Refused)
	case e.Unsure != "":
		return fmt.Sprintf("%s, %s, may expose %s: policies see the address of its controller then, not the client's", e, e.Unsure, service)
	default:
		return fmt.Sprintf("%s exposes %s: policies see the address of its controller then, not the client's", e, service)
	}
}

// findWays returns the remarks about what leads to each endpoint from outside.
func (c *Cluster) findWays() map[*Endpoint][]string {
	ways := map[*Endpoint][]string{}
	add := func(backends []Backend, text string) {
		for _, b := range backends {
			if e := c.canonical(b.Endpoint); !slices.Contains(ways[e], text) {
				ways[e] = append(ways[e], text)
			}
		}
	}
	for _, e := range c.entries() {
		add(c.leadsTo(e), way(e))
	}
	for s := range snapshot.Each[corev1.Service](c.snap) {
		if exposed(s) {
			backends, _ := c.Backends(s)
			add(backends, fmt.Sprintf("Service %s/%s has addresses for clients outside and leads here: ask about it, too", s.Namespace, s.Name))
		}
	}
	return ways
}

// canonical returns the cluster's own endpoint for a pod of which only one
// address counts.
func (c *Cluster) canonical(e *Endpoint) *Endpoint {
	if pod := c.Pod(e.Namespace, e.Name); e.Kind == PodEndpoint && pod != nil {
		return pod
	}
	return e
}

// hasEntry reports whether there is the object.
func (c *Cluster) hasEntry(r Reference) bool {
	for o := range c.entryObjects(r.Type) {
		if o.GetNamespace() == r.Namespace && o.GetName() == r.Name {
			return true
		}
	}
	return false
}

// similarEntries returns objects of the name in other namespaces, and the pod
// that is meant where the type is the name of a namespace.
func (c *Cluster) similarEntries(r Reference) []string {
	var similar []string
	if namespace, name, _ := strings.Cut(r.typed, "/"); c.Pod(namespace, name) != nil {
		similar = append(similar, namespace+"/pod/"+name)
	}
	for o := range c.entryObjects(r.Type) {
		if o.GetName() == r.Name && len(similar) < maxSimilar {
			similar = append(similar, o.GetNamespace()+"/"+strings.ToLower(r.Type)+"/"+r.Name)
		}
	}
	return similar
}

// entryObjects are those of a type that IsEntry.
func (c *Cluster) entryObjects(kind string) iter.Seq[snapshot.Object] {
	return func(yield func(snapshot.Object) bool) {
		if kind == "Ingress" {
			for o := range snapshot.Each[networkingv1.Ingress](c.snap) {
				if !yield(o) {
					return
				}
			}
			return
		}
		group := map[string]string{"Gateway": gatewayGroup, "Route": routeGroup}[kind]
		for o := range c.snap.EachCustom(schema.GroupKind{Group: group, Kind: kind}) {
			if !yield(o) {
				return
			}
		}
	}
}
