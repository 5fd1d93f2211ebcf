package netpol

import "fmt"

// tierSteps adds what the tiers say that are asked.
func (w *walk) tierSteps(s *Step) {
	d := s.Direction
	for _, tier := range Tiers() {
		result := w.tier(tier, d)
		step := TierStep{Tier: tier, Outcome: result.outcome()}
		var policies []PolicyStep
		if tier == NetworkPolicyTier {
			policies = w.networkPolicySteps(d)
			step.Reason = w.reason(d)
		} else {
			policies = w.clusterPolicySteps(tier, d)
			step.Reason = w.tierReason(tier, d, len(policies), result)
		}
		s.Tiers, s.Policies = append(s.Tiers, step), append(s.Policies, policies...)
		if result&undecided == 0 {
			return
		}
	}
	if s.Verdict == Allowed {
		s.Reason = "no tier denies it"
	}
}

// tierReason tells what decided beside the rules of a tier of cluster-wide
// policies.
func (w *walk) tierReason(tier Tier, d Direction, policies int, result outcomes) string {
	switch {
	case len(w.unreadTiers[tier]) > 0:
		return "not all " + plural(w.unreadTiers[tier]) + " could be read"
	case policies == 0:
		return fmt.Sprintf("no policy has rules for %s of it", d)
	case tier == BaselineTier && result != unmatched && w.isolates(w.subject(d), d.other()):
		return fmt.Sprintf("NetworkPolicies select it, but not for %s: in some networks that alone lets it pass", d)
	}
	return ""
}

// clusterPolicySteps are those of policies of the tier until one decides.
func (w *walk) clusterPolicySteps(tier Tier, d Direction) []PolicyStep {
	var steps []PolicyStep
	left, rank := unmatched, int32(-1)
	for _, i := range w.subject(d).cluster {
		p := w.clusterPolicies[i]
		if p.Tier != tier || len(p.rules(d)) == 0 {
			continue
		}
		if left&unmatched == 0 && p.Priority != nil && *p.Priority != rank {
			continue // those of one priority, and without any, may be asked all the same
		}
		result := w.clusterPolicy(p, d)
		rank, left = priorityOf(p), left.then(result)
		steps = append(steps, w.clusterPolicyStep(p, d, result))
	}
	return steps
}

func (w *walk) clusterPolicyStep(p *Policy, d Direction, result outcomes) PolicyStep {
	s := PolicyStep{Policy: p, Outcome: result.outcome(), Verdict: verdictOfOutcome(result)}
	for i := range p.rules(d) {
		r := &p.rules(d)[i]
		step := w.clusterRuleStep(r, d, path("spec."+string(d), i))
		s.Rules = append(s.Rules, step)
		if step.Match == yes {
			break
		}
	}
	return s
}

// The values of RuleStep.Match.
const (
	yes   = "Yes"
	no    = "No"
	maybe = "Maybe"
)

func (w *walk) clusterRuleStep(r *rule, d Direction, at string) RuleStep {
	match := w.clusterRule(r, d)
	s := RuleStep{Path: at}
	if r.closed {
		s.Reason = "a peer is of a kind that is not known: it denies all"
		if r.action == Accept {
			s.Reason = "a peer is of a kind that is not known: it allows nothing"
		}
	} else {
		s = w.ruleStep(r, d, at)
	}
	s.Name, s.Action, s.Match = r.name, r.word, [...]string{No: no, Maybe: maybe, Yes: yes}[match]
	switch match {
	case No:
		s.Verdict = ""
	case Yes:
		s.Verdict = verdictOfOutcome(r.action.set())
	case Maybe:
		s.Verdict = Undefined
	}
	return s
}

// verdictOfOutcome is "" for what leaves a flow to others.
func verdictOfOutcome(o outcomes) Verdict {
	switch {
	case o&decided == 0 && o.outcome() != Open:
		return ""
	case o&undecided != 0:
		return Undefined
	default:
		return verdictOf(o.allowed())
	}
}
