package netpol

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Partly is the verdict about several flows of which some are Allowed and the
// others Denied.
const Partly Verdict = "Partly"

// Question asks whether what one reference names reaches what another does.
type Question struct {
	From, To Reference
	// Ports are those of the destination as the source names them; none for
	// every port.
	Ports []PortRange
	// Family limits the answer to one address family.
	Family Family
}

// Answer is the verdict about a question and the flows that it is made of.
type Answer struct {
	Verdict Verdict
	Flows   []FlowAnswer
	// Doubts are why the verdict is Undefined.
	Doubts []Doubt
	Notes  []string
}

// FlowAnswer is the verdict about one pair of endpoints.
type FlowAnswer struct {
	// Flow names the ends; its port is that of the first of Ports.
	Flow Flow
	// Backend is set for flows through a Service.
	Backend *Backend
	// Ports are those of the endpoint, in order, neighbours of one verdict
	// joined.
	Ports  []OpenPorts
	Doubts []Doubt
}

// Answer answers a question. The error is a *NotFoundError, or says that there
// is nothing to ask about.
func (c *Cluster) Answer(q Question) (*Answer, error) {
	from, err := c.Resolve(q.From)
	if err != nil {
		return nil, err
	}
	a := &answering{Cluster: c, question: q, answer: &Answer{}}
	if q.To.Type == "Service" {
		service, err := c.Service(q.To)
		if err != nil {
			return nil, err
		}
		a.throughService(from, service)
	} else {
		to, err := c.Resolve(q.To)
		if err != nil {
			return nil, err
		}
		for _, source := range from {
			for _, destination := range to {
				a.pair(source, destination, nil, q.Ports)
			}
		}
	}
	a.sum()
	return a.answer, nil
}

// answering is the state of one Answer.
type answering struct {
	*Cluster
	question Question
	answer   *Answer
}

// throughService asks about every endpoint of the ports that are meant.
func (a *answering) throughService(from []*Endpoint, s *corev1.Service) {
	backends, doubts := a.Backends(s)
	a.answer.Doubts = append(a.answer.Doubts, doubts...)
	ports := a.question.Ports
	for i := range backends {
		b := &backends[i]
		if len(ports) > 0 && !slices.ContainsFunc(ports, func(r PortRange) bool { return r.overlaps(b.ServicePort) }) {
			continue
		}
		for _, source := range from {
			a.pair(source, b.Endpoint, b, []PortRange{b.Port})
		}
	}
	for _, asked := range ports {
		if len(backends) > 0 && !slices.ContainsFunc(backends, func(b Backend) bool { return asked.overlaps(b.ServicePort) }) {
			a.answer.Notes = append(a.answer.Notes, fmt.Sprintf("Service %s has no port %s", s.Name, asked))
		}
	}
	if s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer {
		a.translated(s)
	}
}

// translated widens flows from outside: unless the Service keeps the client's
// address, the node that takes them in may put its own in its place.
// Source: externalTrafficPolicy in k8s.io/api/core/v1.
func (a *answering) translated(s *corev1.Service) {
	if s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		return
	}
	for i := range a.answer.Flows {
		f := &a.answer.Flows[i]
		if f.Flow.From.Kind != ExternalEndpoint {
			continue
		}
		other := f.Flow
		other.From = &Endpoint{Kind: NodeEndpoint, Name: f.Flow.To.Node, Node: f.Flow.To.Node}
		for j, open := range f.Ports {
			one := other
			one.Protocol, one.Port = open.Ports.Protocol, open.Ports.From
			if verdict := a.Verdict(one); verdict != open.Verdict {
				f.Ports[j].Verdict = Undefined
				f.Doubts = append(f.Doubts, Doubt{BySpec, "with externalTrafficPolicy Cluster a node may put its own address in the place of the client's"})
			}
		}
	}
}

// pair asks about two endpoints in every address family that they share.
func (a *answering) pair(from, to *Endpoint, backend *Backend, ports []PortRange) {
	families := a.families(from, to)
	if len(families) == 0 {
		a.answer.Notes = append(a.answer.Notes, fmt.Sprintf("%s and %s have no address of the same family", from, to))
	}
	for _, family := range families {
		f := Flow{From: from, To: to, Family: family, ThroughService: backend != nil}
		flow := FlowAnswer{Flow: f, Backend: backend}
		for _, open := range a.Ports(f) {
			flow.Ports = append(flow.Ports, open.within(ports)...)
		}
		if len(flow.Ports) > 0 {
			flow.Flow.Protocol, flow.Flow.Port = flow.Ports[0].Ports.Protocol, flow.Ports[0].Ports.From
		}
		for _, open := range flow.Ports {
			if open.Verdict == Undefined {
				one := f
				one.Protocol, one.Port = open.Ports.Protocol, open.Ports.From
				flow.Doubts = append(flow.Doubts, a.Explain(one).Doubts...)
			}
		}
		flow.Doubts = unique(flow.Doubts)
		a.answer.Flows = append(a.answer.Flows, flow)
	}
}

// families returns those that both ends have an address of, that of the
// destination's primary address first. Ends whose addresses are not known may
// have any.
func (a *answering) families(from, to *Endpoint) []Family {
	if len(from.Addresses) == 0 && len(to.Addresses) == 0 {
		return []Family{a.question.Family}
	}
	known := to
	if len(to.Addresses) == 0 {
		known = from
	}
	var families []Family
	for _, addr := range known.Addresses {
		f := familyOf(addr)
		both := len(from.Addresses) == 0 || len(to.Addresses) == 0 || from.Address(f).IsValid() && to.Address(f).IsValid()
		if both && (a.question.Family == AnyFamily || a.question.Family == f) && !slices.Contains(families, f) {
			families = append(families, f)
		}
	}
	return families
}

// sum makes one verdict of all.
func (a *answering) sum() {
	seen := map[Verdict]bool{}
	for _, f := range a.answer.Flows {
		for _, open := range f.Ports {
			seen[open.Verdict] = true
		}
		a.answer.Doubts = append(a.answer.Doubts, f.Doubts...)
	}
	a.answer.Doubts = unique(a.answer.Doubts)
	switch {
	case seen[Undefined], len(seen) == 0:
		a.answer.Verdict = Undefined
	case seen[Allowed] && seen[Denied]:
		a.answer.Verdict = Partly
	case seen[Allowed]:
		a.answer.Verdict = Allowed
	default:
		a.answer.Verdict = Denied
	}
}
