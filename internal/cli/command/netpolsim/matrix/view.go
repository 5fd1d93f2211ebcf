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

// view renders the matrix for people.
type view struct {
	*answer
	layout
	fits bool // in a table of pairs
	rows [][]netpol.Crossing
}

func newView(a *answer) *view {
	v := &view{answer: a}
	limit := maxSide
	if a.by != "" {
		limit = maxTyped
	}
	v.layout, v.fits = a.chosen(cmp.Or(a.by, netpol.ByWorkload), limit)
	between := a.m.Between(v.parties, v.parties)
	between.WithoutNear = true
	for from := range v.parties {
		v.rows = append(v.rows, between.Row(from))
	}
	return v
}

func (v *view) render() []printer.Printable {
	items := []printer.Printable{v.summary()}
	if !slices.ContainsFunc(v.rows, func(row []netpol.Crossing) bool { return slices.ContainsFunc(row, isPair) }) {
		return items
	}
	if !v.fits {
		return append(items, v.overview(), v.help())
	}
	if ns := v.matrix.Namespace; ns == "" {
		items = append(items, v.heatMap(v.all, v.all))
	} else {
		items = append(items,
			printer.Heading{Title: printer.Plain("from namespace " + ns)}, v.heatMap(v.isOwn, v.all),
			printer.Heading{Title: printer.Plain("to namespace " + ns)}, v.heatMap(v.isOther, v.isOwn))
	}
	return append(items, v.details()...)
}

func (v *view) all(netpol.Party) bool { return true }
func (v *view) isOwn(p netpol.Party) bool {
	return p.Namespace == v.matrix.Namespace && p.Kind == netpol.PodEndpoint
}
func (v *view) isOther(p netpol.Party) bool { return !v.isOwn(p) }

// isPair reports whether a cell is about anything.
func isPair(c netpol.Crossing) bool { return c.Reach != netpol.ReachNoFlow && !c.Self }

// summary counts the pairs.
func (v *view) summary() printer.Block {
	total, count := 0, map[netpol.Reach]int{}
	for _, row := range v.rows {
		for _, c := range row {
			if isPair(c) {
				total++
				count[c.Reach]++
			}
		}
	}
	if total == 0 {
		return printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Styled(printer.RoleHeading, "there is no pair of pods, nodes and addresses to tell about")}}}
	}
	text := printer.Styled(printer.RoleHeading, fmt.Sprintf("%d pairs of %s", total, plural(v.own)))
	if v.own != v.others {
		text = printer.Concat(text, printer.Styled(printer.RoleHeading, " and "+plural(v.others)))
	}
	text = printer.Concat(text, printer.Styled(printer.RoleHeading, ", nodes and addresses: "))
	separator := ""
	for _, part := range []struct {
		reach netpol.Reach
		words string
		role  printer.Role
	}{
		{netpol.ReachAll, "open on " + v.ports(), printer.RolePlain},
		{netpol.ReachSome, "open on some of them", printer.RolePlain},
		{netpol.ReachMixed, "differ between members", printer.RoleWarn},
		{netpol.ReachNone, "closed", printer.RolePlain},
		{netpol.ReachUndefined, "undefined", printer.RoleWarn},
	} {
		if count[part.reach] > 0 {
			text = printer.Concat(text, printer.Styled(part.role, fmt.Sprintf("%s%d %s", separator, count[part.reach], part.words)))
			separator = ", "
		}
	}
	if v.report.Incomplete {
		text = printer.Concat(text, printer.Styled(printer.RoleWarn, " (as far as it could be evaluated)"))
	}
	b := printer.Block{Paragraphs: []printer.Paragraph{{Text: text}}}
	if wanted := cmp.Or(v.by, netpol.ByWorkload); v.own != wanted || v.others != wanted {
		hint := fmt.Sprintf("there are too many %s for a table: this is by %s; -n NAMESPACE or -o csv shows them", plural(wanted), v.own)
		if v.own != v.others {
			hint = fmt.Sprintf("there are too many %s for a table: other namespaces are less exact; -o csv shows all", plural(wanted))
		}
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, hint)})
	}
	return b
}

// ports names what was asked for.
func (v *view) ports() string {
	if len(v.report.Query.Ports) == 0 {
		return "every port"
	}
	return strings.Join(v.report.Query.Ports, ", ")
}

// heatMap is a matrix of some parties and others, which have the same numbers
// as rows and as columns.
func (v *view) heatMap(rows, columns func(netpol.Party) bool) *printer.Matrix {
	m := &printer.Matrix{Corner: `from \ to`, Dense: true, Legend: map[printer.Mark]string{
		printer.MarkYes: "all ports", printer.MarkPartial: "some ports", printer.MarkMixed: "differs between members",
		printer.MarkNo: "none", printer.MarkNotApplicable: "itself, or no way", printer.MarkUnknown: "undefined",
	}}
	var shown []int
	group := ""
	for i, p := range v.parties {
		if !columns(p) {
			continue
		}
		if g := v.group(p); g != group || len(shown) == 0 {
			m.Groups = append(m.Groups, printer.MatrixGroup{})
			group = g
		}
		last := &m.Groups[len(m.Groups)-1]
		last.Columns = append(last.Columns, fmt.Sprint(i+1))
		shown = append(shown, i)
	}
	group = ""
	digits := len(fmt.Sprint(len(v.parties)))
	for i, p := range v.parties {
		if !rows(p) {
			continue
		}
		if g := v.group(p); g != group {
			m.Rows = append(m.Rows, printer.MatrixRow{Group: printer.Plain(g)})
			group = g
		}
		row := printer.MatrixRow{Label: printer.Concat(printer.Styled(printer.RoleDim, fmt.Sprintf("%*d ", digits, i+1)), printer.Plain(v.label(p)))}
		for _, to := range shown {
			row.Marks = append(row.Marks, mark(v.rows[i][to]))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// group is the heading under which a party stands.
func (v *view) group(p netpol.Party) string {
	switch {
	case p.Kind == netpol.NodeEndpoint:
		return "nodes"
	case p.Kind == netpol.ExternalEndpoint:
		return "outside"
	case strings.HasPrefix(p.Name, "namespace/"), p.Namespace == "":
		return "namespaces"
	default:
		return p.Namespace
	}
}

// label names a party below its group.
func (v *view) label(p netpol.Party) string {
	if p.Kind != netpol.PodEndpoint {
		return network.ShortRanges(p.Name, v.printer.Wide())
	}
	return strings.TrimPrefix(strings.TrimPrefix(p.Name, "namespace/"), p.Namespace+"/")
}

func mark(c netpol.Crossing) printer.Mark {
	if !isPair(c) {
		return printer.MarkNotApplicable
	}
	return map[netpol.Reach]printer.Mark{
		netpol.ReachAll: printer.MarkYes, netpol.ReachSome: printer.MarkPartial, netpol.ReachNone: printer.MarkNo,
		netpol.ReachMixed: printer.MarkMixed, netpol.ReachUndefined: printer.MarkUnknown,
	}[c.Reach]
}
