package netpol

import (
	"iter"
	"slices"
)

// Exception is a pair of endpoints between which more passes than between
// their classes: a pod and itself, or a node, or a pod of its network, and a
// pod on that node.
type Exception struct {
	From, To *Endpoint
	Ports    []OpenPorts // as those of a Group
}

// Exceptions returns those of the row. For all other pairs its groups hold.
func (m *Matrix) Exceptions(row Row) iter.Seq[Exception] {
	return func(yield func(Exception) bool) {
		for _, from := range m.classes[row.From].Members {
			for _, to := range m.neighbours(from) {
				group := row.group(m.classOf[to])
				least := m.least(from, to)
				if group != nil && slices.Min(group.verdicts) >= least {
					continue
				}
				if ports := m.raised(group, least); len(ports) > 0 && m.connected(row.From, m.classOf[to]) {
					if !yield(Exception{from, to, ports}) {
						return
					}
				}
			}
		}
	}
}

// Ports returns what the source reaches of the destination, as the Ports of a
// Group. The row is that of the source's class. It is false where the matrix
// does not have the two: it has what Classes lists.
func (m *Matrix) Ports(row Row, from, to *Endpoint) ([]OpenPorts, bool) {
	source, known := m.classOf[from]
	destination, knownToo := m.classOf[to]
	switch {
	case !known || !knownToo || source != row.From:
		return nil, false
	case !m.connected(source, destination):
		return nil, true
	default:
		return m.raised(row.group(destination), m.least(from, to)), true
	}
}

// near reports whether more may pass than between the classes of the two.
func (e *Endpoint) near(to *Endpoint) bool {
	return e.same(to) || to.Kind == PodEndpoint && to.Node != "" && e.onNode(to.Node) == Yes
}

// neighbours returns all endpoints that are near, and maybe the source itself.
func (m *Matrix) neighbours(from *Endpoint) []*Endpoint {
	switch {
	case from.Kind == NodeEndpoint:
		return m.onNode[from.Name]
	case from.Kind == PodEndpoint && from.HostNetwork && from.Node != "":
		return m.onNode[from.Node] // with the pod itself
	case from.Kind == PodEndpoint:
		return []*Endpoint{from}
	default:
		return nil
	}
}

// least is what passes between the two whatever rules say. What nodes and pods
// of their network send is not isolated for sure, so that it arrives.
func (m *Matrix) least(from, to *Endpoint) Truth {
	if from.same(to) {
		return Yes
	}
	w := walk{Cluster: m.cluster, Flow: Flow{From: from, To: to}, complete: m.complete}
	own := w.exempt(Ingress)
	if own == Yes && (len(to.cluster) > 0 || len(m.cluster.unreadTiers) > 0) { // whatever the port: no rule is about nodes alone
		return w.direction(Ingress)
	}
	return own
}

// raised returns the ports of a group, with no verdict below the least.
func (m *Matrix) raised(group *Group, least Truth) []OpenPorts {
	if least == No {
		if group == nil {
			return nil
		}
		return group.Ports
	}
	verdicts := make([]Truth, m.cells.count)
	for c := range verdicts {
		verdicts[c] = least
		if group != nil {
			verdicts[c] = max(least, group.verdicts[c])
		}
	}
	return m.cells.ports(verdicts)
}

// hasFlows reports whether the class is connected to any.
func (m *Matrix) hasFlows(class int) bool {
	return slices.ContainsFunc(m.to[class][:], func(set bitset) bool { return set != nil && !set.empty() })
}

// connected reports whether the ends have addresses of a common family, or may
// have.
func (m *Matrix) connected(from, to int) bool {
	return slices.ContainsFunc(m.to[from][:], func(set bitset) bool { return set != nil && set.has(to) })
}
