package matrix

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// maxDetails is how many pairs are named below the matrix; -o wide names all.
const maxDetails = 12

// details tell the ports of cells that do not say it all.
func (v *view) details() []printer.Printable {
	var listed []netpol.Crossing
	for _, row := range v.rows {
		for _, c := range row {
			if isPair(c) && c.Reach != netpol.ReachNone && (c.Reach != netpol.ReachAll || v.printer.Wide()) {
				listed = append(listed, c)
			}
		}
	}
	slices.SortStableFunc(listed, func(a, b netpol.Crossing) int { return v.rank(a) - v.rank(b) })
	table := &printer.Table{Columns: []printer.Column{
		{Name: "from", Shrink: 2, Cut: printer.CutMiddle}, {Name: "to", Shrink: 2, Cut: printer.CutMiddle}, {Name: "ports", Shrink: 1},
	}}
	for i, c := range listed {
		if i == maxDetails && !v.printer.Wide() {
			break
		}
		table.Add(v.name(c.From), v.name(c.To), v.portText(c))
	}
	items := []printer.Printable{table}
	if more := len(listed) - len(table.Rows); more > 0 {
		items = append(items, printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Styled(printer.RoleDim, fmt.Sprintf("and %d more pairs", more))}}})
	}
	return append(items, v.help())
}

func (v *view) name(party int) printer.Text {
	return printer.Plain(network.ShortRanges(v.parties[party].Name, v.printer.Wide()))
}

// rank puts first what matters most: the internet, then what crosses
// namespaces.
func (v *view) rank(c netpol.Crossing) int {
	from, to := v.parties[c.From], v.parties[c.To]
	const undefined = 10 // after all others
	switch {
	case c.Reach == netpol.ReachUndefined:
		c.Reach = netpol.ReachMixed
		return undefined + v.rank(c)
	case from.Name == netpol.Internet:
		return 0
	case from.Kind == netpol.ExternalEndpoint:
		return 1
	case to.Kind == netpol.ExternalEndpoint:
		return 2
	case from.Kind == netpol.PodEndpoint && from.Namespace != to.Namespace:
		return 3
	case from.Kind == netpol.PodEndpoint:
		return 4
	default:
		return 5
	}
}

// portText names the ports by their verdict.
func (v *view) portText(c netpol.Crossing) printer.Text {
	var text printer.Text
	for _, part := range []struct {
		verdict netpol.Verdict
		words   string
		role    printer.Role
	}{
		{netpol.Allowed, "", printer.RolePlain},
		{netpol.Partly, "for some members ", printer.RoleWarn},
		{netpol.Undefined, "undefined: ", printer.RoleWarn},
	} {
		ports := v.portList(c.Ports, part.verdict)
		if ports == "" {
			continue
		}
		if len(text) > 0 {
			text = printer.Concat(text, printer.Plain("; "))
		}
		text = printer.Concat(text, printer.Styled(part.role, part.words), printer.Plain(ports))
	}
	return text
}

// maxPorts is how many ranges a line names; -o wide names all.
const maxPorts = 6

func (v *view) portList(ports []netpol.OpenPorts, verdict netpol.Verdict) string {
	var list []string
	whole := 0
	for _, open := range ports {
		if open.Verdict != verdict {
			continue
		}
		list = append(list, open.Ports.String())
		if strings.HasPrefix(open.Ports.String(), "*/") {
			whole++
		}
	}
	switch n := len(list); {
	case whole == len(netpol.Protocols()):
		return "every port"
	case n > maxPorts && !v.printer.Wide():
		list = append(list[:maxPorts], fmt.Sprintf("%d more", n-maxPorts))
	}
	return strings.Join(list, ", ")
}

// help tells what to type next.
func (v *view) help() printer.Printable {
	texts := []printer.Text{printer.Plain("netpol-sim SOURCE DESTINATION explains one pair, netpol-sim reach ENDPOINT lists all that one reaches")}
	if !v.printer.Wide() && v.fits {
		texts = append(texts, printer.Plain("-o wide lists the ports of every pair, -o json, csv, dot and mermaid are for programs"))
	}
	return printer.Help(texts...)
}

// overview is a line for each namespace, where even they are too many.
func (v *view) overview() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "namespace", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle},
		{Name: "pods", Align: printer.AlignRight},
		{Name: "reaches", Align: printer.AlignRight},
		{Name: "reached from", Align: printer.AlignRight},
		{Name: "to internet"},
		{Name: "from internet"},
	}}
	internet := slices.IndexFunc(v.parties, func(p netpol.Party) bool { return p.Name == netpol.Internet })
	for i, p := range v.parties {
		if p.Kind != netpol.PodEndpoint {
			continue
		}
		out, in := 0, 0
		for j, other := range v.parties {
			if j == i || other.Kind != netpol.PodEndpoint {
				continue
			}
			out += opens(v.rows[i][j])
			in += opens(v.rows[j][i])
		}
		cells := []printer.Text{printer.Plain(v.label(p)), printer.Plain(fmt.Sprint(len(p.Members))), printer.Plain(fmt.Sprint(out)), printer.Plain(fmt.Sprint(in))}
		if internet >= 0 {
			cells = append(cells, reachText(v.rows[i][internet]), reachText(v.rows[internet][i]))
		}
		table.Add(cells...)
	}
	return table
}

// opens is 1 where anything passes, or may.
func opens(c netpol.Crossing) int {
	return cmp.Compare(len(c.Ports), 0)
}

func reachText(c netpol.Crossing) printer.Text {
	switch c.Reach {
	case netpol.ReachAll:
		return printer.Plain("all ports")
	case netpol.ReachSome:
		return printer.Plain("some ports")
	case netpol.ReachMixed:
		return printer.Styled(printer.RoleWarn, "some pods")
	case netpol.ReachUndefined:
		return printer.Styled(printer.RoleWarn, "undefined")
	default:
		return printer.Styled(printer.RoleDim, "none")
	}
}
