package lint

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// destinations returns the pods that a rule's ports are about, and whether
// they are all that it is about: addresses have no names of ports.
func (l *linter) destinations(p *netpol.Policy, r netpol.Rule) []*netpol.Endpoint {
	var found []*netpol.Endpoint
	add := func(list []*netpol.Endpoint) {
		for _, e := range list {
			if e.Kind == netpol.PodEndpoint && !e.HostNetwork {
				found = append(found, e)
			}
		}
	}
	switch {
	case r.Direction == netpol.Ingress:
		add(l.Selected(p))
	case len(r.Peers) == 0:
		for _, name := range l.NamespaceNames() {
			add(l.Pods(name))
		}
	default:
		for _, peer := range r.Peers {
			add(l.Matching(peer))
		}
	}
	return found
}

// namedPorts reports names that no container has which the rule is about.
func (l *linter) namedPorts(p *netpol.Policy, r netpol.Rule) {
	if !slices.ContainsFunc(r.Ports, func(port netpol.RulePort) bool { return port.Name != "" }) {
		return
	}
	pods := l.destinations(p, r)
	for i, port := range r.Ports {
		if port.Name == "" {
			continue
		}
		f := at(p, r.PortPath(i), r.String()+port.String())
		switch {
		case len(pods) == 0:
			l.nameOfAddress(f, r, port)
		case !slices.ContainsFunc(pods, func(e *netpol.Endpoint) bool { return len(e.Named(port.Name, port.Protocol)) > 0 }):
			l.noName(f, port, pods)
		case !slices.ContainsFunc(pods, func(e *netpol.Endpoint) bool { return hasName(e, port, false) }):
			l.say(f, checkSidecarPort, finding.Info,
				fmt.Sprintf("port %s is that of a sidecar (an init container that goes on running): some networks do not find it", port.Name),
				"write the number of the port where the network is one of them")
		}
	}
}

// hasName reports whether a container of the kind has the port.
func hasName(e *netpol.Endpoint, port netpol.RulePort, sidecar bool) bool {
	return slices.ContainsFunc(e.Ports, func(n netpol.NamedPort) bool {
		return n.Name == port.Name && n.Protocol == port.Protocol && !n.Init && n.Sidecar == sidecar
	})
}

func (l *linter) nameOfAddress(f finding.Finding, r netpol.Rule, port netpol.RulePort) {
	if !slices.ContainsFunc(r.Peers, func(p netpol.Peer) bool { return !p.Block.IsValid() }) && len(r.Peers) > 0 {
		l.say(f, checkNamedPort, finding.Medium,
			fmt.Sprintf("the rule is about addresses, which have no ports by name: %s matches nothing", port.Name), "write the number of the port")
	}
}

func (l *linter) noName(f finding.Finding, port netpol.RulePort, pods []*netpol.Endpoint) {
	message := fmt.Sprintf("no pod that it is about has a %s port named %s, which so matches nothing", port.Protocol, port.Name)
	remedy, evidence := "name a port of the pods' containers, or write its number", map[string]bool{}
	for _, e := range pods {
		for _, n := range e.Ports {
			switch {
			case n.Name == port.Name && n.Protocol == port.Protocol:
				message = fmt.Sprintf("only init containers have a port named %s, which end before the pod serves: it matches nothing", port.Name)
				remedy = "name a port of a container that goes on running"
			case n.Name == port.Name:
				remedy = fmt.Sprintf("write protocol: %s: the port %s is of that", n.Protocol, n.Name)
			case slip(n.Name, port.Name) && n.Protocol == port.Protocol && !n.Init:
				remedy = fmt.Sprintf("did you mean %s?", n.Name)
			}
			if n.Name != "" && !n.Init {
				evidence[fmt.Sprintf("%s (%d/%s)", n.Name, n.Number, n.Protocol)] = true
			}
		}
	}
	l.say(f, checkNamedPort, finding.Medium, message, remedy, few(sorted(evidence), "ports by name: ")...)
}

// servicePorts reports numbers that a Service has for clients, and its pods
// do not.
func (l *linter) servicePorts(p *netpol.Policy, r netpol.Rule) {
	if r.Direction == netpol.Egress && (len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, func(peer netpol.Peer) bool { return peer.Block.IsValid() })) {
		return
	}
	var pods []*netpol.Endpoint
	for i, port := range r.Ports {
		if port.Name != "" || port.From != port.To {
			continue
		}
		if pods == nil {
			pods = l.destinations(p, r)
		}
		service, target := l.serviceOf(port, pods)
		if service == nil || l.opensAnyway(p, r, port.Protocol, target, pods) {
			continue
		}
		l.spoken[p.Namespace+"/"+p.Name+" "+r.Path()] = true
		l.say(at(p, r.PortPath(i), r.String()+port.String()), checkServicePort, finding.High,
			fmt.Sprintf("%d is the port of Service %s, which leads to port %d of its pods: policies see that one, and deny it", port.From, service.Name, target),
			fmt.Sprintf("write port: %d", target),
			fmt.Sprintf("Service %s/%s: port %d, targetPort %d", service.Namespace, service.Name, port.From, target))
	}
}

// serviceOf returns a Service of the pods that has the port, and where it leads
// on them. There is none where the port leads to itself, or a pod has it.
func (l *linter) serviceOf(port netpol.RulePort, pods []*netpol.Endpoint) (*corev1.Service, int32) {
	var found *corev1.Service
	var target int32
	namespaces := map[string][]*netpol.Endpoint{}
	for _, e := range pods {
		if slices.ContainsFunc(e.Ports, func(n netpol.NamedPort) bool { return n.Number == port.From && n.Protocol == port.Protocol && !n.Init }) {
			return nil, 0
		}
		namespaces[e.Namespace] = append(namespaces[e.Namespace], e)
	}
	for namespace, in := range namespaces {
		for _, s := range l.servicesOf(namespace) {
			for _, sp := range s.Spec.Ports {
				for _, number := range leadsTo(s, sp, port, in) {
					if number == port.From {
						return nil, 0
					}
					if sp.Port == port.From && (found == nil || compareServices(s, found) < 0) {
						found, target = s, number
					}
				}
			}
		}
	}
	return found, target
}

func compareServices(a, b *corev1.Service) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
