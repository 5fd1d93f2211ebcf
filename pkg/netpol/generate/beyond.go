package generate

import (
	"cmp"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
)

// Beyond is what is open without being one of the flows. It counts pairs of
// endpoints on a range of ports.
type Beyond struct {
	// Replicas are other pods of workloads of which some need it.
	Replicas int
	// Wider are others that the new policies open: pods of the same labels, of a
	// folded namespace or at the same address, and widened ranges of addresses.
	Wider []Opening
	// Existing is what policies of today open beside the new ones.
	Existing []Opening
}

// Opening is connections between two workloads, nodes or ranges of addresses.
type Opening struct {
	From, To string
	Ports    netpol.PortRange
	Pairs    int
}

// ends names a pair.
type ends struct{ from, to string }

func index(peers map[string]int, rule int, list []networkingv1.NetworkPolicyPeer) {
	for _, p := range list {
		peers[key(p)] = rule
	}
}

func key(p networkingv1.NetworkPolicyPeer) string { return draft.Key(p) }

// beyond compares what is open with the flows, first with the new policies
// alone, then in the final cluster. What passes in the closed one, no rule opens.
func (g *generator) beyond(alone, final, closed *netpol.Cluster) {
	needed, byUnit := map[ends][]netpol.PortRange{}, map[ends][]netpol.PortRange{}
	places := newPlaces(g.flows)
	for _, f := range g.flows {
		pair, units := ends{places.of(f.From)[0], places.of(f.To)[0]}, ends{g.unit(f.From), g.unit(f.To)}
		needed[pair] = append(needed[pair], f.Ports())
		byUnit[units] = append(byUnit[units], f.Ports())
	}
	var none *finder
	if closed != nil {
		none = newFinder(closed)
	}
	wider, noted := openings{}, false
	before := alone.Matrix(netpol.MatrixOptions{})
	for edge := range before.Edges() {
		for from, to := range g.pairs(before.Classes()[edge.From].Members, before.Classes()[edge.To].Members) {
			units := ends{g.unit(from), g.unit(to)}
			passes := accepted(none, from, to)
			for _, open := range edge.Ports {
				if open.Verdict != netpol.Allowed {
					continue
				}
				beside := without(open.Ports, places.needed(needed, from, to))
				for _, r := range beside {
					if rest := without(r, passes); !noted && (len(rest) != 1 || rest[0] != r) {
						noted = true
						g.note("cluster-wide policies accept more than the new policies allow, which no NetworkPolicy can close: as %s to %s on %s", from, to, r)
					}
				}
				for _, r := range withoutAll(beside, passes) {
					rest := without(r, byUnit[units])
					if len(rest) == 0 || rest[0] != r {
						g.result.Beyond.Replicas++
					}
					for _, r := range rest {
						wider.add(units, r)
					}
				}
			}
		}
	}
	g.result.Beyond.Wider = wider.list()
	existing := openings{}
	for change := range before.Diff(final.Matrix(netpol.MatrixOptions{})).Changes() {
		for from, to := range change.Pairs() {
			if !g.governs(from, to) {
				continue
			}
			for _, c := range change.Ports {
				if c.After == netpol.Allowed {
					existing.add(ends{g.unit(from), g.unit(to)}, c.Ports)
				}
			}
		}
	}
	g.result.Beyond.Existing = existing.list()
}

// pairs yields the pairs that a new policy decides about.
func (g *generator) pairs(from, to []*netpol.Endpoint) func(yield func(from, to *netpol.Endpoint) bool) {
	return func(yield func(from, to *netpol.Endpoint) bool) {
		for _, a := range from {
			for _, b := range to {
				if a.String() != b.String() && g.governs(a, b) && !yield(a, b) {
					return
				}
			}
		}
	}
}

// governs reports whether a new policy decides about flows between the two.
func (g *generator) governs(from, to *netpol.Endpoint) bool {
	f := &Flow{From: from, To: to}
	return slices.ContainsFunc(g.options.Directions, func(d netpol.Direction) bool { return g.subject(f, d) != nil })
}

func (g *generator) unit(e *netpol.Endpoint) string {
	switch u := g.drafter.Unit(e); {
	case e.HostNetwork && e.Node != "":
		return "node/" + e.Node
	case u != nil:
		return u.String()
	default:
		return e.String()
	}
}

// places are the addresses outside that flows are from and to: rules cut others.
type places struct {
	exact  map[string]bool
	ranges []*netpol.Endpoint
}

func newPlaces(flows []*Flow) *places {
	p := &places{exact: map[string]bool{}}
	for _, f := range flows {
		for _, e := range []*netpol.Endpoint{f.From, f.To} {
			if e.Kind != netpol.ExternalEndpoint || p.exact[e.String()] {
				continue
			}
			p.exact[e.String()] = true
			if e.Last.IsValid() {
				p.ranges = append(p.ranges, e)
			}
		}
	}
	return p
}

// of names an endpoint as the flows do: an address outside may be one of a
// flow, and in a range of another.
func (p *places) of(e *netpol.Endpoint) []string {
	if e.HostNetwork && e.Node != "" { // rules know it by the address of its node
		return []string{"node/" + e.Node}
	}
	names := []string{e.String()}
	if e.Kind != netpol.ExternalEndpoint {
		return names
	}
	first, last := e.Addresses[0], e.Addresses[0]
	if e.Last.IsValid() {
		last = e.Last
	}
	for _, r := range p.ranges {
		if r.Addresses[0].BitLen() == first.BitLen() && r.Addresses[0].Compare(first) <= 0 && last.Compare(r.Last) <= 0 {
			names = append(names, r.String())
		}
	}
	return names
}

// needed are the ports that flows between the two need.
func (p *places) needed(all map[ends][]netpol.PortRange, from, to *netpol.Endpoint) []netpol.PortRange {
	var ports []netpol.PortRange
	for _, a := range p.of(from) {
		for _, b := range p.of(to) {
			ports = append(ports, all[ends{a, b}]...)
		}
	}
	return ports
}

// withoutAll is without of several ranges.
func withoutAll(ranges, others []netpol.PortRange) []netpol.PortRange {
	var rest []netpol.PortRange
	for _, r := range ranges {
		rest = append(rest, without(r, others)...)
	}
	return rest
}

// without is what of a range is in none of the others.
func without(r netpol.PortRange, others []netpol.PortRange) []netpol.PortRange {
	rest := []netpol.PortRange{r}
	for _, other := range others {
		var left []netpol.PortRange
		for _, r := range rest {
			left = append(left, r.Without(other)...)
		}
		rest = left
	}
	return rest
}

// openings counts pairs.
type openings map[Opening]int

func (o openings) add(e ends, ports netpol.PortRange) {
	o[Opening{From: e.from, To: e.to, Ports: ports}]++
}

func (o openings) list() []Opening {
	var all []Opening
	for opening, n := range o {
		opening.Pairs = n
		all = append(all, opening)
	}
	slices.SortFunc(all, func(a, b Opening) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), draft.ComparePorts(a.Ports, b.Ports))
	})
	return all
}
