package suggest

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
)

// Opening is connections that a change opens beside those asked for.
type Opening struct {
	// From and To are workloads as NAMESPACE/kind/name, nodes as node/NAME, or
	// ranges of addresses.
	From, To string
	Pairs    int // of endpoints
	Ports    []netpol.PortRange
	// Verdict is Allowed, or Undefined for what may open.
	Verdict netpol.Verdict
}

// ends names a pair of endpoints.
type ends struct{ from, to string }

// compare finds what else the changes open. It is false where they close
// anything.
func (s *search) compare(c *candidate, later *netpol.Cluster) bool {
	openings := map[ends]map[ends][]netpol.PortChange{} // by units, then endpoints
	wanted := s.wanted()
	for _, family := range s.families() {
		if s.matrices[family] == nil {
			s.matrices[family] = s.cluster.Matrix(netpol.MatrixOptions{Family: family})
		}
		diff := s.matrices[family].Diff(later.Matrix(netpol.MatrixOptions{Family: family}))
		for change := range diff.Changes() {
			for from, to := range change.Pairs() {
				for _, port := range change.Ports {
					if rank(port.After) < rank(port.Before) {
						return false
					}
					for _, rest := range s.beside(wanted, from, to, port) {
						units := ends{s.unit(from), s.unit(to)}
						if openings[units] == nil {
							openings[units] = map[ends][]netpol.PortChange{}
						}
						pair := ends{from.String(), to.String()}
						if !slices.Contains(openings[units][pair], rest) {
							openings[units][pair] = append(openings[units][pair], rest)
							c.extra += addresses(from) * addresses(to) * float64(rest.Ports.To-rest.Ports.From+1)
						}
					}
				}
			}
		}
	}
	c.opens = summary(openings)
	return true
}

func rank(v netpol.Verdict) int {
	return slices.Index([]netpol.Verdict{netpol.Denied, netpol.Undefined, netpol.Allowed}, v)
}

// families are those that flows are compared in: the first that two ends
// share, and those that were asked about.
func (s *search) families() []netpol.Family {
	families := []netpol.Family{netpol.AnyFamily}
	for _, a := range s.asked {
		if !slices.Contains(families, a.flow.Family) {
			families = append(families, a.flow.Family)
		}
	}
	return families
}

// wanted are the ports that were asked for, by the ends.
func (s *search) wanted() map[ends][]netpol.PortRange {
	wanted := map[ends][]netpol.PortRange{}
	for _, a := range s.asked {
		key := ends{s.identity(s.question.From, a.flow.From), s.identity(s.question.To, a.flow.To)}
		wanted[key] = append(wanted[key], a.ports())
	}
	return wanted
}

// identity names an endpoint; addresses outside that were asked for by the
// reference: changes cut them into other pieces.
func (s *search) identity(r netpol.Reference, e *netpol.Endpoint) string {
	if e.Kind != netpol.ExternalEndpoint {
		return e.String()
	}
	for _, block := range r.Blocks() {
		p, err := netip.ParsePrefix(block.CIDR)
		excluded := slices.ContainsFunc(block.Except, func(except string) bool {
			p, err := netip.ParsePrefix(except)
			return err == nil && p.Contains(e.Addresses[0])
		})
		if err == nil && p.Contains(e.Addresses[0]) && (!e.Last.IsValid() || p.Contains(e.Last)) && !excluded {
			return r.String()
		}
	}
	return e.String()
}

// beside is what of a change of ports was not asked for.
func (s *search) beside(wanted map[ends][]netpol.PortRange, from, to *netpol.Endpoint, change netpol.PortChange) []netpol.PortChange {
	rest := []netpol.PortChange{change}
	key := ends{s.identity(s.question.From, from), s.identity(s.question.To, to)}
	for _, ports := range wanted[key] {
		var left []netpol.PortChange
		for _, c := range rest {
			for _, r := range c.Ports.Without(ports) {
				left = append(left, netpol.PortChange{Ports: r, Before: c.Before, After: c.After})
			}
		}
		rest = left
	}
	return rest
}

// unit names what selectors can tell apart.
func (s *search) unit(e *netpol.Endpoint) string {
	if u := s.drafter.Unit(e); u != nil {
		return u.String()
	}
	return e.String()
}

// addresses is how many addresses an endpoint stands for.
func addresses(e *netpol.Endpoint) float64 {
	total := 0.0
	if !e.Last.IsValid() {
		return 1
	}
	for _, p := range e.Prefixes() {
		size := 1.0
		for range p.Addr().BitLen() - p.Bits() {
			size *= 2
		}
		total += size
	}
	return total
}

// summary joins pairs of the same units whose ports open alike.
func summary(openings map[ends]map[ends][]netpol.PortChange) []Opening {
	var all []Opening
	for units, pairs := range openings {
		found := map[string]*Opening{}
		for _, pair := range pairs {
			for _, verdict := range []netpol.Verdict{netpol.Allowed, netpol.Undefined} {
				var ports []netpol.PortRange
				for _, change := range pair {
					if change.After == verdict {
						ports = append(ports, change.Ports)
					}
				}
				if len(ports) == 0 {
					continue
				}
				slices.SortFunc(ports, draft.ComparePorts)
				key := string(verdict) + draft.Text(ports)
				if found[key] == nil {
					found[key] = &Opening{From: units.from, To: units.to, Ports: ports, Verdict: verdict}
				}
				found[key].Pairs++
			}
		}
		for _, key := range slices.Sorted(maps.Keys(found)) {
			all = append(all, *found[key])
		}
	}
	slices.SortStableFunc(all, func(a, b Opening) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return all
}
