package netpol

import "slices"

// OpenPorts is the verdict for a range of ports.
type OpenPorts struct {
	Ports   PortRange
	Verdict Verdict
}

// Ports returns the verdict for every port of TCP, UDP and SCTP between the
// ends of the flow, whose own protocol and port do not count: in order,
// without gaps, neighbours of one verdict joined.
func (c *Cluster) Ports(f Flow) []OpenPorts {
	return c.ports(f, nil)
}

// ports is Ports for the ranges that are asked for, which must be joined; none
// for all.
func (c *Cluster) ports(f Flow, asked []PortRange) []OpenPorts {
	if len(asked) == 0 {
		for _, protocol := range Protocols() {
			asked = append(asked, PortRange{protocol, 1, maxPort})
		}
	}
	var at cuts
	if slices.ContainsFunc(asked, func(r PortRange) bool { return r.From != r.To }) {
		at = c.cuts(f)
	}
	var open []OpenPorts
	for _, whole := range asked {
		first := len(open)
		for _, r := range at.within(whole) {
			one := f
			one.Protocol, one.Port = r.Protocol, r.From
			verdict := c.Verdict(one)
			if last := len(open) - 1; last >= first && open[last].Verdict == verdict {
				open[last].Ports.To = r.To
				continue
			}
			open = append(open, OpenPorts{r, verdict})
		}
	}
	return open
}

// cuts collects the ports that rules for the ends of the flow name.
func (c *Cluster) cuts(f Flow) cuts {
	at := cuts{}
	for _, d := range []Direction{Egress, Ingress} {
		w := walk{Cluster: c, Flow: f}
		for p := range c.policiesOf(w.subject(d)) {
			for _, r := range p.rules(d) {
				for _, clause := range expanded(r.ports) {
					if clause.name == "" {
						at.add(clause.protocol, clause.from, clause.to)
						continue
					}
					for _, n := range f.To.numbers(clause.name, clause.protocol) {
						at.add(clause.protocol, n, n)
					}
				}
			}
		}
	}
	return at
}
