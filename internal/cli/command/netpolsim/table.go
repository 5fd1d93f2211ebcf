package netpolsim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// line is a row of the table: what sources may reach on some ports.
type line struct {
	from, to      []string // several only of ranges of addresses
	port, verdict string
}

// lines joins what comes out alike: all ports of one verdict, and ranges of
// addresses that no policy tells apart.
func (v *view) lines() []line {
	var lines []line
	for _, f := range v.report.Flows {
		for _, row := range v.portRows(f) {
			row.from, row.to = []string{end(f.From)}, []string{end(f.To)}
			i := slices.IndexFunc(lines, func(l line) bool {
				return l.port == row.port && l.verdict == row.verdict &&
					(isRange(f.To) && slices.Equal(l.from, row.from) || isRange(f.From) && slices.Equal(l.to, row.to))
			})
			switch {
			case i < 0:
				lines = append(lines, row)
			case isRange(f.To):
				lines[i].to = append(lines[i].to, row.to...)
			default:
				lines[i].from = append(lines[i].from, row.from...)
			}
		}
	}
	return lines
}

func isRange(e v1alpha1.FlowEnd) bool { return e.Kind == string(netpol.ExternalEndpoint) }

// portRows are the verdicts of one flow; a single one for all ports is one
// row. Where no port was asked for and something is open, the rest is not
// worth a row.
func (v *view) portRows(f v1alpha1.FlowResult) []line {
	whole := len(f.Ports) == len(netpol.Protocols())
	for i, p := range f.Ports {
		whole = whole && strings.HasPrefix(p.Ports, "*/") && p.Verdict == f.Ports[max(0, i-1)].Verdict
	}
	if whole {
		return []line{{port: "every port" + v.over(f), verdict: f.Ports[0].Verdict}}
	}
	rows := make([]line, 0, len(f.Ports))
	for _, p := range f.Ports {
		if p.Verdict == string(netpol.Denied) && v.hasOpen(f) {
			continue
		}
		port := p.Ports
		if f.ServicePort != "" && f.ServicePort != p.Ports {
			port = f.ServicePort + " → " + p.Ports
		}
		rows = append(rows, line{port: port + v.over(f), verdict: p.Verdict})
	}
	return rows
}

// over names the address family of a flow where there are flows of both.
func (v *view) over(f v1alpha1.FlowResult) string {
	if !slices.ContainsFunc(v.report.Flows, func(o v1alpha1.FlowResult) bool { return o.Family != f.Family && o.Family*f.Family != 0 }) {
		return ""
	}
	return fmt.Sprintf(" over IPv%d", f.Family)
}

// hasOpen reports whether no port was asked for and some may be open.
func (v *view) hasOpen(f v1alpha1.FlowResult) bool {
	return len(v.report.Query.Ports) == 0 && slices.ContainsFunc(f.Ports, func(p v1alpha1.PortVerdict) bool {
		return p.Verdict != string(netpol.Denied)
	})
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
		table.Add(printer.Plain(v.ends(l.from, v.report.Query.From)), printer.Plain(v.ends(l.to, v.report.Query.To)), printer.Plain(l.port),
			printer.Concat(network.Sign(l.verdict), printer.Plain(" "), verdict(l.verdict, strings.ToLower(l.verdict))))
	}
	return table
}

// ends names one end of a row: several ranges by what was typed for them.
func (v *view) ends(names []string, typed string) string {
	if len(names) > 1 && !v.wide {
		return fmt.Sprintf("%s (%d ranges)", typed, len(names))
	}
	return strings.Join(names, ", ")
}
