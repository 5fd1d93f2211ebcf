package network

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxUnmatched is how many policies of a tier of which no rule matches are
// shown with what their rules miss; -o wide shows all.
const maxUnmatched = 3

// tierNodes shows the walk through tiers, each with its policies below.
func tierNodes(s v1alpha1.FlowStep, wide bool) []printer.Node {
	if len(s.Policies) == 0 && s.Verdict == string(netpol.Allowed) {
		return nil
	}
	var nodes []printer.Node
	for _, t := range s.Tiers {
		node := printer.Node{Label: tierLabel(t), Wrap: true}
		unmatched := 0
		for _, p := range s.Policies {
			switch {
			case p.Tier == "" && t.Tier == string(netpol.NetworkPolicyTier):
				node.Children = append(node.Children, policyNode(p, s.Verdict))
			case p.Tier != t.Tier:
			case p.Outcome != string(netpol.NoMatch):
				node.Children = append(node.Children, clusterPolicyNode(p))
			default:
				if unmatched++; wide || unmatched <= maxUnmatched {
					node.Children = append(node.Children, clusterPolicyNode(p))
				}
			}
		}
		if more := unmatched - maxUnmatched; more > 0 && !wide {
			text := fmt.Sprintf("- no rule of %d more matches: -o wide shows them", more)
			node.Children = append(node.Children, printer.Node{Label: printer.Styled(printer.RoleDim, text), Wrap: true})
		}
		nodes = append(nodes, node)
	}
	return nodes
}

func tierLabel(t v1alpha1.FlowTier) printer.Text {
	says := map[netpol.Outcome]string{
		netpol.Accept: "accepts it", netpol.Deny: "denies it", netpol.Pass: "passes it to the next tier",
		netpol.NoMatch: "no rule matches", netpol.Open: "what it decides is left open",
	}[netpol.Outcome(t.Outcome)]
	if t.Tier == string(netpol.NetworkPolicyTier) {
		says = strings.Replace(says, "accepts", "allows", 1)
	}
	label := printer.Concat(outcomeSign(t.Outcome), printer.Plain(" "+t.Tier+" tier: "))
	switch {
	case t.Reason == "":
		return printer.Concat(label, printer.Plain(says))
	case t.Outcome == string(netpol.NoMatch):
		return printer.Concat(label, printer.Styled(printer.RoleDim, t.Reason))
	default:
		return printer.Concat(label, printer.Plain(says), printer.Styled(printer.RoleDim, ": "+t.Reason))
	}
}

// outcomeSign is the sign of the verdict that an outcome is; of none where
// others decide.
func outcomeSign(outcome string) printer.Text {
	verdict := map[netpol.Outcome]netpol.Verdict{netpol.Accept: netpol.Allowed, netpol.Deny: netpol.Denied, netpol.Open: netpol.Undefined}[netpol.Outcome(outcome)]
	if verdict == "" {
		return printer.Styled(printer.RoleDim, "-")
	}
	return Sign(string(verdict))
}

func clusterPolicyNode(p v1alpha1.FlowPolicy) printer.Node {
	text := fmt.Sprintf(" %s %s", p.Kind, p.Name)
	if p.Priority != nil {
		text += fmt.Sprintf(", priority %d", *p.Priority)
	}
	label := printer.Concat(outcomeSign(p.Outcome), printer.Plain(text))
	if p.Origin != "" {
		label = printer.Concat(label, printer.Styled(printer.RoleDim, " ("+p.Origin+")"))
	}
	node := printer.Node{Label: label, Wrap: true}
	for _, r := range p.Rules {
		node.Children = append(node.Children, clusterRuleNode(r))
	}
	return node
}

func clusterRuleNode(r v1alpha1.FlowRule) printer.Node {
	said := printer.Styled(printer.RoleDim, "-")
	if r.Verdict != "" {
		said = Sign(r.Verdict)
	}
	text := " " + r.Path + " " + r.Action
	if r.Name != "" {
		text += " " + strconv.Quote(r.Name)
	}
	switch {
	case r.Reason != "":
		text += ": " + r.Reason
	case len(r.Misses) == 0:
		text += ": " + matching(r)
	}
	node := printer.Node{Label: printer.Concat(said, printer.Plain(text)), Wrap: true}
	for _, m := range r.Misses {
		miss := printer.Plain(strings.TrimPrefix(m.Path, r.Path+".") + ": " + m.Detail)
		node.Children = append(node.Children, printer.Node{Label: miss, Wrap: true})
	}
	return node
}
