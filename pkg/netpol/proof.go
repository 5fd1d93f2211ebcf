package netpol

import (
	"cmp"
	"fmt"
	"slices"
)

// Explanation is a verdict with the walk that led to it.
type Explanation struct {
	Flow    Flow
	Verdict Verdict
	// Steps are egress, then ingress; none where the flow cannot be blocked.
	Steps []Step
	// Doubts are why the verdict is Undefined, each once; else empty.
	Doubts []Doubt
	// Reason says in a clause what decided without any step.
	Reason string
}

// Step is what the policies of one end say.
type Step struct {
	Direction Direction
	Subject   *Endpoint
	Verdict   Verdict
	// Reason says in a clause what decided beside rules, "" where they did.
	Reason string
	// Tiers are those that are asked, in order; none where no cluster-wide
	// policy selects the subject or may.
	Tiers []TierStep
	// Policies are those that isolate the subject in the direction, and
	// cluster-wide ones with rules for it, as far as they are asked: in the
	// order of their tiers and priorities.
	Policies []PolicyStep
}

// TierStep is what the policies of one tier say.
type TierStep struct {
	Tier    Tier
	Outcome Outcome
	Reason  string // in a clause, what decided beside rules
}

// PolicyStep is what one policy says.
type PolicyStep struct {
	Policy *Policy
	// Verdict of a NetworkPolicy is Denied where no rule allows the flow; of
	// others it is "" where they leave the flow to those that come after.
	Verdict Verdict
	Outcome Outcome // of a cluster-wide policy
	Rules   []RuleStep
}

// RuleStep is what one rule says. After the first of a cluster-wide policy that
// matches there are no others.
type RuleStep struct {
	Path    string // as spec.ingress[1]
	Verdict Verdict
	// Name, Action (as written) and Match are those of a rule of a cluster-wide
	// policy: Yes, Maybe or No.
	Name, Action, Match string
	Reason              string // in a clause, what decided beside clauses
	// Peer and Port are the clauses that match, as spec.ingress[1].from[0]; ""
	// where the rule is for all or where none matches.
	Peer, Port string
	// Misses are the clauses that fail, and how: of peers where no peer
	// matches, of ports where no port does.
	Misses []Miss
}

// Miss is a clause of a rule that does not match a flow.
type Miss struct {
	Path   string // as spec.ingress[1].from[0].podSelector
	Detail string // for people
}

// Explain returns the verdict of Verdict and the walk that led to it.
func (c *Cluster) Explain(f Flow) Explanation {
	w := &walk{Cluster: c, Flow: f, explains: true}
	e := Explanation{Flow: f, Verdict: verdictOf(w.flow())}
	w.explains = false // the steps go through clauses that decide nothing, too
	switch {
	case f.From.same(f.To) && !f.ThroughService:
		e.Reason = "no policy can block a pod from itself"
	default:
		e.Steps = []Step{w.step(Egress), w.step(Ingress)}
	}
	if e.Verdict == Undefined {
		e.Doubts = unique(w.doubts)
	}
	return e
}

func unique(doubts []Doubt) []Doubt {
	var kept []Doubt
	for _, d := range doubts {
		if !slices.Contains(kept, d) {
			kept = append(kept, d)
		}
	}
	return kept
}

func (w *walk) step(d Direction) Step {
	s := Step{Direction: d, Subject: w.subject(d), Verdict: verdictOf(w.direction(d))}
	if len(s.Subject.cluster) > 0 {
		w.tierSteps(&s)
		return s
	}
	s.Policies = w.networkPolicySteps(d)
	s.Reason = w.reason(d)
	return s
}

func (w *walk) networkPolicySteps(d Direction) []PolicyStep {
	var steps []PolicyStep
	for _, i := range w.subject(d).policies {
		if p := w.policies[i]; p.isolates[d] {
			steps = append(steps, w.policyStep(p, d))
		}
	}
	return steps
}

// reason tells what decided beside the rules of NetworkPolicies.
func (w *walk) reason(d Direction) string {
	subject := w.subject(d)
	switch isolated := w.isolated(d); {
	case subject.Kind == ExternalEndpoint:
		return "policies do not select addresses outside of the cluster"
	case subject.Kind == NodeEndpoint:
		return "policies do not select nodes"
	case !isolated && w.unread(d):
		return "its policies could not be read"
	case !isolated:
		return fmt.Sprintf("no policy isolates it for %s", d)
	case w.exempt(d) == Yes:
		return "traffic from the pod's own node always passes"
	case subject.HostNetwork && w.profile == ProfileCommon:
		return "it uses the network of its node: most networks do not apply policies to it"
	}
	return ""
}

func (w *walk) policyStep(p *Policy, d Direction) PolicyStep {
	s := PolicyStep{Policy: p, Verdict: verdictOf(w.policy(p, d))}
	for i := range p.rules(d) {
		s.Rules = append(s.Rules, w.ruleStep(&p.rules(d)[i], d, path("spec."+string(d), i)))
	}
	return s
}

func (w *walk) ruleStep(r *rule, d Direction, at string) RuleStep {
	s := RuleStep{Path: at, Verdict: verdictOf(w.rule(r, d))}
	peers := map[Direction]string{Ingress: ".from", Egress: ".to"}[d]
	peersMatch, portsMatch := w.peers(r, d), w.ports(r)
	for i := range r.peers {
		clause := path(at+peers, i)
		switch match := w.matchPeer(&r.peers[i], w.peer(d)); {
		case peersMatch == No:
			s.Misses = append(s.Misses, w.missPeer(&r.peers[i], w.peer(d), clause))
		case match == peersMatch && s.Peer == "":
			s.Peer = clause
		}
	}
	for i, port := range r.ports {
		clause := path(at+"."+cmp.Or(r.field, "ports"), i)
		switch match := w.matchPort(port); {
		case portsMatch == No:
			s.Misses = append(s.Misses, Miss{clause, w.missPort(port)})
		case match == portsMatch && s.Port == "":
			s.Port = clause
		}
	}
	return s
}
