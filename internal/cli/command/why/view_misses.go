package why

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// nearMisses shows the grants that come nearest and what is wrong with each:
// a root for each binding, its rules below.
func (v *view) nearMisses() printer.Printable {
	var roots []printer.Node
	at := map[v1alpha1.ObjectRef]int{}
	nearest := map[v1alpha1.ObjectRef]int{} // what fails of a binding's first rule: they are sorted by that
	for _, m := range v.report.NearMisses {
		if !m.Related && !v.wide {
			continue
		}
		i, seen := at[m.Binding]
		if seen && len(m.Failing) > nearest[m.Binding] && !v.wide {
			continue
		}
		if !seen {
			nearest[m.Binding] = len(m.Failing)
			i = len(roots)
			at[m.Binding] = i
			roots = append(roots, bindingNode(m))
		}
		if m.PolicyRule != nil {
			roots[i].Children = append(roots[i].Children, v.ruleNode(m))
		}
	}
	if len(roots) == 0 {
		return printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Plain(v.nothingNear())}}}
	}
	return printer.Tree{Roots: v.cut(roots, maxNearMisses, "near miss")}
}

func (v *view) nothingNear() string {
	what := v.report.Query.Resource
	if what == "" {
		what = v.report.Query.NonResourceURL
	}
	if len(v.report.NearMisses) == 0 {
		sentence := access.NoBinding(v.index, v.report.Query.Namespace) + " names it or a group that it is in."
		return strings.ToUpper(sentence[:1]) + sentence[1:]
	}
	if len(v.report.NearMisses) == 1 {
		return fmt.Sprintf("The one rule that it has is not about %s (-o wide shows it).", what)
	}
	return fmt.Sprintf("None of the %d rules that it has is about %s (-o wide shows them).", len(v.report.NearMisses), what)
}

// bindingNode is the grant with what is wrong with the binding itself.
func bindingNode(m v1alpha1.NearMiss) printer.Node {
	node := printer.Node{Label: place(m.Binding.Namespace, missChain(m))}
	for _, miss := range m.Failing {
		if ofBinding(miss) {
			node.Children = append(node.Children, missNode(miss))
		}
	}
	return node
}

func missChain(m v1alpha1.NearMiss) printer.Text {
	via := v1alpha1.Via{Binding: &m.Binding, Role: m.Role, Through: &m.Through}
	if m.Role == nil {
		return access.Chain(v1alpha1.Via{Binding: &m.Binding, Role: &v1alpha1.ObjectRef{Kind: m.RoleRef.Kind, Name: m.RoleRef.Name}, Through: &m.Through})
	}
	return access.Chain(via)
}

// ruleNode is a rule with what is wrong with it.
func (v *view) ruleNode(m v1alpha1.NearMiss) printer.Node {
	node := printer.Node{Label: ruleLine(m.Rule, v.ruleText(*m.PolicyRule)), Wrap: true}
	for _, miss := range m.Failing {
		if !ofBinding(miss) {
			node.Children = append(node.Children, missNode(miss))
		}
	}
	return node
}

// ofBinding reports whether the miss is the same for all rules of a binding.
func ofBinding(miss v1alpha1.Miss) bool {
	switch rbac.Dimension(miss.Dimension) {
	case rbac.MissSubject, rbac.MissScope, rbac.MissRole:
		return true
	default:
		return false
	}
}

func missNode(miss v1alpha1.Miss) printer.Node {
	node := printer.Node{Label: printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Plain(" "+miss.Detail)), Wrap: true}
	if miss.Hint != "" {
		node.Children = []printer.Node{{Label: printer.Styled(printer.RoleDim, miss.Hint), Wrap: true}}
	}
	return node
}

// cut leaves out what is beyond the most that people read.
func (v *view) cut(roots []printer.Node, most int, what string) []printer.Node {
	if v.wide || len(roots) <= most {
		return roots
	}
	left := len(roots) - most
	if left > 1 {
		what = map[string]string{"grant": "grants", "near miss": "near misses"}[what]
	}
	more := printer.Styled(printer.RoleDim, fmt.Sprintf("… and %d more %s (-o wide shows all)", left, what))
	return append(roots[:most:most], printer.Node{Label: more})
}

// roleNames names the roles that would allow it too, the smallest first.
func (v *view) roleNames() string {
	var names []string
	left := 0
	for _, role := range v.report.RolesThatWouldDo {
		if strings.HasPrefix(role.Name, "system:") && !v.wide {
			continue // parts of the control plane: not for others to have
		}
		if len(names) == maxRoles && !v.wide {
			left++
			continue
		}
		names = append(names, role.Kind+"/"+role.Name)
	}
	if left > 0 {
		names = append(names, fmt.Sprintf("%d more", left))
	}
	return strings.Join(names, ", ")
}
