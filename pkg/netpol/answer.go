package netpol

import "slices"

// Partly is the verdict about several flows of which some are Allowed and the
// others Denied.
const Partly Verdict = "Partly"

// Question asks whether what one reference names reaches what another does.
type Question struct {
	From, To Reference
	// Ports are those of the destination as the source names them; none for
	// any port.
	Ports []PortRange
	// Names are further ports, by the names that the destination gives them.
	Names []PortName
	// Family limits the answer to one address family.
	Family Family
	// Via names the pods that serve what From names, where that is an Ingress, a
	// Gateway or a Route; the zero value where nobody said which.
	Via Reference
}

// Answer is the verdict about a question and the flows that it is made of.
type Answer struct {
	// Verdict is about all flows: on every port that was asked for, or on any
	// where none was.
	Verdict Verdict
	// Flows are in the order of sources and destinations.
	Flows []FlowAnswer
	// Doubts are why the verdict is Undefined, never empty then.
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
	Ports []OpenPorts
	// Doubts are why some of the ports are Undefined.
	Doubts []Doubt
}

// Answer answers a question. The error is a *NotFoundError, or says that there
// is nothing to ask about.
func (c *Cluster) Answer(q Question) (*Answer, error) {
	a, err := c.run(q)
	if err != nil {
		return nil, err
	}
	a.sum()
	return a.answer, nil
}

// run answers for every flow: the doubts are those that bear on all of them.
func (c *Cluster) run(q Question) (*answering, error) {
	q.Ports = joined(q.Ports)
	a := &answering{Cluster: c, question: q, answer: &Answer{}}
	if q.From.IsEntry() {
		if err := a.throughEntry(); err != nil {
			return nil, err
		}
		if q.Via.typed == "" {
			return a, nil
		}
	}
	from, to, err := a.ends()
	if err != nil {
		return nil, err
	}
	if q.From.IsEntry() {
		to = a.limit(to)
	}
	for _, source := range from {
		for i := range to {
			a.pair(source, &to[i], len(from)*len(to) > 1)
		}
	}
	a.remark(from, to)
	if !q.From.IsEntry() && slices.ContainsFunc(from, func(e *Endpoint) bool { return e.Kind == ExternalEndpoint }) {
		a.remarkEntries(to)
	}
	if len(a.answer.Flows) == 0 && len(a.answer.Doubts) == 0 {
		a.lacks("%s and %s have no address of the same family: there is no way between them", a.question.From, a.question.To)
	}
	return a, nil
}

// sum makes one verdict of all.
func (a *answering) sum() {
	total := map[Verdict]bool{}
	if len(a.answer.Doubts) > 0 {
		total[Undefined] = true
	}
	for _, seen := range a.verdicts() {
		total[worst(seen)] = true
	}
	a.answer.Verdict = worst(total)
	if a.answer.Verdict == Undefined {
		a.answer.Doubts = a.allDoubts()
	}
}

// allDoubts are those that bear on all flows, then those of each.
func (a *answering) allDoubts() []Doubt {
	doubts := slices.Clone(a.answer.Doubts)
	for _, f := range a.answer.Flows {
		doubts = append(doubts, f.Doubts...)
	}
	return unique(doubts)
}

// verdicts are those of each flow's ports. Where no port was asked for, one
// that is open is enough, and several ports of a Service belong together.
func (a *answering) verdicts() []map[Verdict]bool {
	type ends struct {
		from, to *Endpoint
		family   Family
	}
	var all []map[Verdict]bool
	byEnds := map[ends]map[Verdict]bool{}
	for _, f := range a.answer.Flows {
		key := ends{f.Flow.From, f.Flow.To, f.Flow.Family}
		if byEnds[key] == nil {
			byEnds[key] = map[Verdict]bool{}
			all = append(all, byEnds[key])
		}
		for _, open := range f.Ports {
			byEnds[key][open.Verdict] = true
		}
	}
	for i, seen := range all {
		if !a.question.hasPorts() {
			all[i] = map[Verdict]bool{best(seen): true}
		}
	}
	return all
}

func best(seen map[Verdict]bool) Verdict {
	switch {
	case seen[Allowed]:
		return Allowed
	case seen[Undefined]:
		return Undefined
	default:
		return Denied
	}
}

func worst(seen map[Verdict]bool) Verdict {
	switch {
	case seen[Undefined]:
		return Undefined
	case seen[Partly], seen[Allowed] && seen[Denied]:
		return Partly
	case seen[Allowed]:
		return Allowed
	default:
		return Denied
	}
}
