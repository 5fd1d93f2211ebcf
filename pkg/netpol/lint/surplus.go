package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// surplus reports what makes no difference. Of parts that nothing matches
// other checks speak.
func (l *linter) surplus() {
	parts, policies := l.Surplus()
	whole := map[*netpol.Policy]bool{}
	for _, s := range policies {
		whole[s.Policy] = true
		l.surplusPolicy(s)
	}
	for _, s := range parts {
		if !whole[s.Policy] {
			l.surplusPart(s)
		}
	}
}

// whatever says of which pods something holds.
func (l *linter) whatever(e netpol.Effect) string {
	switch {
	case e == netpol.Shadowed:
		return "whatever pods there will be"
	case l.manifests():
		return "between the pods in the input"
	default:
		return "between today's pods"
	}
}

func (l *linter) surplusPolicy(s netpol.SurplusPolicy) {
	by := make([]string, 0, len(s.By))
	for _, p := range s.By {
		by = append(by, p.Name)
	}
	severity := finding.Low
	if s.Effect == netpol.Covered {
		severity = finding.Info
	}
	who := "NetworkPolicy " + by[0] + " isolates the same pods and allows"
	if len(by) > 1 {
		who = "NetworkPolicies " + strings.Join(by, ", ") + " isolate the same pods and allow"
	}
	l.say(at(s.Policy, "", "policy"), checkRedundantPolicy, severity,
		fmt.Sprintf("no connection changes without it, %s: %s what it allows", l.whatever(s.Effect), who), keepOr(s.Effect))
}

// keepOr is what to do about something that may go.
func keepOr(e netpol.Effect) string {
	if e == netpol.Shadowed {
		return "remove it"
	}
	return "remove it, unless it is kept for pods to come"
}

func (l *linter) surplusPart(s netpol.Surplus) {
	rule := s.Policy.Rules(s.Direction)[s.Rule]
	kind, text := "rule", rule.String()
	switch {
	case s.IsRule():
	case s.Peer >= 0:
		kind, text = "peer", text+"\n"+rule.Peers[s.Peer].String()
	default:
		kind, text = "port", text+"\n"+rule.Ports[s.Port].String()
	}
	f := at(s.Policy, s.Path(), text)
	switch s.Effect {
	case netpol.Shadowed, netpol.Covered:
		l.redundant(f, s, kind)
	case netpol.Unmet:
		l.unmet(f, s, kind)
	case netpol.Idle:
	}
}

func (l *linter) redundant(f finding.Finding, s netpol.Surplus, kind string) {
	by := make([]string, 0, len(s.By))
	for _, part := range s.By {
		name := part.Path()
		switch {
		case part.Policy != s.Policy:
			name = "NetworkPolicy " + part.Policy.Name + " " + name
		case part.Direction == s.Direction && part.Rule == s.Rule:
			name = "its other " + kind + "s"
		}
		by = append(by, name)
	}
	severity, allowed := finding.Low, "all that the "+kind+" allows is allowed without it"
	if s.Effect == netpol.Covered {
		severity = finding.Info
	}
	where := strings.Join(few(by, ": "), "")
	if where == "" {
		if l.manifests() {
			return // there may be other pods
		}
		allowed = "the " + kind + " allows only what passes without any rule, from a pod to itself or from its node to it"
	}
	l.say(f, checkRedundant, severity, fmt.Sprintf("%s, %s%s", allowed, l.whatever(s.Effect), where), keepOr(s.Effect))
}

// unmet reports what the other end does not let pass: unless a policy there
// may be unread, which would allow it.
func (l *linter) unmet(f finding.Finding, s netpol.Surplus, kind string) {
	if l.hidden("networkpolicies", "") || l.UnreadTiers() || l.spoken[f.Object.Namespace+"/"+f.Object.Name+" "+rulePath(s.Part)] {
		return
	}
	severity := finding.Low
	if s.IsRule() {
		severity = finding.Medium
	}
	end, direction := s.Flow.From, netpol.Egress
	if s.Direction == netpol.Egress {
		end, direction = s.Flow.To, netpol.Ingress
	}
	what := "all of it"
	if len(s.By) > 0 {
		what = "all that no other rule allows"
	}
	var denying []string
	for _, p := range l.PoliciesOf(end) {
		if p.Isolates(direction) {
			denying = append(denying, p.Namespace+"/"+p.Name)
		}
	}
	l.say(f, checkOtherEnd, l.milder(severity, finding.Low),
		fmt.Sprintf("the %s opens nothing%s: %s policies at the other end deny %s, as from %s to %s on %s", kind, l.here(), direction, what, s.Flow.From, s.Flow.To, portsOf(s.Flow)),
		fmt.Sprintf("allow the %s there too, or remove the %s", direction, kind),
		few(slices.Compact(denying), fmt.Sprintf("policies for %s of %s: ", direction, end))...)
}

func portsOf(f *netpol.Flow) string {
	return netpol.PortRange{Protocol: f.Protocol, From: f.Port, To: max(f.Port, f.Last)}.String()
}

func rulePath(p netpol.Part) string { return netpol.Rule{Direction: p.Direction, Index: p.Rule}.Path() }
