package generate

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (g *Generator) port() networkingv1.NetworkPolicyPort {
	var p networkingv1.NetworkPolicyPort
	if g.dice.percent(25) {
		g.mix.Hit("protocol missing")
	} else {
		p.Protocol = new(g.protocol())
		g.mix.Hit("protocol " + string(*p.Protocol))
	}
	switch n := g.dice.IntN(100); {
	case n < 25:
		g.mix.Hit("every port of a protocol")
	case n < 30:
		p.Port = new(intstr.FromString("ghost"))
		g.mix.Hit("port name that no pod has")
	case n < 55:
		p.Port = new(intstr.FromString(pick(g.dice, portNames()...)))
		g.mix.Hit("port name")
	case n < 75:
		p.Port = new(intstr.FromInt32(pick(g.dice, portNumbers()...)))
		g.mix.Hit("port number")
		g.ports = append(g.ports, p.Port.IntVal-1, p.Port.IntVal, p.Port.IntVal+1)
	default:
		g.ranged(&p)
	}
	return p
}

func (g *Generator) ranged(p *networkingv1.NetworkPolicyPort) {
	from := pick(g.dice, append(portNumbers(), 1)...)
	to := pick(g.dice, from, from+1, from+30, from+8000, 65535)
	p.Port, p.EndPort = new(intstr.FromInt32(from)), new(to)
	g.mix.Hit("endPort")
	switch to {
	case from:
		g.mix.Hit("endPort of one port")
	case 65535:
		g.mix.Hit("endPort 65535")
	}
	for _, port := range []int32{from - 1, from, from + 1, to - 1, to, to + 1} {
		if port >= 1 && port <= 65535 {
			g.ports = append(g.ports, port)
		}
	}
}

func (g *Generator) protocol() corev1.Protocol {
	return pick(g.dice, corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP)
}
