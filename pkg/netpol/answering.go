package netpol

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// answering is the state of one Answer.
type answering struct {
	*Cluster
	question Question
	answer   *Answer
	service  *corev1.Service // that the destination is reached through, if any
	selves   bool            // pairs of a pod with itself were left out
	entry    Reference       // that sources stand for, if any
	led      []Backend       // what it leads to
}

// lacks adds a doubt about what the input does not hold.
func (a *answering) lacks(format string, args ...any) {
	a.answer.Doubts = append(a.answer.Doubts, Doubt{ByInput, fmt.Sprintf(format, args...)})
}

func (a *answering) note(format string, args ...any) {
	a.answer.Notes = append(a.answer.Notes, fmt.Sprintf(format, args...))
}

// target is where flows end: an endpoint, by itself or behind a Service.
type target struct {
	*Endpoint
	backend *Backend // nil without a Service
	ports   []PortRange
}

// ends resolves the references. Addresses come last: they are cut by the
// policies of the other end.
func (a *answering) ends() (from []*Endpoint, to []target, err error) {
	q := a.question
	if !q.From.isAddress() {
		if from, err = a.Resolve(q.From); err != nil {
			return nil, nil, err
		}
	}
	service, err := a.serviceOf(q.To)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case service != nil:
		a.service = service
		to = a.behind(service)
	case q.To.isAddress():
		if q.From.isAddress() {
			from = a.externals(q.From, a.rangesFor(a.externals(q.To, nil), Ingress))
		}
		to = a.targets(a.externals(q.To, a.rangesFor(from, Egress)))
	default:
		found, err := a.Resolve(q.To)
		if err != nil {
			return nil, nil, err
		}
		to = a.targets(found)
	}
	if from == nil {
		var others []*Endpoint
		for _, t := range to {
			others = append(others, t.Endpoint)
		}
		from = a.externals(q.From, a.rangesFor(others, Ingress))
	}
	return from, to, nil
}

func (a *answering) targets(found []*Endpoint) []target {
	to := make([]target, 0, len(found))
	for _, e := range found {
		if len(a.question.Names) == 0 {
			to = append(to, target{e, nil, a.question.Ports})
			continue
		}
		ports := a.named(e.String(), func(n PortName) []PortRange { return n.numbersOf(e) })
		if len(ports) > 0 || !a.question.hasPorts() {
			to = append(to, target{e, nil, joined(ports)})
		}
	}
	return to
}

// named returns the ports of the question with those that its names stand for
// at a destination.
func (a *answering) named(destination string, numbers func(PortName) []PortRange) []PortRange {
	ports := slices.Clone(a.question.Ports)
	for _, name := range a.question.Names {
		found := numbers(name)
		if len(found) == 0 {
			a.lacks("%s has no port named %s", destination, name)
		}
		ports = append(ports, found...)
	}
	return ports
}

// hasPorts reports whether the question is about certain ports.
func (q *Question) hasPorts() bool { return len(q.Ports)+len(q.Names) > 0 }

// pair asks about two endpoints in every address family that they share. A pod
// always reaches itself: one pair of many says nothing.
func (a *answering) pair(from *Endpoint, to *target, many bool) {
	f := Flow{From: from, To: to.Endpoint, ThroughService: to.backend != nil && !headless(a.service)}
	if many && !f.ThroughService && from.same(to.Endpoint) {
		a.selves = true
		return
	}
	for _, family := range a.families(from, to) {
		f.Family = family
		flow := FlowAnswer{Flow: f, Backend: to.backend, Ports: a.ports(f, to.ports)}
		for i := range flow.Ports {
			one := f
			one.Protocol, one.Port = flow.Ports[i].Ports.Protocol, flow.Ports[i].Ports.From
			if i == 0 {
				flow.Flow = one
			}
			if unlisted := a.unlisted(one, flow.Ports[i].Verdict); len(unlisted) > 0 {
				flow.Ports[i].Verdict = Undefined
				flow.Doubts = append(flow.Doubts, unlisted...)
			} else if a.isTranslated(one, flow.Ports[i].Verdict) {
				flow.Ports[i].Verdict = Undefined
				flow.Doubts = append(flow.Doubts, Doubt{BySpec, "with externalTrafficPolicy Cluster a node may put its own address in the place of the client's"})
			} else if flow.Ports[i].Verdict == Undefined {
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
func (a *answering) families(from *Endpoint, to *target) []Family {
	known := to.Addresses
	if len(known) == 0 {
		known = from.Addresses
	}
	var candidates []Family
	for _, addr := range known {
		if f := familyOf(addr); !slices.Contains(candidates, f) {
			candidates = append(candidates, f)
		}
	}
	if len(known) == 0 {
		candidates = []Family{AnyFamily}
	}
	asked := []Family{a.question.Family, a.question.From.family(), a.question.To.family()}
	if to.backend != nil {
		asked = append(asked, to.backend.Family)
	}
	var families []Family
	for _, f := range candidates {
		for _, limit := range asked {
			f = both(f, limit)
		}
		if f != noFamily && from.mayHave(f) { // as the other end has
			families = append(families, f)
		}
	}
	return families
}

// noFamily is what different families have in common.
const noFamily Family = -1

func both(a, b Family) Family {
	switch {
	case b == AnyFamily || a == b:
		return a
	case a == AnyFamily:
		return b
	default:
		return noFamily
	}
}

// mayHave reports whether the endpoint has an address of the family, or none
// that is known.
func (e *Endpoint) mayHave(f Family) bool {
	return len(e.Addresses) == 0 || f == AnyFamily || e.Address(f).IsValid()
}
