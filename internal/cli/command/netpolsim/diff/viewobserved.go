package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// observedAnswer says what becomes of the observed flows.
func observedAnswer(o *v1alpha1.ObservedFlows) string {
	if o.Flows == 0 {
		return fmt.Sprintf("no flow was found in %s", sourceName(o))
	}
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, count(n, one, many))
		}
	}
	add(o.Cut, "would be cut", "would be cut")
	add(o.MayBeCut, "may be cut", "may be cut")
	if len(parts) == 0 {
		parts = append(parts, "none would be cut")
	}
	add(o.Unknown, "is unknown", "are unknown")
	add(o.Denied, "was denied before", "were denied before")
	if o.Troubles > 0 {
		parts = append(parts, count(o.Troubles, "line could not be used", "lines could not be used"))
	}
	return fmt.Sprintf("of %s %s", count(o.Flows, "observed flow", "observed flows"), strings.Join(parts, ", "))
}

// observed lists what is not simply kept: what is cut first.
func (v *view) observed() []printer.Printable {
	o := v.report.Observed
	items := []printer.Printable{printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Styled(printer.RoleHeading, upper(observedAnswer(o)))}}}}
	for _, outcome := range []string{cut, mayBeCut, denied, unknown} {
		root := printer.Node{Label: outcomeText(outcome)}
		rest := 0
		for _, f := range o.Results {
			switch {
			case f.Outcome != outcome:
			case v.wide || len(root.Children) < maxRows:
				root.Children = append(root.Children, flowNode(f))
			default:
				rest++
			}
		}
		if len(root.Children) == 0 {
			continue
		}
		items = append(items, printer.Tree{Roots: []printer.Node{root}})
		if rest > 0 {
			items = append(items, printer.Help(printer.Plain(fmt.Sprintf("%s not shown: -o wide shows all", count(rest, "more flow is", "more flows are")))))
		}
	}
	return items
}

func flowNode(f v1alpha1.ObservedFlow) printer.Node {
	times := "once"
	if f.Count > 1 {
		times = commas(f.Count) + " times"
	}
	node := printer.Node{Wrap: true, Label: printer.Concat(printer.Plain(f.From), arrow(), printer.Plain(f.To+": "), printer.Styled(printer.RoleName, f.Port),
		printer.Styled(printer.RoleDim, fmt.Sprintf(", seen %s (line %d)", times, f.Line)))}
	for _, why := range reasons(f) {
		node.Children = append(node.Children, printer.Node{Label: printer.Styled(printer.RoleDim, why), Wrap: true})
	}
	return node
}

// reasons are why a flow comes out as it does.
func reasons(f v1alpha1.ObservedFlow) []string {
	var all []string
	for _, cause := range f.Causes {
		if text := phrase(cause); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if f.Nearest != "" {
		all = append(all, "nearest rule: "+f.Nearest)
	}
	if f.Detail != "" {
		all = append(all, f.Detail)
	}
	return all
}

func outcomeWord(outcome string) string {
	return map[string]string{cut: "cut", mayBeCut: "may be cut", denied: "denied before", unknown: "unknown"}[outcome]
}

func outcomeText(outcome string) printer.Text {
	role, glyph := printer.RoleWarn, printer.GlyphUnknown
	if outcome == cut {
		role, glyph = printer.RoleBad, printer.GlyphNo
	}
	text := map[string]string{
		cut: "would be cut", mayBeCut: "may be cut",
		denied:  "denied before, though seen: older than the policies, or let through",
		unknown: "unknown: neither kept nor cut",
	}[outcome]
	return printer.Concat(printer.Sign(role, glyph), printer.Styled(role, " "+text))
}
