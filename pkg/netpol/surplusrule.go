package netpol

import "slices"

// liveRule is what is left of a rule, matched.
type liveRule struct {
	Part
	number         int // of the policy
	peerAt, portAt []int
	peers          []matchedPeer // none: every source or destination
	ports          []matchedPort // none: every port
	everyone       byFamily[twofold]
	every          *portSet
	gone           bool

	reach reach
}

type matchedPeer struct {
	peer *peer
	at   byFamily[twofold]
}

type matchedPort struct {
	clause portClause
	set    *portSet
}

// reach is what a rule, or a part of one, allows.
type reach struct {
	peers byFamily[twofold]
	cells []bool          // by number
	named map[int]twofold // by cell: the destinations
}

// only returns what one peer or one port of the rule allows; all of it for
// whole.
func (r *liveRule) only(peer, port int) *liveRule {
	part := *r
	if peer != whole {
		part.peers = r.peers[peer : peer+1]
	}
	if port != whole {
		part.ports = r.ports[port : port+1]
	}
	part.sum()
	return &part
}

// without returns the rule without a peer or a port, nil where nothing is left
// of it.
func (r *liveRule) without(peer, port int) *liveRule {
	rest := *r
	switch {
	case peer != whole:
		rest.peers, rest.peerAt = drop(r.peers, peer), drop(r.peerAt, peer)
	case port != whole:
		rest.ports, rest.portAt = drop(r.ports, port), drop(r.portAt, port)
	default:
		return nil
	}
	rest.sum()
	return &rest
}

func drop[T any](list []T, at int) []T { return slices.Delete(slices.Clone(list), at, at+1) }

// take leaves the rest of the rule.
func (r *liveRule) take(peer, port int, rest *liveRule) {
	if peer == whole && port == whole {
		r.gone = true
		return
	}
	*r = *rest
}

// sum fills in what the peers and ports allow together.
func (r *liveRule) sum() {
	r.reach = reach{cells: make([]bool, r.every.cellCount()), named: map[int]twofold{}}
	for family := range r.everyone {
		for i, p := range r.peers {
			switch at := p.at[family]; {
			case at[certain] == nil:
			case i == 0:
				r.reach.peers[family] = at
			default:
				r.reach.peers[family] = union(r.reach.peers[family], at)
			}
		}
		if len(r.peers) == 0 {
			r.reach.peers[family] = r.everyone[family]
		}
	}
	sets := []*portSet{r.every}
	if len(r.ports) > 0 {
		sets = nil
		for _, p := range r.ports {
			sets = append(sets, p.set)
		}
	}
	for _, set := range sets {
		for _, cell := range set.cells {
			r.reach.cells[cell] = true
		}
		for _, named := range set.named {
			at, ok := r.reach.named[named.cell]
			if ok {
				at = union(at, named.at)
			} else {
				at = named.at
			}
			r.reach.named[named.cell] = at
		}
	}
}

// cellCount is the number of all cells, for the set of every port.
func (s *portSet) cellCount() int { return len(s.cells) }

func union(a, b twofold) twofold {
	sum := twofold{slices.Clone(a[certain]), slices.Clone(a[possible])}
	sum.or(b)
	return sum
}

// atoms calls f for every peer with every port of the rule, as rules of one
// each.
func (r *liveRule) atoms(f func(*rule) bool) bool {
	peers, ports := [][]peer{nil}, [][]portClause{nil}
	if len(r.peers) > 0 {
		peers = nil
		for _, p := range r.peers {
			peers = append(peers, []peer{*p.peer})
		}
	}
	if len(r.ports) > 0 {
		ports = nil
		for _, p := range r.ports {
			ports = append(ports, []portClause{p.clause})
		}
	}
	for _, p := range peers {
		for _, c := range ports {
			if !f(&rule{peers: p, ports: c}) {
				return false
			}
		}
	}
	return true
}

// asRule returns the clauses that are left.
func (r *liveRule) asRule() *rule {
	var left rule
	for _, p := range r.peers {
		left.peers = append(left.peers, *p.peer)
	}
	for _, p := range r.ports {
		left.ports = append(left.ports, p.clause)
	}
	return &left
}

// positions returns 0 to n-1.
func positions(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
