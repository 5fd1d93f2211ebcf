package generate

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (g *Generator) addPod(i int) {
	ns := g.dice.IntN(len(g.names))
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: g.names[ns], Name: fmt.Sprintf("pod%d", i), Labels: g.podLabels()}}
	if i > 0 && g.dice.percent(20) {
		if last := g.Cluster.Pods[i-1]; last.Namespace != p.Namespace {
			p.Name = last.Name
			g.mix.Hit("pod name of another namespace")
		}
	}
	if slices.ContainsFunc(g.Cluster.Pods, func(o *corev1.Pod) bool { return o.Namespace == p.Namespace && o.Name == p.Name }) {
		p.Name += "-2"
	}
	if len(p.Labels) == 0 {
		p.Labels = nil
		g.mix.Hit("pod without labels")
	}
	g.addContainers(p)
	own := addresses(fmt.Sprintf("10.0.%d.%d", ns, i+1), fmt.Sprintf("fd00:0:0:%d::%d", ns, i+1))
	host := pick(g.dice, g.nodes...)
	p.Spec.NodeName = host.name
	switch {
	case g.dice.percent(12):
		p.Spec.HostNetwork = true
		own = host.addresses[:2]
		g.mix.Hit("pod of the host's network")
	case g.dice.percent(5):
		p.Spec.NodeName = ""
		g.mix.Hit("pod without node")
	}
	p.Status.Phase = pick(g.dice, corev1.PodRunning, corev1.PodRunning, corev1.PodRunning, corev1.PodPending, corev1.PodUnknown, "")
	g.giveAddresses(p, own, host)
	g.Cluster.Pods = append(g.Cluster.Pods, p)
}

// giveAddresses fills in the pod's status, and what it tells of its node.
func (g *Generator) giveAddresses(p *corev1.Pod, own []netip.Addr, host *node) {
	if g.dice.percent(12) {
		p.Status.Phase = pick(g.dice, corev1.PodSucceeded, corev1.PodFailed)
		g.mix.Hit("pod that has ended")
		if !p.Spec.HostNetwork {
			g.freed = append(g.freed, own...)
		}
	} else if i := len(g.freed); i > 0 && !p.Spec.HostNetwork && g.dice.percent(40) {
		own, g.freed = g.freed[i-2:], g.freed[:i-2] // the address may be given to another
		g.mix.Hit("address used again")
	}
	if p.Spec.NodeName != "" { // API servers fill it in; an unknown node has no address but this
		p.Status.HostIP = host.addresses[0].String()
		p.Status.HostIPs = []corev1.HostIP{{IP: host.addresses[0].String()}, {IP: host.addresses[1].String()}}
	}
	given := own
	switch {
	case g.dice.percent(6):
		g.mix.Hit("pod without address")
		return
	case g.dice.percent(40):
		given = own[:1]
		g.mix.Hit("pod of IPv4")
	case g.dice.percent(25):
		given = own[1:]
		g.mix.Hit("pod of IPv6")
	default:
		if g.dice.percent(50) {
			given = []netip.Addr{own[1], own[0]}
		}
		g.mix.Hit("pod of both families")
	}
	g.pool = append(g.pool, given...)
	p.Status.PodIP = given[0].String()
	if len(given) == 1 && g.dice.percent(20) {
		g.mix.Hit("pod with podIP only")
		return
	}
	for _, a := range given {
		p.Status.PodIPs = append(p.Status.PodIPs, corev1.PodIP{IP: a.String()})
	}
}

// addContainers gives the pod two containers, and now and then a sidecar and
// an ordinary init container.
func (g *Generator) addContainers(p *corev1.Pod) {
	p.Spec.Containers = []corev1.Container{{Name: "a", Ports: g.containerPorts()}, {Name: "b", Ports: g.containerPorts()}}
	first, second := p.Spec.Containers[0].Ports, p.Spec.Containers[1].Ports
	if len(first) > 0 && len(second) > 0 && first[0].Name != "" {
		switch {
		case g.dice.percent(25):
			second[0].Name = first[0].Name
			g.mix.Hit("port name of two containers")
		case g.dice.percent(40) && first[0].Name != "http":
			second[0] = first[0]
			second[0].Name = "http"
			g.mix.Hit("two names of one port")
		}
	}
	if g.dice.percent(30) {
		sidecar := corev1.Container{Name: "s", RestartPolicy: new(corev1.ContainerRestartPolicyAlways), Ports: g.containerPorts()}
		p.Spec.InitContainers = append(p.Spec.InitContainers, sidecar)
		g.countNames(sidecar, "named port of a sidecar")
	}
	if g.dice.percent(30) {
		ordinary := corev1.Container{Name: "i", Ports: g.containerPorts()}
		p.Spec.InitContainers = append(p.Spec.InitContainers, ordinary)
		g.countNames(ordinary, "named port of an init container")
	}
	for _, c := range p.Spec.Containers {
		g.countNames(c, "named port")
	}
}

func (g *Generator) countNames(c corev1.Container, feature string) {
	for _, port := range c.Ports {
		if port.Name != "" {
			g.mix.Hit(feature)
		}
	}
}

func portNames() []string { return []string{"http", "dns", "metrics"} }

func portNumbers() []int32 { return []int32{53, 80, 81, 443, 8080, 9090} }

// containerPorts returns up to two ports, whose names differ as API servers
// demand of those of one container.
func (g *Generator) containerPorts() []corev1.ContainerPort {
	var ports []corev1.ContainerPort
	first := g.dice.IntN(3)
	for i := range g.dice.IntN(3) {
		port := corev1.ContainerPort{
			ContainerPort: pick(g.dice, portNumbers()...),
			Protocol:      pick(g.dice, "", corev1.ProtocolTCP, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP),
		}
		if port.Protocol == "" {
			g.mix.Hit("container port without protocol")
		}
		if g.dice.percent(75) {
			port.Name = portNames()[(first+i)%3]
		}
		g.ports = append(g.ports, port.ContainerPort)
		ports = append(ports, port)
	}
	return ports
}
