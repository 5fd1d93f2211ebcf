package findings

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// Options are how Table shows findings.
type Options struct {
	Wide  bool // with what they rest on, and fingerprints
	Files bool // with the places in files
}

// Table shows findings, which must be in order, grouped by their severity: each
// with its message and what to do.
func Table(found []finding.Finding, o Options) *printer.Table {
	table := &printer.Table{Wide: o.Wide, Columns: []printer.Column{
		{Name: "object", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle},
		{Name: "check"},
		{Name: "file", Wide: true},
		{Name: "fingerprint", Wide: true},
	}}
	counts := map[finding.Severity]int{}
	for i := range found {
		counts[found[i].Severity]++
	}
	for i := range found {
		f := &found[i]
		if i == 0 || found[i-1].Severity != f.Severity {
			table.AddGroup(printer.Styled(role(f.Severity), fmt.Sprintf("%s (%d)", f.Severity, counts[f.Severity])))
		}
		place := f.File
		if place != "" {
			place = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		table.Add(printer.Plain(f.Object.String()), printer.Plain(f.Check), printer.Plain(place), printer.Plain(f.Fingerprint))
		row := &table.Rows[len(table.Rows)-1]
		add := func(text printer.Text) { row.Children = append(row.Children, printer.Node{Label: text, Wrap: true}) }
		if f.Path == "" {
			add(printer.Plain(f.Message))
		} else {
			add(printer.Concat(printer.Styled(printer.RoleName, f.Path), printer.Plain(": "+f.Message)))
		}
		if o.Wide {
			for _, fact := range f.Evidence {
				add(printer.Styled(printer.RoleDim, fact))
			}
		} else if o.Files && place != "" {
			add(printer.Styled(printer.RoleDim, place))
		}
		if f.Remedy != "" {
			add(printer.Concat(printer.Styled(printer.RoleGood, "help: "), printer.Plain(f.Remedy)))
		}
	}
	return table
}

func role(s finding.Severity) printer.Role {
	switch s {
	case finding.Critical, finding.High:
		return printer.RoleBad
	case finding.Medium, finding.Low:
		return printer.RoleWarn
	default:
		return printer.RoleHeading
	}
}
