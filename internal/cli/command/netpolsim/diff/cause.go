package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// causes says what turns the verdict of a block's first pair on a port.
func (c *comparison) causes(b *netpol.Block, p netpol.PortChange) []v1alpha1.FlowCause {
	for from, to := range b.Pairs() {
		after := netpol.Flow{From: from, To: to, Protocol: p.Ports.Protocol, Port: p.Ports.From, Last: p.Ports.To, Family: c.family(from, to)}
		before := after
		before.From, before.To = c.diff.Before(from), c.diff.Before(to)
		return c.compare(c.before.Explain(before), c.after.Explain(after))
	}
	return []v1alpha1.FlowCause{}
}

// family is that of a pair in the matrix.
func (c *comparison) family(from, to *netpol.Endpoint) netpol.Family {
	known, other := to, from
	if len(known.Addresses) == 0 {
		known, other = from, to
	}
	for _, addr := range known.Addresses {
		f := netpol.IPv4
		if addr.Is6() {
			f = netpol.IPv6
		}
		if (c.matrix.Family == netpol.AnyFamily || c.matrix.Family == f) && (len(other.Addresses) == 0 || other.Address(f).IsValid()) {
			return f
		}
	}
	return c.matrix.Family
}

// compare finds the ends at which another verdict is reached.
func (c *comparison) compare(before, after netpol.Explanation) []v1alpha1.FlowCause {
	causes := []v1alpha1.FlowCause{}
	for i := range min(len(before.Steps), len(after.Steps)) {
		was, is := before.Steps[i], after.Steps[i]
		if was.Verdict != is.Verdict {
			causes = append(causes, c.cause(was, is))
		}
	}
	doubts := slices.Concat(before.Doubts, after.Doubts)
	if len(doubts) > 0 && (before.Verdict == netpol.Undefined || after.Verdict == netpol.Undefined) {
		causes = append(causes, v1alpha1.FlowCause{Detail: doubts[0].Detail})
	}
	return causes
}

// cause says why one end decides otherwise.
func (c *comparison) cause(was, is netpol.Step) v1alpha1.FlowCause {
	if cause, ok := c.tierCause(was, is); ok {
		return cause
	}
	d, was, is := is.Direction, withoutTiers(was), withoutTiers(is)
	if is.Verdict == netpol.Allowed || is.Verdict == netpol.Undefined && was.Verdict == netpol.Denied {
		if rule, policy := allowing(is); policy != nil {
			return named(d, policy, rule+" lets it pass")
		}
		if policy := c.first(was); policy != nil {
			return named(d, policy, "no more isolates the "+end(d))
		}
		return v1alpha1.FlowCause{Direction: string(d), Detail: "the " + end(d) + " is no more isolated"}
	}
	if rule, policy := allowing(was); policy != nil {
		cause := named(d, policy, rule+" let it pass before")
		if c.differs[keyOfPolicy(policy)] == removed {
			cause.Detail = "is gone, whose " + rule + " let it pass"
		}
		return cause
	}
	if policy := c.first(is); policy != nil {
		return named(d, policy, "isolates the "+end(d)+missing(is, policy))
	}
	return v1alpha1.FlowCause{Direction: string(d), Detail: "the " + end(d) + " is isolated"}
}

// end names the end that policies of a direction select.
func end(d netpol.Direction) string {
	if d == netpol.Egress {
		return "source"
	}
	return "destination"
}

func named(d netpol.Direction, p *netpol.Policy, detail string) v1alpha1.FlowCause {
	return v1alpha1.FlowCause{Direction: string(d), Policy: p.String(), Origin: p.Origin.String(), Detail: detail}
}

// allowing returns the rule by which a step is not Denied.
func allowing(s netpol.Step) (string, *netpol.Policy) {
	for _, p := range s.Policies {
		for _, r := range p.Rules {
			if r.Verdict != netpol.Denied && r.Verdict == s.Verdict {
				return r.Path, p.Policy
			}
		}
	}
	return "", nil
}

// first returns a policy that isolates in a step: one that differs, if any.
func (c *comparison) first(s netpol.Step) *netpol.Policy {
	if len(s.Policies) == 0 {
		return nil
	}
	for _, p := range s.Policies {
		if c.differs[keyOfPolicy(p.Policy)] != "" {
			return p.Policy
		}
	}
	return s.Policies[0].Policy
}

// missing tells that no rule lets it pass, of the policy or of any.
func missing(s netpol.Step, p *netpol.Policy) string {
	for _, step := range s.Policies {
		if step.Policy == p && len(step.Rules) == 0 && len(s.Policies) == 1 {
			return " and has no rules"
		}
	}
	return ", and no rule lets it pass"
}

// nearest returns the rule that comes closest to letting a flow pass, and what
// it lacks: at the end that denies it, the one with the fewest misses.
func nearest(e netpol.Explanation) string {
	best, least := "", 0
	for _, s := range e.Steps {
		if s.Verdict == netpol.Allowed {
			continue
		}
		if by, _ := s.Decider(); by != nil {
			return "" // a rule that denies matched
		}
		for _, p := range withoutTiers(s).Policies {
			for _, r := range p.Rules {
				if len(r.Misses) == 0 || best != "" && len(r.Misses) >= least {
					continue
				}
				miss := r.Misses[0]
				least = len(r.Misses)
				best = fmt.Sprintf("%s of %s: %s", cmp.Or(miss.Path, r.Path), p.Policy, miss.Detail)
			}
		}
		if best != "" {
			return best
		}
	}
	return best
}

// phrase is a cause in words.
func phrase(c v1alpha1.FlowCause) string {
	var b strings.Builder
	if c.Direction != "" {
		b.WriteString(c.Direction + ": ")
	}
	if c.Policy != "" {
		b.WriteString(c.Policy)
		if c.Origin != "" {
			b.WriteString(" (" + c.Origin + ")")
		}
		if strings.HasPrefix(c.Detail, "spec.") {
			b.WriteString(",")
		}
		b.WriteString(" ")
	}
	b.WriteString(c.Detail)
	return b.String()
}
