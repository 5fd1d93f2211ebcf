package check

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// view shows the outcomes, and below each what it rests on.
func view(r *v1alpha1.CheckReport) []printer.Printable {
	noted := 0
	table := &printer.Table{Columns: []printer.Column{{Name: "result"}, {Name: "assertion", Shrink: 1, Below: true}}}
	for _, a := range r.Assertions {
		result := printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" pass"))
		if !a.Passed {
			result = printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Styled(printer.RoleBad, " FAIL"))
		}
		if a.Unproven {
			result = printer.Concat(result, printer.Styled(printer.RoleWarn, ", unproven"))
		}
		table.Add(result, printer.Plain(a.Text))
		row := &table.Rows[len(table.Rows)-1]
		add := func(text printer.Text) { row.Children = append(row.Children, printer.Node{Label: text, Wrap: true}) }
		for _, line := range failures(a, r.Strict) {
			add(line.text())
		}
		notes := remaining(a, r.Strict)
		if len(notes) > 0 {
			noted++
		}
		for _, note := range notes {
			add(printer.Concat(printer.Styled(printer.RoleWarn, "note: "), printer.Plain(note)))
		}
		if a.Why != "" && !a.Passed {
			add(printer.Styled(printer.RoleDim, "why: "+a.Why))
		}
	}
	summary := fmt.Sprintf("%d passed, %d failed", r.Passed, r.Failed)
	if r.Unproven > 0 {
		summary += fmt.Sprintf(", %d of them unproven", r.Unproven)
	}
	if noted > 0 {
		summary += fmt.Sprintf(", notes on %d", noted)
	}
	return []printer.Printable{table, printer.Heading{Title: printer.Plain(summary)}}
}
