package netpol

import "slices"

// Own returns the endpoint of the matrix that is in all flows as another one
// is: a pod or node that has no other address, or a range of addresses that no
// policy tells apart; the endpoint itself where there is none, as for a pod
// that does not exist yet.
func (m *Matrix) Own(e *Endpoint) *Endpoint {
	if _, ok := m.classOf[e]; ok {
		return e
	}
	var own *Endpoint
	switch {
	case e.Kind == ExternalEndpoint:
		for _, other := range m.everyone {
			if other.Kind == ExternalEndpoint && other.whole().contains(e.Addresses[0]) {
				return other
			}
		}
	case e.Kind == NodeEndpoint:
		own = m.cluster.Node(e.Name)
	case e.Name != "":
		own = m.cluster.Pod(e.Namespace, e.Name)
	}
	if own != nil && slices.Equal(own.Addresses, e.Addresses) {
		return own
	}
	return e
}

// whole is all addresses of an External endpoint.
func (e *Endpoint) whole() addressRange {
	if e.Last.IsValid() {
		return addressRange{e.Addresses[0], e.Last}
	}
	return addressRange{e.Addresses[0], e.Addresses[0]}
}

// flow returns the list of the ports between two endpoints, of which one may
// be no endpoint of the matrix; false where there are no flows.
func (b *Between) flow(from, to *Endpoint) (list int, ok bool) {
	c, o := b.matrix.cluster, &b.matrix.options
	a := &answering{Cluster: c, question: Question{Family: o.Family}}
	families := a.families(from, &target{Endpoint: to})
	if len(families) == 0 || from.Kind == ExternalEndpoint && to.Kind == ExternalEndpoint {
		return nothing, false
	}
	asked := slices.DeleteFunc(joined(o.Ports), func(r PortRange) bool { return r.Protocol == ProtocolICMP })
	open := c.ports(Flow{From: from, To: to, Family: families[0]}, asked)
	return b.ports.id(slices.DeleteFunc(open, func(p OpenPorts) bool { return p.Verdict == Denied })), true
}

// fromStranger counts what an endpoint that the matrix does not have reaches.
// Pair by pair: policies that select nobody else may select it, and they tell
// members of a class apart.
func (b *Between) fromStranger(tallies []tally, from *Endpoint) {
	for party := range b.to {
		for _, to := range b.to[party].Members {
			b.one(&tallies[party], from, to)
		}
	}
}

// toStrangers counts what reaches endpoints that the matrix does not have.
func (b *Between) toStrangers(tallies []tally, from *Endpoint) {
	for party, strangers := range b.strangers {
		for _, to := range strangers {
			b.one(&tallies[party], from, to)
		}
	}
}

// one counts a single pair.
func (b *Between) one(t *tally, from, to *Endpoint) {
	list, ok := b.flow(from, to)
	switch {
	case !ok:
	case from.same(to):
		t.selves++
	case b.WithoutNear && from.near(to):
		t.near = append(t.near, list)
	default:
		t.pairs++
		t.add(list, 1)
	}
}
