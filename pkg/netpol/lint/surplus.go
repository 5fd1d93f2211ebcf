package lint

import (
	"fmt"
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

func (l *linter) surplusPolicy(s netpol.SurplusPolicy) {
	var by []string
	for _, p := range s.By {
		by = append(by, p.Name)
	}
	severity, message := finding.Low, "no connection changes without it, whatever pods there will be: "+others(by)+" isolate the same pods, and allow what it allows"
	if s.Effect == netpol.Covered {
		severity, message = finding.Info, "no connection of today's pods changes without it: "+others(by)+" isolate the same pods, and allow what it allows"
	}
	message = strings.Replace(message, "isolate", verb(by, "isolate"), 1)
	message = strings.Replace(message, "and allow", "and "+verb(by, "allow"), 1)
	l.say(at(s.Policy, "", "policy"), checkRedundantPolicy, severity, message, "remove it, unless it is kept for what is to come")
}

func others(by []string) string {
	if len(by) == 1 {
		return "NetworkPolicy " + by[0]
	}
	return "NetworkPolicies " + strings.Join(by, ", ")
}

func verb(by []string, plural string) string {
	if len(by) == 1 {
		return plural + "s"
	}
	return plural
}

func (l *linter) surplusPart(s netpol.Surplus) {
	rule := s.Policy.Rules(s.Direction)[s.Rule]
	kind, text := "rule", rule.String()
	switch {
	case s.IsRule():
	case s.Peer >= 0:
		kind, text = "peer", text+rule.Peers[s.Peer].String()
	default:
		kind, text = "port", text+rule.Ports[s.Port].String()
	}
	f := at(s.Policy, s.Path(), text)
	var by []string
	for _, part := range s.By {
		name := part.Path()
		if part.Policy != s.Policy {
			name = "NetworkPolicy " + part.Policy.Name + " " + name
		}
		by = append(by, name)
	}
	switch s.Effect {
	case netpol.Shadowed:
		l.say(f, checkRedundant, finding.Low,
			fmt.Sprintf("the %s allows nothing that other rules do not allow, whatever pods there will be", kind), "remove it", few(by, "allowed by: ")...)
	case netpol.Covered:
		message := fmt.Sprintf("the %s allows nothing between today's pods that other rules do not allow", kind)
		if len(by) == 0 {
			message = fmt.Sprintf("the %s allows what passes between today's pods without any rule: a pod to itself, or its node to it", kind)
		}
		l.say(f, checkRedundant, finding.Info, message, "remove it, unless it is kept for what is to come", few(by, "allowed by: ")...)
	case netpol.Unmet:
		l.unmet(f, s, kind)
	case netpol.Idle:
	}
}

// unmet reports what the other end does not let pass: unless a policy there
// may be unread, which would allow it.
func (l *linter) unmet(f finding.Finding, s netpol.Surplus, kind string) {
	if l.hidden("networkpolicies", "") {
		return
	}
	severity := finding.Low
	if s.IsRule() {
		severity = finding.Medium
	}
	end, direction := "the sources", netpol.Egress
	if s.Direction == netpol.Egress {
		end, direction = "the destinations", netpol.Ingress
	}
	l.say(f, checkOtherEnd, severity,
		fmt.Sprintf("the %s opens nothing: policies of %s deny the %s of all that it allows", kind, end, direction),
		fmt.Sprintf("allow the %s there too, or remove the %s", direction, kind))
}
