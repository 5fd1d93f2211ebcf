package netpol

import (
	"fmt"
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// field holds all endpoints in a fixed order, by what clauses of policies look
// at: each clause is matched once, against all of them. Sets of endpoints hold
// their positions.
type field struct {
	*Cluster
	endpoints        []*Endpoint
	everything, pods bitset
	hosts            bitset // pods of the host's network
	unread           bitset // pods that policies which were not read may select
	namespaces       map[string]bitset
	labels           map[string]map[string][]int32 // pods by key and value
	addresses        []addressOf                   // in order
	unaddressed      []int
	requirements     map[string]bitset  // by their text
	peers            map[string]twofold // by their text and the family
}

type addressOf struct {
	addr     netip.Addr
	endpoint int
}

func newField(c *Cluster, endpoints []*Endpoint) *field {
	f := &field{
		Cluster: c, endpoints: endpoints, namespaces: map[string]bitset{}, labels: map[string]map[string][]int32{},
		requirements: map[string]bitset{}, peers: map[string]twofold{},
	}
	n := len(f.endpoints)
	f.everything, f.pods, f.hosts, f.unread = newBitset(n), newBitset(n), newBitset(n), newBitset(n)
	for i, e := range f.endpoints {
		f.everything.add(i)
		for _, addr := range e.Addresses {
			f.addresses = append(f.addresses, addressOf{addr, i})
		}
		if len(e.Addresses) == 0 {
			f.unaddressed = append(f.unaddressed, i)
		}
		if e.Kind != PodEndpoint {
			continue
		}
		f.pods.add(i)
		if w := (walk{Cluster: c, Flow: Flow{From: e}}); w.unread(Egress) {
			f.unread.add(i)
		}
		if e.HostNetwork {
			f.hosts.add(i)
		}
		if f.namespaces[e.Namespace] == nil {
			f.namespaces[e.Namespace] = newBitset(n)
		}
		f.namespaces[e.Namespace].add(i)
	}
	slices.SortFunc(f.addresses, func(a, b addressOf) int { return a.addr.Compare(b.addr) })
	return f
}

// match returns the endpoints that the peer describes for flows of a family.
func (f *field) match(p *peer, family Family) twofold {
	key := p.key(family)
	found, ok := f.peers[key]
	if !ok {
		found = f.find(p, family)
		f.peers[key] = found
	}
	return found
}

func (f *field) find(p *peer, family Family) twofold {
	switch {
	case p.block != nil:
		return f.inBlock(p.block, family)
	case p.networks != nil && p.unknown == "":
		found := newTwofold(len(f.endpoints))
		for _, b := range p.networks {
			found.or(f.inBlock(b, family))
		}
		return found
	case p.nodes != nil || p.domains != nil:
		return f.each(p)
	case p.unknown != "":
		return twofold{newBitset(len(f.endpoints)), f.pods.without(f.hosts)}
	}
	found := f.selected(p)
	if p.podNetwork {
		return twofold{found[certain].without(f.hosts), found[possible].without(f.hosts)}
	}
	return f.asPods(found)
}

// each asks about every endpoint.
func (f *field) each(p *peer) twofold {
	w := walk{Cluster: f.Cluster}
	found := newTwofold(len(f.endpoints))
	for i, e := range f.endpoints {
		found.add(i, w.matchPeer(p, e))
	}
	return found
}

// key tells peers apart that describe different endpoints.
func (p *peer) key(family Family) string {
	pods := fmt.Sprint(len(p.pods.requirements), p.pods)
	switch {
	case p.podNetwork:
		return p.clusterKey(family)
	case p.block != nil:
		return fmt.Sprint(family, p.block.cidr, p.block.except)
	case p.namespaces == nil:
		return fmt.Sprintf("in %s: %s", p.own, pods)
	default:
		return fmt.Sprintf("where %d %s: %s", len(p.namespaces.requirements), p.namespaces, pods)
	}
}

// clusterKey is key for peers of cluster-wide policies.
func (p *peer) clusterKey(family Family) string {
	switch {
	case p.networks != nil:
		var ranges []netip.Prefix
		for _, b := range p.networks {
			ranges = append(ranges, b.cidr)
		}
		return fmt.Sprint("networks ", family, ranges)
	case p.nodes != nil:
		return fmt.Sprintf("nodes %d %s: %s", len(p.nodes.requirements), p.nodes, p.unknown)
	case p.domains != nil:
		return fmt.Sprint("domains ", p.domains)
	default:
		return fmt.Sprintf("pods %d %s, %d %s: %s", len(p.namespaces.requirements), p.namespaces, len(p.pods.requirements), p.pods, p.unknown)
	}
}

// inBlock asks only those that have an address in the range, or none yet.
func (f *field) inBlock(b *block, family Family) twofold {
	w := walk{Cluster: f.Cluster, Flow: Flow{Family: family}}
	found := newTwofold(len(f.endpoints))
	for _, i := range f.unaddressed {
		found.add(i, w.matchBlock(b, f.endpoints[i]))
	}
	within := rangeOf(b.cidr)
	first, _ := slices.BinarySearchFunc(f.addresses, within.first, func(a addressOf, addr netip.Addr) int { return a.addr.Compare(addr) })
	for _, a := range f.addresses[first:] {
		if !within.contains(a.addr) {
			break
		}
		found.add(a.endpoint, w.matchBlock(b, f.endpoints[a.endpoint]))
	}
	return found
}

// selected returns the pods that the selectors of the peer match.
func (f *field) selected(p *peer) twofold { return f.asPods(f.bySelectors(p)) }

// bySelectors is selected with the pods of the host's network.
func (f *field) bySelectors(p *peer) twofold {
	found := newTwofold(len(f.endpoints))
	for name, pods := range f.namespaces {
		in := truth(name == p.own)
		if p.namespaces != nil {
			in = p.namespaces.matchesNamespace(f.namespaceOf(name))
		}
		if in == Yes {
			found[certain].or(pods)
		}
		if in != No {
			found[possible].or(pods)
		}
	}
	for i := range p.pods.requirements {
		matching := f.matching(&p.pods.requirements[i])
		found[certain].and(matching)
		found[possible].and(matching)
	}
	return found
}

// asPods is walk.asPod for all endpoints.
func (f *field) asPods(found twofold) twofold {
	found[certain].andNot(f.hosts)
	if f.profile == ProfileCommon {
		found[possible].andNot(f.hosts)
	}
	return found
}

// matching returns the pods that the requirement holds for.
func (f *field) matching(r *labels.Requirement) bitset {
	if known, ok := f.requirements[r.String()]; ok {
		return known
	}
	values, found := f.valuesOf(r.Key()), newBitset(len(f.endpoints))
	switch r.Operator() {
	case selection.In, selection.Equals, selection.DoubleEquals:
		for _, value := range r.ValuesUnsorted() {
			for _, i := range values[value] {
				found.add(int(i))
			}
		}
	default:
		for i := range f.pods.all() {
			if r.Matches(f.endpoints[i].Labels) {
				found.add(i)
			}
		}
	}
	f.requirements[r.String()] = found
	return found
}

// valuesOf returns the pods by their value of a label.
func (f *field) valuesOf(key string) map[string][]int32 {
	values, ok := f.labels[key]
	if ok {
		return values
	}
	values = map[string][]int32{}
	for i := range f.pods.all() {
		if value, ok := f.endpoints[i].Labels[key]; ok {
			values[value] = append(values[value], int32(i))
		}
	}
	f.labels[key] = values
	return values
}

// named returns the pods that have the port of the clause, by its number.
func (f *field) named(clause portClause) map[int32]twofold {
	found := map[int32]twofold{}
	for i := range f.pods.all() {
		for _, number := range f.endpoints[i].numbers(clause.name, clause.protocol) {
			if found[number][certain] == nil {
				found[number] = newTwofold(len(f.endpoints))
			}
			found[number].add(i, Yes)
		}
	}
	for number := range found {
		found[number] = f.asPods(found[number])
	}
	return found
}
