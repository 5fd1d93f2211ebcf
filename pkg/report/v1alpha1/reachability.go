package v1alpha1

import (
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// ReachabilityMatrix tells what all endpoints reach. It is either compact:
// Classes, Edges and Exceptions, which hold for every pair of pods, nodes and
// addresses, or expanded: Pairs.
//
// To read the compact form: between members of two classes the ports of all
// edges that have both classes are open; where no edge has them, nothing is.
// Instead of that, an exception holds for the pairs that it names. Between two
// addresses outside of the cluster there are no flows. Where both ends have
// addresses of both families it is about that of the destination's first.
type ReachabilityMatrix struct {
	Meta       `json:",inline"`
	Query      MatrixQuery `json:"query"`
	Coverage   `json:",inline"`
	Classes    []EndpointClass  `json:"classes"`
	Edges      []ReachEdge      `json:"edges"`
	Exceptions []ReachException `json:"exceptions"`
	Pairs      []ReachPair      `json:"pairs"`
}

// MatrixQuery is what was asked.
type MatrixQuery struct {
	By        string   `json:"by"`                  // pod, workload or namespace: what Pairs are of
	Namespace string   `json:"namespace,omitempty"` // of at least one end of each flow; left out for all
	Ports     []string `json:"ports"`               // as 80/TCP, 1000-1099/TCP; empty for all
	Family    int      `json:"family,omitempty"`    // 4 or 6; left out for both
	Profile   string   `json:"profile"`
}

// EndpointClass is endpoints that no policy tells apart.
type EndpointClass struct {
	ID int `json:"id"`
	// Members are references that netpol-sim takes: shop/pod/web, node/n1,
	// shop/deployment/web for the pods of a template that has none, and ranges
	// of addresses, which do not include those of pods and nodes in them.
	Members []string `json:"members"`
}

// ClassRange is a range of ids of classes, the first and the last.
type ClassRange [2]int

// AppendJSON adds what json.Marshal writes. Large matrices have millions of
// ranges, for which reflection is slow.
func (e *ReachEdge) AppendJSON(b []byte) []byte {
	b = appendRanges(append(b, `{"from":`...), e.From)
	b = appendRanges(append(b, `,"to":`...), e.To)
	b = append(b, `,"ports":[`...)
	for i, ports := range e.Ports {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, ports) // digits, slashes, names of protocols
	}
	return append(strconv.AppendQuote(append(b, `],"verdict":`...), e.Verdict), '}')
}

func appendRanges(b []byte, ranges []ClassRange) []byte {
	b = append(b, '[')
	for i, r := range ranges {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), int64(r[0]), 10)
		b = append(strconv.AppendInt(append(b, ','), int64(r[1]), 10), ']')
	}
	return append(b, ']')
}

// ReachEdge is ports that are open, or may be, from every member of some
// classes to every member of others. Ports that are Undefined are edges of
// their own.
type ReachEdge struct {
	From    []ClassRange `json:"from"`
	To      []ClassRange `json:"to"`
	Ports   []string     `json:"ports"`
	Verdict string       `json:"verdict"` // Allowed or Undefined
}

// ReachException is what passes between single endpoints, whatever edges say:
// from a pod to itself, and from a node, and pods of its network, to the pods
// on it.
type ReachException struct {
	From    string   `json:"from"`
	To      []string `json:"to"`
	Ports   []string `json:"ports"`
	Verdict string   `json:"verdict"` // Allowed or Undefined
}

// ReachPair is what passes between two pods, workloads or namespaces, nodes
// and addresses.
type ReachPair struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Reach is All, Some (ports), None, Undefined (for some port), Mixed where it
	// differs between members, or NoFlow where they have no addresses of the same
	// family.
	Reach     string   `json:"reach"`
	Allowed   []string `json:"allowed"`
	Partly    []string `json:"partly"` // for some members
	Undefined []string `json:"undefined"`
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *ReachabilityMatrix) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// NewReachPair describes a crossing.
func NewReachPair(from, to string, c netpol.Crossing) ReachPair {
	return ReachPair{
		From: from, To: to, Reach: string(c.Reach),
		Allowed:   portsOf(c.Ports, netpol.Allowed),
		Partly:    portsOf(c.Ports, netpol.Partly),
		Undefined: portsOf(c.Ports, netpol.Undefined),
	}
}

// NewEndpointClass describes a class of a matrix.
func NewEndpointClass(class netpol.Class) EndpointClass {
	c := EndpointClass{ID: class.ID, Members: make([]string, 0, len(class.Members))}
	for _, e := range class.Members {
		if e.Kind == netpol.ExternalEndpoint {
			c.Members = append(c.Members, e.CIDRs()...)
			continue
		}
		c.Members = append(c.Members, e.Reference())
	}
	return c
}

// NewReachEdges describes a bundle: an edge for each verdict.
func NewReachEdges(b *netpol.Bundle) []ReachEdge {
	edges := (&EdgeMaker{}).Edges(b)
	for i := range edges {
		edges[i].From, edges[i].To = slices.Clone(edges[i].From), slices.Clone(edges[i].To)
	}
	return edges
}

// EdgeMaker describes one bundle after the other in the same memory.
type EdgeMaker struct{ from, to []ClassRange }

// Edges returns an edge for each verdict of a bundle. Their classes last until
// the next call.
func (m *EdgeMaker) Edges(b *netpol.Bundle) []ReachEdge {
	from, to := m.from[:0], m.to[:0]
	for _, id := range b.From {
		from = grown(from, id)
	}
	for id := range b.To() {
		to = grown(to, id)
	}
	m.from, m.to = from, to
	var edges []ReachEdge
	for _, verdict := range []netpol.Verdict{netpol.Allowed, netpol.Undefined} {
		if ports := portsOf(b.Ports, verdict); len(ports) > 0 {
			edges = append(edges, ReachEdge{from, to, ports, string(verdict)})
		}
	}
	return edges
}

// grown adds an id that is larger than all before.
func grown(ranges []ClassRange, id int) []ClassRange {
	if n := len(ranges); n > 0 && ranges[n-1][1]+1 == id {
		ranges[n-1][1] = id
		return ranges
	}
	return append(ranges, ClassRange{id, id})
}

// NewReachExceptions describes exceptions, which come by their source.
func NewReachExceptions(exceptions []netpol.Exception) []ReachException {
	out := []ReachException{}
	for _, e := range exceptions {
		for _, verdict := range []netpol.Verdict{netpol.Allowed, netpol.Undefined} {
			if ports := portsOf(e.Ports, verdict); len(ports) > 0 {
				out = join(out, ReachException{e.From.Reference(), []string{e.To.Reference()}, ports, string(verdict)})
			}
		}
	}
	return out
}

// join adds an exception, to one of the same source and ports if there is one.
func join(list []ReachException, e ReachException) []ReachException {
	for i := len(list) - 1; i >= 0 && list[i].From == e.From; i-- {
		if known := &list[i]; known.Verdict == e.Verdict && slices.Equal(known.Ports, e.Ports) {
			known.To = append(known.To, e.To...)
			return list
		}
	}
	return append(list, e)
}

func portsOf(ports []netpol.OpenPorts, verdict netpol.Verdict) []string {
	out := []string{}
	for _, open := range ports {
		if open.Verdict == verdict {
			out = append(out, open.Ports.String())
		}
	}
	return out
}
