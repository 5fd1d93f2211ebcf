package diff

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// tierCause says what cluster-wide policies have to do with another verdict of
// one end; false where it is for NetworkPolicies to say.
func (c *comparison) tierCause(was, is netpol.Step) (v1alpha1.FlowCause, bool) {
	d := is.Direction
	policy, rule := is.Decider()
	before, ruleBefore := was.Decider()
	gone, goneRule := lets(withoutTiers(was))
	switch {
	case policy != nil && is.Decided() == netpol.BaselineTier && c.differs[keyOfPolicy(policy)] == "" && gone != nil:
		// It decides since no NetworkPolicy does any more.
		return named(d, gone, fmt.Sprintf("no more lets it pass by %s, so that %s", goneRule, says(policy, rule))), true
	case policy != nil && is.Decided() == netpol.BaselineTier && c.differs[keyOfPolicy(policy)] == "" && was.Decided() == netpol.NetworkPolicyTier:
		return v1alpha1.FlowCause{}, false
	case policy != nil:
		return named(d, policy, clause(is, rule)), true
	case leftOpen(is) || leftOpen(was):
		return v1alpha1.FlowCause{Direction: string(d), Detail: "what cluster-wide policies say of the " + end(d) + " is left open"}, true
	case before == nil || was.Decided() == netpol.BaselineTier && is.Decided() == netpol.NetworkPolicyTier:
		return v1alpha1.FlowCause{}, false
	case was.Decided() == netpol.BaselineTier && len(withoutTiers(is).Policies) > 0:
		return v1alpha1.FlowCause{}, false
	case c.differs[keyOfPolicy(before)] == removed:
		return named(d, before, "is gone, whose "+ruleBefore.Path+" "+past(was)+" it"), true
	default:
		return named(d, before, ruleBefore.Path+" "+past(was)+" it before"), true
	}
}

// lets returns the NetworkPolicy and the rule by which a step is Allowed.
func lets(s netpol.Step) (*netpol.Policy, string) {
	if s.Verdict != netpol.Allowed {
		return nil, ""
	}
	rule, policy := allowing(s)
	return policy, rule
}

// clause says what a rule of a cluster-wide policy does, and when it is asked.
func clause(s netpol.Step, r netpol.RuleStep) string {
	text := r.Path
	if r.Name != "" {
		text += fmt.Sprintf(" (%s)", r.Name)
	}
	verb, when := "accepts it", " before NetworkPolicies are asked"
	if s.Verdict == netpol.Denied {
		verb = "denies it"
	}
	if s.Decided() == netpol.BaselineTier {
		when = ", as no NetworkPolicy isolates the " + end(s.Direction)
	}
	return text + " " + verb + when
}

// says is a policy that decides in half a sentence.
func says(p *netpol.Policy, r netpol.RuleStep) string {
	if r.Verdict == netpol.Denied {
		return p.String() + " denies it"
	}
	return p.String() + " accepts it"
}

func past(s netpol.Step) string {
	if s.Verdict == netpol.Denied {
		return "denied"
	}
	return "accepted"
}

// leftOpen reports whether a tier of cluster-wide policies may do several
// things.
func leftOpen(s netpol.Step) bool {
	return s.Verdict == netpol.Undefined && slices.ContainsFunc(s.Tiers, func(t netpol.TierStep) bool {
		return t.Outcome == netpol.Open && t.Tier != netpol.NetworkPolicyTier
	})
}

// withoutTiers leaves the NetworkPolicies of a step.
func withoutTiers(s netpol.Step) netpol.Step {
	s.Policies = slices.DeleteFunc(slices.Clone(s.Policies), func(p netpol.PolicyStep) bool { return p.Policy.Tier != netpol.NetworkPolicyTier })
	return s
}
