package v1alpha1

import (
	"encoding/json"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// ReachabilityMatrix tells what all endpoints reach. It is either compact:
// Classes and Edges, which hold for every pair of pods, nodes and addresses, or
// expanded: Pairs.
//
// To read the compact form: a port is open from one member to another where
// any edge whose classes have the two says Allowed; else it is Undefined where
// any says so; else it is closed. Between two addresses outside of the cluster
// there are no flows. Where both ends have addresses of both families it is
// about that of the destination's first.
type ReachabilityMatrix struct {
	Meta     `json:",inline"`
	Query    MatrixQuery `json:"query"`
	Coverage `json:",inline"`
	Classes  []EndpointClass `json:"classes"`
	Edges    []ReachEdge     `json:"edges"`
	Pairs    []ReachPair     `json:"pairs"`
}

// MatrixQuery is what was asked.
type MatrixQuery struct {
	By        string   `json:"by"`                  // pod, workload or namespace: what Pairs are of
	Namespace string   `json:"namespace,omitempty"` // of at least one end of each flow; left out for all
	Ports     []string `json:"ports"`               // as 80/TCP, 1000-1099/TCP; empty for all
	Family    int      `json:"family,omitempty"`    // 4 or 6; left out for both
	Profile   string   `json:"profile"`
}

// EndpointClass is endpoints with a common edge. Those that no policy tells
// apart come first: of these, every endpoint is in one. Pods to which their own
// node, or they themselves, have a way beside all policies are in further ones.
type EndpointClass struct {
	ID int `json:"id"` // position in the list
	// Members are references that netpol-sim takes: shop/pod/web, node/n1,
	// shop/deployment/web for the pods of a template that has none, and ranges
	// of addresses, which do not include those of pods and nodes in them.
	Members []string `json:"members"`
	// Classes are what the class is made of, where it has no members of its own:
	// in large matrices only, whose edges would be millions.
	Classes []ClassRange `json:"classes,omitempty"`
}

// AppendJSON adds what json.Marshal writes: of large matrices that takes long.
func (c *EndpointClass) AppendJSON(b []byte) ([]byte, error) {
	members, err := json.Marshal(c.Members)
	if err != nil {
		return nil, err
	}
	b = strconv.AppendInt(append(b, `{"id":`...), int64(c.ID), 10)
	b = append(append(b, `,"members":`...), members...)
	for i, r := range c.Classes {
		if i == 0 {
			b = append(b, `,"classes":[`...)
		} else {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, int64(r[0]), 10)
		b = append(strconv.AppendInt(append(b, ','), int64(r[1]), 10), ']')
	}
	if len(c.Classes) > 0 {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

// ClassRange is a range of ids of classes, the first and the last.
type ClassRange [2]int

// ReachEdge is ports that are open, or may be, from every member of a class to
// every member of another, or of the same.
type ReachEdge struct {
	From    int      `json:"from"` // ids of classes
	To      int      `json:"to"`
	Ports   []string `json:"ports"`
	Verdict string   `json:"verdict"` // Allowed or Undefined
}

// AppendJSON adds what json.Marshal writes. Large matrices have millions of
// edges, for which reflection is slow.
func (e *ReachEdge) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"from":`...), int64(e.From), 10)
	b = strconv.AppendInt(append(b, `,"to":`...), int64(e.To), 10)
	b = append(b, `,"ports":[`...)
	for i, ports := range e.Ports {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, ports) // digits, slashes, names of protocols
	}
	return append(strconv.AppendQuote(append(b, `],"verdict":`...), e.Verdict), '}')
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

// PortsByVerdict are the ports of an edge for each verdict that there is.
func PortsByVerdict(ports []netpol.OpenPorts) []ReachEdge {
	var edges []ReachEdge
	for _, verdict := range []netpol.Verdict{netpol.Allowed, netpol.Undefined} {
		if texts := portsOf(ports, verdict); len(texts) > 0 {
			edges = append(edges, ReachEdge{Ports: texts, Verdict: string(verdict)})
		}
	}
	return edges
}

// AppendID adds an id that is larger than all before.
func AppendID(ranges []ClassRange, id int) []ClassRange {
	if n := len(ranges); n > 0 && ranges[n-1][1]+1 == id {
		ranges[n-1][1] = id
		return ranges
	}
	return append(ranges, ClassRange{id, id})
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
