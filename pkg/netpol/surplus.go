package netpol

import "slices"

// Effect is what would be different without a part of a policy: nothing, for
// one of these reasons.
type Effect string

// The effects.
const (
	// Shadowed: other rules allow it too, by their words, whatever endpoints
	// there are.
	Shadowed Effect = "shadowed"
	// Covered: other rules, or the closeness of both ends, allow it too, between
	// the endpoints that there are.
	Covered Effect = "covered"
	// Unmet: where no other rule allows it too, the other end does not.
	Unmet Effect = "unmet"
	// Idle: no endpoint that there is meets it.
	Idle Effect = "idle"
)

// Part is a rule of a policy, or one of its peers or ports.
type Part struct {
	Policy     *Policy
	Direction  Direction
	Rule       int
	Peer, Port int // whole for all of them
}

// whole stands for all peers, or all ports, of a rule.
const whole = -1

// IsRule reports whether the part is a whole rule.
func (p Part) IsRule() bool { return p.Peer == whole && p.Port == whole }

// Path returns the place of the part in its policy.
func (p Part) Path() string {
	rule := Rule{Direction: p.Direction, Index: p.Rule}
	switch {
	case p.Peer != whole:
		return rule.PeerPath(p.Peer)
	case p.Port != whole:
		return rule.PortPath(p.Port)
	default:
		return rule.Path()
	}
}

// Surplus is a part that makes no difference.
type Surplus struct {
	Part
	Effect Effect
	By     []Part // rules that allow what the part does, or some of it where the rest is Unmet
	// Flow is, where the other end does not allow any, one of those.
	Flow *Flow
}

// SurplusPolicy is a policy that makes no difference: others isolate whatever
// it selects, and its rules are surplus.
type SurplusPolicy struct {
	Policy *Policy
	// Effect is Shadowed or Covered, as of its rules.
	Effect Effect
	By     []*Policy
}

// Surplus returns the parts without which all flows between the endpoints of
// the cluster, and to and from all addresses, have the verdicts that they have
// now: in every address family, not through Services, and as if no policy were
// unread. They may all be removed together; of what is left no rule, peer or
// port may be removed with them. Of parts that say the same the last is
// surplus. Rules of policies that select nothing are left out.
func (i *Inspector) Surplus() ([]Surplus, []SurplusPolicy) {
	s := newSurplusFinder(i)
	s.tryAll(Shadowed) // first: what holds of all endpoints must not rest on those of today
	s.tryAll(Covered, Unmet, Idle)
	slices.Reverse(s.found)
	return s.found, s.policies()
}

// tryAll tries the last first: of two that say the same the earlier stays.
func (s *surplusFinder) tryAll(effects ...Effect) {
	for _, r := range slices.Backward(s.rules) {
		s.try(r, whole, whole, effects)
	}
	for _, r := range slices.Backward(s.rules) {
		for at := len(r.peers) - 1; at >= 0 && len(r.peers) > 1; at-- {
			s.try(r, at, whole, effects)
		}
	}
	for _, r := range slices.Backward(s.rules) {
		for at := len(r.ports) - 1; at >= 0 && len(r.ports) > 1; at-- {
			s.try(r, whole, at, effects)
		}
	}
}

// try takes a part out of the rule that it is in where nothing changes then.
func (s *surplusFinder) try(r *liveRule, peer, port int, effects []Effect) {
	if r.gone {
		return
	}
	part, rest := r.only(peer, port), r.without(peer, port)
	var found Surplus
	if effects[0] == Shadowed {
		found.Effect, found.By = s.shadow(r, part, rest)
	} else {
		found = s.today(r, part, rest)
	}
	if !slices.Contains(effects, found.Effect) {
		return
	}
	found.Part = r.Part
	if peer != whole {
		found.Peer = r.peerAt[peer]
	}
	if port != whole {
		found.Port = r.portAt[port]
	}
	s.found = append(s.found, found)
	r.take(peer, port, rest)
}

// policies returns the policies that may go with their rules.
func (s *surplusFinder) policies() []SurplusPolicy {
	var found []SurplusPolicy
	gone := map[*Policy]bool{}
	for number, p := range slices.Backward(s.Cluster.policies) {
		effect, of := s.rulesOf(p)
		if len(s.classes[number]) == 0 {
			continue
		}
		by := map[*Policy]bool{}
		for _, d := range []Direction{Ingress, Egress} {
			if other := s.isolator(p, d, gone); other != nil {
				by[other] = true
			} else if p.isolates[d] {
				effect = ""
			}
		}
		if effect == "" || len(by) == 0 {
			continue
		}
		gone[p] = true
		for _, part := range of {
			by[part.Policy] = true
		}
		delete(by, p)
		one := SurplusPolicy{Policy: p, Effect: effect}
		for _, other := range s.Cluster.policies {
			if by[other] {
				one.By = append(one.By, other)
			}
		}
		found = append(found, one)
	}
	slices.Reverse(found)
	return found
}

// rulesOf returns the effect of all rules of a policy together, "" where not
// all of them are allowed by others, and what allows the same.
func (s *surplusFinder) rulesOf(p *Policy) (Effect, []Part) {
	effect, by := Shadowed, []Part(nil)
	left := map[Part]bool{}
	for _, r := range s.rules {
		if r.Policy == p {
			left[r.Part] = true
		}
	}
	for _, found := range s.found {
		if !left[found.Part] {
			continue
		}
		delete(left, found.Part)
		switch found.Effect {
		case Unmet, Idle:
			return "", nil
		case Covered:
			effect = Covered
		case Shadowed:
		}
		by = append(by, found.By...)
	}
	if len(left) > 0 {
		return "", nil
	}
	return effect, by
}

// isolator returns another policy that isolates, in the direction, whatever
// this one does, nil without one.
func (s *surplusFinder) isolator(p *Policy, d Direction, gone map[*Policy]bool) *Policy {
	if !p.isolates[d] {
		return nil
	}
	for _, other := range s.inNamespace[p.Namespace] {
		if other != p && !gone[other] && other.isolates[d] && other.subject.covers(p.subject) {
			return other
		}
	}
	return nil
}
