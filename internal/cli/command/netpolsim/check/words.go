package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// words says what is asserted, or asked.
func words(f *v1alpha1.FlowCheck) string {
	text := f.From + " → " + f.To
	ports := strings.ReplaceAll(f.Port, ",", ", ")
	switch {
	case f.Expect == string(netpol.ExpectAllow):
		text = f.From + " reaches " + f.To
	case f.Expect != "":
		text = f.From + " does not reach " + f.To
	}
	switch {
	case f.Port != "*":
		return text + " on " + ports
	case f.Expect == string(netpol.ExpectAllow):
		return text + " on some port"
	default:
		return text + " on any port"
	}
}

// reason is a line about why an assertion is not met, with what decides below.
type reason struct {
	text    string
	details []string
	failure *v1alpha1.FlowFailure // nil where none is meant
}

// reasons tell why an assertion is not met: of examples what decides, then how
// many more there are. Where something beside the flows leaves the verdict open,
// they prove nothing.
func reasons(f *v1alpha1.FlowCheck, strict bool) []reason {
	var list []reason
	if len(f.Failures) == 0 || f.Verdict == string(netpol.Undefined) && f.Failures[0].Ports[0].Verdict != f.Verdict {
		list = doubts(f)
	} else {
		for i := range f.Failures {
			failure := &f.Failures[i]
			if i == 0 || !alike(failure, &f.Failures[i-1]) {
				list = append(list, reason{failure.Summary[0], failure.Summary[1:], failure})
			}
		}
	}
	if f.Against > len(f.Failures) {
		list = append(list, reason{text: fmt.Sprintf("%d of %d flows are not as expected", f.Against, f.Flows)})
	}
	if strict {
		for _, slip := range f.Slips {
			list = append(list, reason{text: "doubtful: " + slip})
		}
	}
	return list
}

// alike reports whether two failures differ in the addresses outside only: one
// is enough to show.
func alike(a, b *v1alpha1.FlowFailure) bool {
	isRange := func(e v1alpha1.FlowEnd) bool { return e.Kind == string(netpol.ExternalEndpoint) }
	same := isRange(a.From) && isRange(b.From) && a.To.String() == b.To.String() || isRange(a.To) && isRange(b.To) && a.From.String() == b.From.String()
	return same && slices.Equal(a.Summary[1:], b.Summary[1:])
}

// doubts tell why the verdict is Undefined.
func doubts(f *v1alpha1.FlowCheck) []reason {
	var list []reason
	for i, d := range f.Doubts {
		if i == maxExamples {
			return append(list, reason{text: fmt.Sprintf("and for %d more reasons", len(f.Doubts)-i)})
		}
		cause := "Undefined, the API leaves it to the network: "
		if d.Cause == string(netpol.ByInput) {
			cause = "Undefined, the input lacks it: "
		}
		list = append(list, reason{text: cause + d.Detail})
	}
	return list
}

// summary is a line about one flow, and what decides: a line for each
// direction that policies can close. The family is named where several count.
func summary(f *v1alpha1.FlowResult, families bool) []string {
	p := f.Ports[0]
	port := p.Ports
	if f.ServicePort != "" && f.ServicePort != p.Ports {
		port = f.ServicePort + " → " + port
	}
	if families {
		port += fmt.Sprintf(" over IPv%d", f.Family)
	}
	lines := []string{fmt.Sprintf("%s → %s on %s is %s", f.From, f.To, port, p.Verdict)}
	switch {
	case p.Verdict == string(netpol.Undefined):
		for _, d := range f.Doubts {
			lines = append(lines, d.Detail)
		}
	case p.Reason != "":
		lines = append(lines, p.Reason)
	default:
		for _, s := range p.Steps {
			subject := map[string]string{string(netpol.Egress): f.From.Kind, string(netpol.Ingress): f.To.Kind}[s.Direction]
			if subject == string(netpol.PodEndpoint) && (p.Verdict == string(netpol.Allowed) || s.Verdict == string(netpol.Denied)) {
				lines = append(lines, step(s))
			}
		}
	}
	return lines
}

// step names what decides in one direction: the rule that allows the flow, or
// the one that comes nearest to that.
func step(s v1alpha1.FlowStep) string {
	if decided := byTier(s); decided != "" {
		return s.Direction + ": " + decided
	}
	switch {
	case s.Verdict == string(netpol.Denied):
		return s.Direction + ": " + nearest(s.Policies)
	case s.Reason != "":
		return s.Direction + ": " + strings.TrimSuffix(s.Reason, " for "+s.Direction)
	}
	for _, p := range s.Policies {
		for _, r := range p.Rules {
			if r.Verdict == string(netpol.Allowed) {
				return s.Direction + ": " + named(p) + " " + r.Path
			}
		}
	}
	return s.Direction + ": " + s.Verdict
}

// byTier names the rule of a cluster-wide policy that decides, "" where none
// does.
func byTier(s v1alpha1.FlowStep) string {
	if len(s.Tiers) == 0 {
		return ""
	}
	last := s.Tiers[len(s.Tiers)-1]
	words := map[string]string{string(netpol.Accept): "accepts it", string(netpol.Deny): "denies it"}
	for _, p := range s.Policies {
		if p.Tier != last.Tier || p.Outcome != last.Outcome || words[p.Outcome] == "" {
			continue
		}
		for _, r := range p.Rules {
			if r.Match == "Yes" { // see FlowRule
				return fmt.Sprintf("%s %s %s in the %s tier", named(p), r.Path, words[p.Outcome], p.Tier)
			}
		}
	}
	return ""
}

// nearest names of the rules the one with the fewest clauses that do not match.
func nearest(policies []v1alpha1.FlowPolicy) string {
	var policy v1alpha1.FlowPolicy
	var rule v1alpha1.FlowRule
	rules, found := 0, false
	policies = slices.DeleteFunc(slices.Clone(policies), func(p v1alpha1.FlowPolicy) bool { return p.Tier != "" })
	for _, p := range policies {
		for _, r := range p.Rules {
			rules++
			if len(r.Misses) > 0 && (!found || len(r.Misses) < len(rule.Misses)) {
				policy, rule, found = p, r, true
			}
		}
	}
	switch {
	case !found && len(policies) > 0:
		return named(policies[0]) + " isolates it and has no rule that allows anything"
	case !found:
		return "nothing allows it"
	}
	text := fmt.Sprintf("%s %s: %s", named(policy), rule.Path, rule.Misses[0].Detail)
	if rules > 1 {
		text += fmt.Sprintf(" (nearest of %d rules)", rules)
	}
	return text
}

func named(p v1alpha1.FlowPolicy) string {
	name := p.Kind + " " + strings.TrimPrefix(p.Namespace+"/"+p.Name, "/")
	if p.Origin != "" {
		name += " (" + p.Origin + ")"
	}
	return name
}
