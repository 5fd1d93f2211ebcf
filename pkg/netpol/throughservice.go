package netpol

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// serviceOf returns the Service that a reference names, by itself or by its
// cluster IP; nil for other references.
func (c *Cluster) serviceOf(r Reference) (*corev1.Service, error) {
	switch {
	case r.Type == "Service":
		return c.Service(r)
	case r.Range.IsSingleIP():
		return c.services[r.Range.Addr()], nil
	}
	return nil, nil
}

// behind returns the endpoints of the ports that are meant. A headless Service
// is a name of its endpoints: all of their ports may be meant.
func (a *answering) behind(s *corev1.Service) []target {
	backends, doubts := a.Backends(s)
	a.answer.Doubts = append(a.answer.Doubts, doubts...)
	asked := a.named("Service "+s.Name, func(n PortName) []PortRange { return n.portsOf(s, backends) })
	if len(asked) == 0 && a.question.hasPorts() {
		return nil
	}
	a.question.Ports, a.question.Names = joined(asked), nil
	var to []target
	for i := range backends {
		b := &backends[i]
		switch {
		case len(asked) == 0:
			to = append(to, target{b.Endpoint, b, []PortRange{b.Port}})
		case headless(s):
			if !slices.ContainsFunc(to, func(t target) bool { return t.Endpoint == b.Endpoint && t.backend.Family == b.Family }) {
				to = append(to, target{b.Endpoint, b, asked})
			}
		case slices.ContainsFunc(asked, b.ServicePort.overlaps):
			to = append(to, target{b.Endpoint, b, []PortRange{b.Port}})
		}
	}
	if len(doubts) == 0 && !headless(s) {
		a.checkPorts(s, backends)
	}
	return to
}

// checkPorts tells of ports at which nothing answers.
func (a *answering) checkPorts(s *corev1.Service, backends []Backend) {
	leads := func(r PortRange) bool {
		return slices.ContainsFunc(backends, func(b Backend) bool { return r.overlaps(b.ServicePort) })
	}
	for _, asked := range a.question.Ports {
		if !leads(asked) {
			a.lacks("nothing answers at port %s of Service %s: it has no such port, or no endpoint of it", asked, s.Name)
		}
	}
	for _, p := range s.Spec.Ports {
		own := PortRange{protocolOf(p.Protocol), p.Port, p.Port}
		if len(a.question.Ports) == 0 && !leads(own) {
			a.note("no endpoint of Service %s has its port %s", s.Name, own)
		}
	}
}

// isTranslated reports whether a flow from outside may get another verdict
// because the node that takes it in may put its own address in the place of
// the client's: unless the Service keeps that.
// Source: externalTrafficPolicy in k8s.io/api/core/v1.
func (a *answering) isTranslated(f Flow, verdict Verdict) bool {
	if a.service == nil || f.From.Kind != ExternalEndpoint || !exposed(a.service) ||
		a.service.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		return false
	}
	if len(a.nodes) == 0 {
		f.From = &Endpoint{Kind: NodeEndpoint}
		return a.Verdict(f) != verdict
	}
	for _, node := range a.nodes {
		f.From = node
		if a.Verdict(f) != verdict {
			return true
		}
	}
	return false
}

// exposed reports whether the Service has addresses for clients outside.
func exposed(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer || len(s.Spec.ExternalIPs) > 0
}

// remark notes what verdicts do not say of how clients come to endpoints.
func (a *answering) remark(from []*Endpoint, to []target) {
	if a.service != nil {
		a.remarkService(a.service, from)
	} else {
		a.remarkOuter(to)
	}
	if a.selves {
		a.note("pairs of a pod with itself are left out: no policy can block those")
	}
}

func (a *answering) remarkService(s *corev1.Service, from []*Endpoint) {
	isOutside := func(e *Endpoint) bool { return e.Kind == ExternalEndpoint }
	if a.question.To.isAddress() {
		a.note("%s is the address of Service %s/%s: the answer is about its endpoints, policies never see that address", a.question.To, s.Namespace, s.Name)
	}
	if slices.ContainsFunc(from, isOutside) {
		if !exposed(s) {
			a.note("Service %s has no address for clients outside of the cluster: they come through something inside, if at all", s.Name)
		}
		if len(s.Spec.LoadBalancerSourceRanges) > 0 {
			a.note("the loadBalancerSourceRanges of Service %s are not evaluated", s.Name)
		}
	} else if value(s.Spec.InternalTrafficPolicy) == corev1.ServiceInternalTrafficPolicyLocal {
		a.note("Service %s has internalTrafficPolicy Local: clients reach those of its endpoints that are on their own node", s.Name)
	}
}

// remarkOuter tells where a destination is the way to a Service, too: what is
// sent there ends at its endpoints.
func (a *answering) remarkOuter(to []target) {
	if r := a.question.To.Range; r.IsSingleIP() && a.outer[r.Addr()] != nil {
		s := a.outer[r.Addr()]
		a.elsewhere("%s is an address of Service %s/%s: what is sent there may end at its endpoints, ask about that", r.Addr(), s.Namespace, s.Name)
	}
	a.remarkServicesIn()
	if !slices.ContainsFunc(to, func(t target) bool { return t.Kind == NodeEndpoint }) {
		return
	}
	if slices.ContainsFunc(a.answer.Flows, func(f FlowAnswer) bool {
		return f.Flow.To.Kind == NodeEndpoint && f.Flow.From.Kind == PodEndpoint && f.Flow.From.Node == f.Flow.To.Name &&
			slices.ContainsFunc(f.Ports, func(o OpenPorts) bool { return o.Verdict == Denied })
	}) {
		a.note("the API exempts what a pod gets from its own node; of what it sends there the documentation says the same, and networks differ")
	}
	a.remarkNodePorts()
}

// remarkNodePorts tells which ports of nodes lead to Services: of those that
// are asked about the verdict is open.
func (a *answering) remarkNodePorts() {
	var found []PortRange
	for port := range a.nodePorts {
		if len(a.question.Ports) == 0 || slices.ContainsFunc(a.question.Ports, port.overlaps) {
			found = append(found, port)
		}
	}
	slices.SortFunc(found, func(a, b PortRange) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.From, b.From))
	})
	say := a.elsewhere
	if !a.question.hasPorts() {
		say = a.note
	}
	for i, port := range found {
		if i == maxRemarks {
			say("%d more ports of nodes lead to Services", len(found)-i)
			break
		}
		s := a.nodePorts[port]
		say("port %s of nodes leads to Service %s/%s: what is sent there ends at its endpoints, ask about that", port, s.Namespace, s.Name)
	}
}

// maxRemarks is how many remarks of one sort are made.
const maxRemarks = 3

// remarkServicesIn tells of Services in a range: nothing is at their addresses,
// and what is sent there ends at their endpoints.
func (a *answering) remarkServicesIn() {
	r := a.question.To.Range
	if !r.IsValid() || r.IsSingleIP() {
		return
	}
	n := 0
	for addr := range a.services {
		if r.Contains(addr) {
			n++
		}
	}
	if n > 0 {
		a.note("%d addresses in %s are those of Services: what is sent there ends at their endpoints, ask about each by its name", n, r)
	}
}

// elsewhere adds a doubt about a way that does not end where the question
// does: networks differ in what policies see of it.
func (a *answering) elsewhere(format string, args ...any) {
	a.answer.Doubts = append(a.answer.Doubts, Doubt{BySpec, fmt.Sprintf(format, args...)})
}
