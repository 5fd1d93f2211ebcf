package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// What is shown without -o wide.
const (
	maxRows     = 20
	maxPorts    = 4
	maxPolicies = 10
)

// view renders a report for people.
type view struct {
	report *v1alpha1.FlowDiffReport
	wide   bool
}

func (v *view) render() []printer.Printable {
	items := []printer.Printable{v.answer()}
	if policies := v.policies(); len(policies.Roots) > 0 {
		items = append(items, policies)
	}
	items = append(items, v.changes()...)
	items = append(items, v.apart())
	if v.report.Observed != nil {
		items = append(items, v.observed()...)
	}
	return items
}

func (v *view) limited(n, most int) int {
	if v.wide {
		return n
	}
	return min(n, most)
}

// answer says how much changes.
func (v *view) answer() printer.Block {
	text := printer.Styled(printer.RoleHeading, upper(answer(v.report)))
	if v.report.Incomplete {
		text = printer.Concat(text, printer.Styled(printer.RoleWarn, " (as far as it could be evaluated)"))
	}
	return printer.Block{Paragraphs: []printer.Paragraph{{Text: text}}}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// policies lists those that differ.
func (v *view) policies() printer.Tree {
	var tree printer.Tree
	shown := v.limited(len(v.report.Policies), maxPolicies)
	for _, p := range v.report.Policies[:shown] {
		label := printer.Plain(fmt.Sprintf("%s: %s %s", strings.ToLower(p.Change), p.Kind, policyName(p)))
		if p.Origin != "" {
			label = printer.Concat(label, printer.Styled(printer.RoleDim, " ("+p.Origin+")"))
		}
		tree.Roots = append(tree.Roots, printer.Node{Label: label})
	}
	if rest := len(v.report.Policies) - shown; rest > 0 {
		tree.Roots = append(tree.Roots, printer.Node{Label: printer.Plain(fmt.Sprintf("and %d more", rest))})
	}
	return tree
}

// changes lists them by their kinds, below each what decides it.
func (v *view) changes() []printer.Printable {
	lines := rows(v.report)
	shown := v.limited(len(lines), maxRows)
	var tree printer.Tree
	for i, l := range lines[:shown] {
		if i == 0 || lines[i-1].change != l.change {
			tree.Roots = append(tree.Roots, printer.Node{Label: changeText(l.change)})
		}
		root := &tree.Roots[len(tree.Roots)-1]
		root.Children = append(root.Children, v.changeNode(l))
	}
	items := []printer.Printable{tree}
	if rest := len(lines) - shown; rest > 0 {
		items = append(items, printer.Help(printer.Plain(fmt.Sprintf("%s not shown: -o wide shows all", count(rest, "more change is", "more changes are")))))
	}
	return items
}

func (v *view) changeNode(l row) printer.Node {
	most := maxPorts
	if v.wide {
		most = 0
	}
	label := printer.Concat(printer.Plain(ends(l.from, v.wide)), arrow(), printer.Plain(ends(l.to, v.wide)+": "), printer.Styled(printer.RoleName, portsText(l.ports, most)))
	if l.change == mayOpen || l.change == mayClose {
		label = printer.Concat(label, printer.Styled(printer.RoleWarn, fmt.Sprintf(" (%s, then %s)", strings.ToLower(l.before), strings.ToLower(l.after))))
	}
	node := printer.Node{Label: label, Wrap: true}
	causes := slices.Clone(l.causes)
	if n := len(l.except); n > 0 {
		causes = append(causes, "not between "+count(n, "pair", "pairs")+" of a node and a pod on it (-o json names them)")
	}
	for _, cause := range causes {
		node.Children = append(node.Children, printer.Node{Label: printer.Styled(printer.RoleDim, cause), Wrap: true})
	}
	return node
}

// apart lists what only one of the states has.
func (v *view) apart() printer.Tree {
	var tree printer.Tree
	add := func(title string, names []string) {
		shown := v.limited(len(names), maxPolicies)
		root := printer.Node{Label: printer.Plain(title)}
		for _, name := range names[:shown] {
			root.Children = append(root.Children, printer.Node{Label: printer.Plain(name), Wrap: true})
		}
		if rest := len(names) - shown; rest > 0 {
			root.Children = append(root.Children, printer.Node{Label: printer.Plain(fmt.Sprintf("and %d more (-o wide shows all)", rest))})
		}
		if len(names) > 0 {
			tree.Roots = append(tree.Roots, root)
		}
	}
	var added, gone []string
	for _, g := range v.report.Added {
		added = append(added, groupName(g.FlowGroup, v.wide)+": "+isolation(g))
	}
	for _, g := range v.report.Gone {
		gone = append(gone, groupName(g, v.wide))
	}
	add("new, so that nothing of theirs opens or closes", added)
	add("gone, with all connections", gone)
	return tree
}

func arrow() printer.Text {
	return printer.Sign(printer.RoleDim, printer.GlyphArrow) // blanks included
}

func changeText(change string) printer.Text {
	role, glyph := printer.RoleWarn, printer.GlyphUnknown
	switch change {
	case opened:
		role, glyph = printer.RoleGood, printer.GlyphYes
	case closed:
		role, glyph = printer.RoleBad, printer.GlyphNo
	}
	return printer.Concat(printer.Sign(role, glyph), printer.Styled(role, " "+changeWord(change)))
}
