package generate

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Flow is a connection to ask about.
type Flow struct {
	From, To End
	Protocol corev1.Protocol
	Port     int32
	Family   int // 4, 6, or 0 where no end has an address
}

// End is one end of a Flow: the first of the fields that is set.
type End struct {
	Pod *corev1.Pod // one that has not ended
	// Future is a pod that does not exist yet, known by its namespace and
	// labels.
	Future  *corev1.Pod
	Node    string
	Address netip.Addr
}

// Flow returns a random flow between ends that have an address family in
// common.
func (g *Generator) Flow() Flow {
	for {
		f := Flow{From: g.end(), To: g.end(), Protocol: g.protocol(), Port: pick(g.dice, g.ports...)}
		if g.dice.percent(4) {
			f.To = f.From
		}
		if ports := containerPorts(f.To.Pod); len(ports) > 0 && g.dice.percent(40) {
			port := pick(g.dice, ports...)
			if f.Port = port.ContainerPort; port.Protocol != "" {
				f.Protocol = port.Protocol
			}
		}
		families := slices.DeleteFunc([]int{4, 6}, func(family int) bool { return !g.has(f.From, family) || !g.has(f.To, family) })
		if len(families) == 0 {
			continue
		}
		f.Family = pick(g.dice, families...)
		if len(g.addresses(f.From)) == 0 && len(g.addresses(f.To)) == 0 && g.dice.percent(50) {
			f.Family = 0
		}
		g.count(f)
		return f
	}
}

func (g *Generator) end() End {
	switch n := g.dice.IntN(100); {
	case n < 8:
		return End{Node: pick(g.dice, g.nodes...).name}
	case n < 22:
		return End{Address: pick(g.dice, g.pool...)}
	case n < 25:
		p := &corev1.Pod{}
		p.Namespace, p.Labels = pick(g.dice, g.names...), g.podLabels()
		return End{Future: p}
	default:
		p := pick(g.dice, g.Cluster.Pods...)
		if Ended(p) {
			if len(p.Status.PodIP) == 0 {
				return g.end()
			}
			g.mix.Hit("flow of an ended pod's address")
			return End{Address: netip.MustParseAddr(p.Status.PodIP)}
		}
		return End{Pod: p}
	}
}

// containerPorts returns those of all containers, also of those that have
// ended.
func containerPorts(p *corev1.Pod) []corev1.ContainerPort {
	if p == nil {
		return nil
	}
	var ports []corev1.ContainerPort
	for _, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
		ports = append(ports, c.Ports...)
	}
	return ports
}

// Ended reports whether all containers of the pod have ended for good.
func Ended(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

// PodAddresses returns what the pod's status has.
func PodAddresses(p *corev1.Pod) []netip.Addr {
	var list []netip.Addr
	for _, ip := range p.Status.PodIPs {
		list = append(list, netip.MustParseAddr(ip.IP))
	}
	if len(list) == 0 && p.Status.PodIP != "" {
		list = append(list, netip.MustParseAddr(p.Status.PodIP))
	}
	return list
}

// NodeAddresses returns what the input tells of a node: by itself, or through
// the pods on it.
func (c *Cluster) NodeAddresses(name string) []netip.Addr {
	var list []netip.Addr
	add := func(a netip.Addr) {
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	for _, n := range c.Nodes {
		for _, a := range n.Status.Addresses {
			if n.Name == name && (a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP) {
				add(netip.MustParseAddr(a.Address))
			}
		}
	}
	for _, p := range c.Pods {
		for _, ip := range p.Status.HostIPs {
			if p.Spec.NodeName == name && !Ended(p) {
				add(netip.MustParseAddr(ip.IP))
			}
		}
	}
	return list
}

func (g *Generator) addresses(e End) []netip.Addr {
	switch {
	case e.Pod != nil:
		return PodAddresses(e.Pod)
	case e.Future != nil:
		return nil
	case e.Node != "":
		return g.Cluster.NodeAddresses(e.Node)
	default:
		return []netip.Addr{e.Address}
	}
}

// has reports whether the end may have an address of the family. Nodes that
// the input does not know at all are no ends.
func (g *Generator) has(e End, family int) bool {
	list := g.addresses(e)
	if len(list) == 0 {
		return e.Node == ""
	}
	return slices.ContainsFunc(list, func(a netip.Addr) bool { return a.Is4() == (family == 4) })
}
