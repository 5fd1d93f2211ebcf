package check

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const (
	// fewResults are all listed; of more, those that are as they should be only
	// with -o wide.
	fewResults = 100
	// maxRows is how many are listed at most without -o wide.
	maxRows = 200
)

// view shows the outcomes, and below each what it rests on.
func view(r *v1alpha1.FlowCheckReport, wide bool) []printer.Printable {
	table := &printer.Table{Columns: []printer.Column{{Name: "result"}, {Name: "assertion", Shrink: 1, Below: true}}}
	noted, left := 0, 0
	for i := range r.Results {
		f := &r.Results[i]
		children := below(f, r.Strict, wide)
		if len(f.Notes) > 0 {
			noted++
		}
		quiet := len(children) == 0 && f.Expect != "" && !f.Unproven
		if !wide && len(r.Results) > fewResults && (quiet || len(table.Rows) == maxRows) {
			left++
			continue
		}
		table.Add(result(f), printer.Plain(words(f)))
		table.Rows[len(table.Rows)-1].Children = children
	}
	items := []printer.Printable{table, printer.Heading{Title: printer.Plain(total(r, noted))}}
	if left > 0 {
		items = append(items, printer.Help(printer.Plain(fmt.Sprintf("%d assertions are not listed: -o wide lists all", left))))
	}
	return items
}

func result(f *v1alpha1.FlowCheck) printer.Text {
	var text printer.Text
	switch {
	case f.Passed == nil:
		text = printer.Plain("- " + strings.ToLower(f.Verdict))
	case *f.Passed:
		text = printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" pass"))
	default:
		text = printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Styled(printer.RoleBad, " FAIL"))
	}
	if f.Unproven {
		text = printer.Concat(text, printer.Styled(printer.RoleWarn, ", unproven"))
	}
	return text
}

// below is what stands below an assertion.
func below(f *v1alpha1.FlowCheck, strict, wide bool) []printer.Node {
	var nodes []printer.Node
	add := func(text printer.Text, below ...printer.Node) {
		nodes = append(nodes, printer.Node{Label: text, Wrap: true, Children: below})
	}
	list := asked(f)
	if f.Failed() {
		list = reasons(f, strict)
	}
	for _, r := range list {
		add(printer.Plain(r.text), r.below(wide)...)
	}
	for _, note := range remaining(f, strict) {
		add(printer.Concat(printer.Styled(printer.RoleWarn, "note: "), printer.Plain(note)))
	}
	if f.Why != "" && f.Failed() {
		add(printer.Styled(printer.RoleDim, "why: "+f.Why))
	}
	return nodes
}

// below is what decides, or with -o wide the whole walk.
func (r reason) below(wide bool) []printer.Node {
	if wide && r.failure != nil && len(r.failure.Ports[0].Steps) > 0 {
		return network.Proof(r.failure.FlowResult, r.failure.Ports[0], true)
	}
	var nodes []printer.Node
	for _, detail := range r.details {
		nodes = append(nodes, printer.Node{Label: printer.Plain(detail), Wrap: true})
	}
	return nodes
}

// asked is what is said of a verdict that nothing is expected of.
func asked(f *v1alpha1.FlowCheck) []reason {
	if f.Expect != "" {
		return nil
	}
	var list []reason
	for _, family := range f.Families {
		list = append(list, reason{text: fmt.Sprintf("over IPv%d it is %s", family.Family, family.Verdict)})
	}
	switch {
	case f.Verdict == string(netpol.Undefined):
		list = append(list, doubts(f)...)
	case f.Mixed:
		list = append(list, reason{text: fmt.Sprintf("not all of the %d flows come out alike", f.Flows)})
	}
	return list
}

// remaining returns the notes that are no failures.
func remaining(f *v1alpha1.FlowCheck, strict bool) []string {
	if strict && f.Expect != "" {
		return f.Notes[len(f.Slips):]
	}
	return f.Notes
}

// total sums up the report.
func total(r *v1alpha1.FlowCheckReport, noted int) string {
	text := fmt.Sprintf("%d passed, %d failed", r.Passed, r.Failed)
	if r.Reported > 0 {
		text += fmt.Sprintf(", %d without expectation", r.Reported)
	}
	if r.Unproven > 0 {
		text += fmt.Sprintf(", %d of them unproven", r.Unproven)
	}
	if noted > 0 {
		text += fmt.Sprintf(", notes on %d", noted)
	}
	return text
}
