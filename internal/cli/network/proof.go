package network

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Role is how a verdict is printed.
func Role(v string) printer.Role {
	return map[netpol.Verdict]printer.Role{
		netpol.Allowed: printer.RoleGood, netpol.Denied: printer.RoleBad,
		netpol.Undefined: printer.RoleWarn, netpol.Partly: printer.RoleWarn,
	}[netpol.Verdict(v)]
}

// Sign is the verdict as a glyph.
func Sign(v string) printer.Text {
	return printer.Sign(Role(v), map[netpol.Verdict]printer.Glyph{
		netpol.Allowed: printer.GlyphYes, netpol.Denied: printer.GlyphNo,
		netpol.Undefined: printer.GlyphUnknown, netpol.Partly: printer.GlyphUnknown,
	}[netpol.Verdict(v)])
}

// Proof is the walk as nodes: one for each direction, its policies and their
// rules below.
func Proof(f v1alpha1.FlowResult, p v1alpha1.PortVerdict, wide bool) []printer.Node {
	var roots []printer.Node
	for _, s := range p.Steps {
		who := f.From
		if s.Direction == string(netpol.Ingress) {
			who = f.To
		}
		label := printer.Concat(Sign(s.Verdict), printer.Plain(fmt.Sprintf(" %s of %s", s.Direction, who.String())))
		if s.Reason != "" {
			label = printer.Concat(label, printer.Styled(printer.RoleDim, ": "+s.Reason))
		}
		root := printer.Node{Label: label, Wrap: true, Children: tierNodes(s, wide)}
		if len(s.Tiers) == 0 {
			for _, policy := range s.Policies {
				root.Children = append(root.Children, policyNode(policy, s.Verdict))
			}
		}
		roots = append(roots, root)
	}
	return roots
}

// part is the sign of a policy or rule. Where another one allows the flow, that
// this one does not is no fault.
func part(v, step string) printer.Text {
	if v == string(netpol.Denied) && step == string(netpol.Allowed) {
		return printer.Styled(printer.RoleDim, "-")
	}
	return Sign(v)
}

func policyNode(p v1alpha1.FlowPolicy, step string) printer.Node {
	label := printer.Concat(part(p.Verdict, step), printer.Plain(fmt.Sprintf(" %s %s/%s", p.Kind, p.Namespace, p.Name)))
	if p.Origin != "" {
		label = printer.Concat(label, printer.Styled(printer.RoleDim, " ("+p.Origin+")"))
	}
	if len(p.Rules) == 0 {
		label = printer.Concat(label, printer.Plain(": it has no rule and allows nothing"))
	}
	node := printer.Node{Label: label, Wrap: true}
	for _, r := range p.Rules {
		node.Children = append(node.Children, ruleNode(r, step))
	}
	return node
}

func ruleNode(r v1alpha1.FlowRule, step string) printer.Node {
	text := " " + r.Path
	if clauses := matching(r); clauses != "" && r.Verdict != string(netpol.Denied) {
		text += ": " + clauses
	}
	node := printer.Node{Label: printer.Concat(part(r.Verdict, step), printer.Plain(text)), Wrap: true}
	for _, m := range r.Misses {
		node.Children = append(node.Children, printer.Node{Label: printer.Plain(strings.TrimPrefix(m.Path, r.Path+".") + ": " + m.Detail), Wrap: true})
	}
	return node
}

// matching names the clauses by which a rule allows a flow.
func matching(r v1alpha1.FlowRule) string {
	peer, port := strings.TrimPrefix(r.Peer, r.Path+"."), strings.TrimPrefix(r.Port, r.Path+".")
	switch {
	case peer == "" && port == "":
		return "everyone, every port"
	case peer == "":
		return "everyone, " + port
	case port == "":
		return peer + ", every port"
	default:
		return peer + ", " + port
	}
}
