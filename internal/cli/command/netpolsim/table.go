package netpolsim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// line is a row of the table: what one source may reach on some ports.
type line struct {
	from, port, verdict string
	to                  []string
	addresses           int // of to, how many ranges
}

// lines joins what comes out alike: all ports of one verdict, and ranges of
// addresses that no policy tells apart.
func (v *view) lines() []line {
	var lines []line
	for _, f := range v.report.Flows {
		for _, row := range portRows(f) {
			row.from = end(f.From)
			isRange := f.To.Kind == string(netpol.ExternalEndpoint)
			i := slices.IndexFunc(lines, func(l line) bool {
				return l.from == row.from && l.port == row.port && l.verdict == row.verdict && isRange && l.addresses > 0
			})
			if i < 0 {
				i = len(lines)
				lines = append(lines, row)
			}
			lines[i].to = append(lines[i].to, end(f.To))
			if isRange {
				lines[i].addresses++
			}
		}
	}
	return lines
}

// portRows are the verdicts of one flow; a single one for all ports is one
// row.
func portRows(f v1alpha1.FlowResult) []line {
	whole := len(f.Ports) == len(netpol.Protocols())
	for i, p := range f.Ports {
		whole = whole && strings.HasPrefix(p.Ports, "*/") && p.Verdict == f.Ports[max(0, i-1)].Verdict
	}
	if whole {
		return []line{{port: "every port", verdict: f.Ports[0].Verdict}}
	}
	rows := make([]line, 0, len(f.Ports))
	for _, p := range f.Ports {
		port := p.Ports
		if f.ServicePort != "" && f.ServicePort != p.Ports {
			port = f.ServicePort + " → " + p.Ports
		}
		rows = append(rows, line{port: port, verdict: p.Verdict})
	}
	return rows
}

// table lists the verdicts.
func (v *view) table(lines []line) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "source", Shrink: 2, Cut: printer.CutMiddle},
		{Name: "destination", Shrink: 2, Cut: printer.CutMiddle},
		{Name: "port", Role: printer.RoleName},
		{Name: "verdict"},
	}}
	for _, l := range lines {
		to := strings.Join(l.to, ", ")
		if len(l.to) > 1 && !v.wide {
			to = fmt.Sprintf("%s (%d ranges)", v.report.Query.To, len(l.to))
		}
		table.Add(printer.Plain(l.from), printer.Plain(to), printer.Plain(l.port),
			printer.Concat(sign(l.verdict), printer.Plain(" "), verdict(l.verdict, strings.ToLower(l.verdict))))
	}
	return table
}
