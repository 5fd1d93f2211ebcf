package lint

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// clusterPolicies checks the policies that are about all namespaces.
func (l *linter) clusterPolicies() {
	if l.options.Namespace != "" {
		return // they are nobody's of a namespace
	}
	known := !l.hidden("pods", "") && !l.manifests()
	for _, p := range l.ClusterPolicies() {
		if known && len(l.SelectedBy(p)) == 0 {
			l.say(of(p, "spec.subject", "subject"), checkSelectsNothing, finding.Low, "selects no pod, so that it has no effect", "mend the subject, unless it is for pods to come")
		}
		for _, path := range l.IdlePeers(p) {
			if known {
				l.say(of(p, path, path), checkPeerNothing, finding.Low, "the peer selects nothing: no pod has the labels", "mend the selectors, unless they are for pods to come")
			}
		}
		for _, d := range directions() {
			for _, s := range p.Shadows(d) {
				l.shadowed(p, s)
			}
		}
	}
	for _, c := range l.Contests() {
		l.contest(c)
	}
}

// shadowed reports a rule that is never asked.
func (l *linter) shadowed(p *netpol.Policy, s netpol.Shadow) {
	severity, remedy := finding.Medium, "move the rule before "+s.By.Path()+", or remove it"
	if s.Same {
		severity, remedy = finding.Low, "remove the rule"
	}
	l.say(of(p, s.Rule.Path(), s.Rule.Path()), checkShadowed, severity,
		fmt.Sprintf("it never decides: %s comes before it and matches all that it does", s.By.Path()), remedy)
}

// contest reports two policies of which any may count.
func (l *linter) contest(c netpol.Contest) {
	first, second := c.Policies[0], c.Policies[1]
	l.say(of(first, "spec.priority", second.String()), checkPriority, finding.Medium,
		fmt.Sprintf("%s %s of tier %s has the priority %d too, and they contradict each other: which of them counts is left to the network, as for %s of %s to %s on %s",
			second.Kind, second.Name, first.Tier, *first.Priority, c.Direction, c.Flow.From, c.Flow.To, portsOf(&c.Flow)),
		"give one of them another priority", fmt.Sprintf("%s says %s, %s says %s", first.Name, c.Says[0], second.Name, c.Says[1]))
}

// of starts a finding about a cluster-wide policy.
func of(p *netpol.Policy, path, text string) finding.Finding {
	return finding.Finding{
		Object: finding.Object{Kind: p.Kind, Name: p.Name}, Path: path, File: p.Origin.File, Line: p.Origin.Line, Fingerprint: text,
	}
}
