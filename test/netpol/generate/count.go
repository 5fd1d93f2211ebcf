package generate

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// count counts what the flow is.
func (g *Generator) count(f Flow) {
	g.mix.Hit(string(f.Protocol))
	switch f.Family {
	case 0:
		g.mix.Hit("flow of unknown family")
	default:
		g.mix.Hit(fmt.Sprintf("flow over IPv%d", f.Family))
	}
	for _, e := range []End{f.From, f.To} {
		g.mix.Hit("flow of " + g.kind(e))
	}
	to, from := f.To.Pod, f.From.Node
	switch {
	case f.From.Pod != nil && f.From.Pod == to:
		g.mix.Hit("flow of a pod to itself")
	case to != nil && from != "" && from == to.Spec.NodeName:
		g.mix.Hit("flow from the pod's own node")
	case to != nil && from != "":
		g.mix.Hit("flow from another node")
	}
}

func (g *Generator) kind(e End) string {
	switch {
	case e.Pod != nil && e.Pod.Spec.HostNetwork:
		return "a pod of the host's network"
	case e.Pod != nil:
		return "a pod"
	case e.Future != nil:
		return "a pod that does not exist yet"
	case e.Node != "":
		return "a node"
	case slices.ContainsFunc(g.Cluster.Pods, func(p *corev1.Pod) bool { return hasAddress(p, e.Address) }):
		return "a pod by address"
	default:
		return "an address outside"
	}
}

func hasAddress(p *corev1.Pod, a netip.Addr) bool {
	return !p.Spec.HostNetwork && !Ended(p) && slices.Contains(PodAddresses(p), a)
}
