package netpol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Entry is one way by which clients outside of the cluster come to a Service:
// through an Ingress, a Gateway or a Route, whose controller opens the
// connection that policies see.
type Entry struct {
	// Kind is Ingress, Gateway or Route.
	Kind, Namespace, Name string
	// Route is what attaches to a Gateway, as HTTPRoute x/web; else "".
	Route string
	// Host is the name that clients use, "" for any.
	Host    string
	Service [2]string // namespace and name
	Port    EntryPort // of the Service
	// Refused says in a clause why the controller does not lead there all the
	// same, "" where it does; Unsure what the input lacks to know.
	Refused, Unsure string
}

// EntryPort is a port as an entry names it; the zero value is every port.
type EntryPort struct {
	Name   string
	Number int32
	// OfEndpoint is set where the number is that of the endpoints, not of the
	// Service.
	OfEndpoint bool
}

// String returns the name or the number, "" for every port.
func (p EntryPort) String() string {
	if p.Number == 0 {
		return p.Name
	}
	return fmt.Sprint(p.Number)
}

// String names the entry: Gateway infra/public (HTTPRoute shop/web, host
// a.example).
func (e Entry) String() string {
	var more []string
	if e.Route != "" {
		more = append(more, e.Route)
	}
	if e.Host != "" {
		more = append(more, "host "+e.Host)
	}
	text := e.Kind + " " + e.Namespace + "/" + e.Name
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// Entries returns the ways into the cluster that its Ingresses, Gateways and
// Routes make, by what they lead to. The slice must not be changed.
func (c *Cluster) Entries() []Entry { return c.entries() }

// findEntries is Entries for the first time.
func (c *Cluster) findEntries() []Entry {
	found := slices.Concat(c.ingressEntries(), c.gatewayEntries(), c.routeEntries())
	slices.SortStableFunc(found, func(a, b Entry) int {
		return cmp.Or(slices.Compare(a.Service[:], b.Service[:]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Host, b.Host))
	})
	return slices.Compact(found)
}

// entriesOf returns those that lead to the Service.
func (c *Cluster) entriesOf(s *corev1.Service) []Entry {
	all := c.entries()
	first, _ := slices.BinarySearchFunc(all, [2]string{s.Namespace, s.Name}, func(e Entry, to [2]string) int {
		return slices.Compare(e.Service[:], to[:])
	})
	end := first
	for end < len(all) && all[end].Service == [2]string{s.Namespace, s.Name} {
		end++
	}
	return all[first:end]
}

// leadsTo returns the backends of the Service at the port of the entry.
func (c *Cluster) leadsTo(e Entry) []Backend {
	s := snapshot.Get[corev1.Service](c.snap, e.Service[0], e.Service[1])
	if s == nil || e.Refused != "" {
		return nil
	}
	backends, _ := c.Backends(s)
	return slices.DeleteFunc(slices.Clone(backends), func(b Backend) bool { return !e.Port.isOf(s, b) })
}

// isOf reports whether the backend is one of the port.
func (p EntryPort) isOf(s *corev1.Service, b Backend) bool {
	switch {
	case p == EntryPort{}:
		return true
	case p.OfEndpoint && p.Number != 0:
		return b.Port.From == p.Number
	case p.Number != 0:
		return slices.ContainsFunc(s.Spec.Ports, func(sp corev1.ServicePort) bool { return sp.Port == p.Number && sp.Name == b.Name })
	default:
		return b.Name == p.Name
	}
}

// ingressEntries are those of the backends of Ingresses. What a path leads to
// counts whatever the path: policies know none.
func (c *Cluster) ingressEntries() []Entry {
	var found []Entry
	for ing := range snapshot.Each[networkingv1.Ingress](c.snap) {
		add := func(host string, backend *networkingv1.IngressBackend) {
			if backend == nil || backend.Service == nil {
				return // a resource, which is no Service
			}
			found = append(found, Entry{
				Kind: "Ingress", Namespace: ing.Namespace, Name: ing.Name, Host: host, Service: [2]string{ing.Namespace, backend.Service.Name},
				Port: EntryPort{Name: backend.Service.Port.Name, Number: backend.Service.Port.Number},
			})
		}
		add("", ing.Spec.DefaultBackend)
		for _, rule := range ing.Spec.Rules {
			if rule.HTTP == nil {
				continue // all goes to the default backend
			}
			for i := range rule.HTTP.Paths {
				add(rule.Host, &rule.HTTP.Paths[i].Backend)
			}
		}
	}
	return found
}
