package netpol

import "slices"

// checkTally sums up the flows of an answer for an assertion.
type checkTally struct {
	expect   Expectation
	doubtful bool // something beside the flows makes all Undefined
	anyPort  bool // one port that is open is enough
	flows    []FlowAnswer
	pairs    []checkPair
}

// checkPair is two endpoints and an address family: several ports of a Service
// belong together.
type checkPair struct {
	checkEnds
	flows                      []int // positions in checkTally.flows
	allowed, denied, undefined bool  // some port is
	anyPort                    bool
}

type checkEnds struct {
	from, to *Endpoint
	family   Family
}

func newCheckTally(expect Expectation, run *answering) *checkTally {
	t := &checkTally{expect: expect, doubtful: len(run.answer.Doubts) > 0, anyPort: !run.question.hasPorts(), flows: run.answer.Flows}
	at := make(map[checkEnds]int, len(t.flows))
	for i := range t.flows {
		f := &t.flows[i]
		key := checkEnds{f.Flow.From, f.Flow.To, f.Flow.Family}
		n, known := at[key]
		if !known {
			n = len(t.pairs)
			at[key] = n
			t.pairs = append(t.pairs, checkPair{checkEnds: key, anyPort: t.anyPort})
		}
		p := &t.pairs[n]
		p.flows = append(p.flows, i)
		for _, open := range f.Ports {
			p.allowed = p.allowed || open.Verdict == Allowed
			p.denied = p.denied || open.Verdict == Denied
			p.undefined = p.undefined || open.Verdict == Undefined
		}
	}
	return t
}

// blocked reports whether some port that counts is surely Denied: where one
// open port is enough, all have to be.
func (p checkPair) blocked() bool {
	return p.denied && (!p.anyPort || !p.allowed && !p.undefined)
}

// open reports whether some port that counts is Undefined.
func (p checkPair) open() bool { return p.undefined && (!p.anyPort || !p.allowed) }

// breaks reports whether the pair is surely not as expected.
func (t *checkTally) breaks(p checkPair) bool {
	return t.expect == ExpectAllow && p.blocked() || t.expect == ExpectDeny && p.allowed
}

// against returns the pairs that are not as expected, those that surely are
// not first.
func (t *checkTally) against() []checkPair {
	var sure, unsure []checkPair
	for _, p := range t.pairs {
		switch {
		case t.breaks(p):
			sure = append(sure, p)
		case t.expect != "" && p.open():
			unsure = append(unsure, p)
		}
	}
	return append(sure, unsure...)
}

// sum makes one verdict of pairs, and reports whether some of them pass and
// others do not.
func (t *checkTally) sum(pairs []checkPair) (verdict Verdict, mixed bool) {
	var allowed, blocked, open, broken bool
	for _, p := range pairs {
		allowed, blocked, open = allowed || p.allowed, blocked || p.blocked(), open || p.open()
		broken = broken || t.breaks(p)
	}
	mixed = allowed && blocked
	switch {
	case t.doubtful || len(pairs) == 0:
		return Undefined, mixed
	case broken && t.expect == ExpectDeny:
		return Allowed, mixed
	case broken:
		return Denied, mixed
	case open:
		return Undefined, mixed
	case blocked:
		return Denied, mixed
	default:
		return Allowed, mixed
	}
}

// of returns the pairs of a family, with those whose addresses are not known.
func (t *checkTally) of(family Family) []checkPair {
	var found []checkPair
	some := false
	for _, p := range t.pairs {
		if p.family == family || p.family == AnyFamily {
			found = append(found, p)
			some = some || p.family == family
		}
	}
	if !some {
		return nil
	}
	return found
}

// primary returns of the pairs those of the family of the destination's primary
// address, or of its first that the source has one of, too. Of what lies outside
// of the cluster, and what has no address yet, there is none: the source's
// counts there.
func (t *checkTally) primary() []checkPair {
	if !slices.ContainsFunc(t.pairs, func(p checkPair) bool { return p.family != t.pairs[0].family }) {
		return t.pairs
	}
	families := map[*Endpoint]map[Family]bool{}
	for _, p := range t.pairs {
		e := p.leading()
		if families[e] == nil {
			families[e] = map[Family]bool{}
		}
		families[e][p.family] = true
	}
	var found []checkPair
	for _, p := range t.pairs {
		if len(families[p.leading()]) == 1 || p.family == p.leading().firstOf(families[p.leading()]) {
			found = append(found, p)
		}
	}
	return found
}

// leading is the end whose primary address counts.
func (p checkPair) leading() *Endpoint {
	if p.to.Kind == ExternalEndpoint || len(p.to.Addresses) == 0 {
		return p.from
	}
	return p.to
}

// firstOf returns that of the families which comes first among the endpoint's
// addresses, IPv4 where it has none.
func (e *Endpoint) firstOf(families map[Family]bool) Family {
	for _, addr := range e.Addresses {
		if families[familyOf(addr)] {
			return familyOf(addr)
		}
	}
	return IPv4
}

// example returns the first ports of the pair that are not as expected, those
// that surely are not before those that may not be.
func (t *checkTally) example(p checkPair) Example {
	wanted := map[Expectation]Verdict{ExpectAllow: Denied, ExpectDeny: Allowed}[t.expect]
	if !t.breaks(p) {
		wanted = Undefined
	}
	for _, i := range p.flows {
		f := &t.flows[i]
		for _, open := range f.Ports {
			if open.Verdict == wanted {
				return Example{Flow: f.Flow, Backend: f.Backend, Open: open, Doubts: f.Doubts}
			}
		}
	}
	return Example{}
}
