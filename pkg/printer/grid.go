package printer

import (
	"slices"
	"strings"
)

const (
	columnGap     = 3 // blanks between columns, as in kubectl
	defaultMin    = 8 // cells that a column keeps unless it says otherwise
	lastResortMin = 3 // cells that a column keeps on a terminal too narrow for the table
	childIndent   = "  "

	// maxAligned is the widest cell, where nothing is cut, to which a whole column is
	// padded. Longer ones stick out: a single user name of a megabyte must not turn
	// ten thousand rows into ten gigabytes of blanks.
	maxAligned = 512
)

// grid is a table made ready: the visible columns, their cells escaped and
// measured, their final widths.
type grid struct {
	table   *Table
	columns []int // indexes into table.Columns
	heads   [][]span
	cells   []gridCell // by row, then visible column; group rows have none
	spans   []span     // backing store of cells
	widths  []int      // by visible column
	short   bool       // some cell did not fit
}

type gridCell struct{ from, to, width int }

func newGrid(t *Table, s Style) (*grid, error) {
	g := &grid{table: t}
	for i, column := range t.Columns {
		if column.Wide && !t.Wide {
			continue
		}
		g.columns = append(g.columns, i)
		head := appendSpans(nil, Plain(strings.ToUpper(column.Name)), RoleDim, s.ASCII)
		g.heads = append(g.heads, head)
		width := 0
		if !s.NoHeaders {
			width = spansWidth(head)
		}
		g.widths = append(g.widths, width)
	}
	if len(g.columns) == 0 {
		return nil, errNoColumns
	}
	g.measure(s)
	g.fit(s.Width)
	return g, nil
}

func (g *grid) measure(s Style) {
	g.cells = make([]gridCell, 0, len(g.table.Rows)*len(g.columns))
	parts := 0
	for _, row := range g.table.Rows {
		for _, text := range row.Cells {
			parts += max(1, len(text))
		}
	}
	g.spans = make([]span, 0, parts)
	for _, row := range g.table.Rows {
		if len(row.Group) > 0 {
			continue
		}
		for i, c := range g.columns {
			column := &g.table.Columns[c]
			var text Text
			if c < len(row.Cells) {
				text = row.Cells[c]
			}
			from := len(g.spans)
			g.spans = appendSpans(g.spans, text, column.Role, s.ASCII)
			if len(g.spans) == from && !column.Blank {
				g.spans = append(g.spans, span{text: "<none>", role: RoleDim, width: 6})
			}
			width := spansWidth(g.spans[from:])
			g.cells = append(g.cells, gridCell{from, len(g.spans), width})
			g.widths[i] = max(g.widths[i], alignedWidth(width, s))
		}
	}
}

func alignedWidth(width int, s Style) int {
	if s.Width > 0 {
		return width
	}
	return min(width, maxAligned)
}

// fit lowers the column widths until a line has at most limit cells: first the
// columns that declare it, by priority, each down to its minimum; then the others;
// then, on a terminal too narrow for that, all of them further.
func (g *grid) fit(limit int) {
	if limit <= 0 {
		return
	}
	var priorities []int
	for _, c := range g.columns {
		priorities = append(priorities, g.table.Columns[c].Shrink)
	}
	slices.Sort(priorities)
	priorities = slices.Compact(priorities)
	slices.Reverse(priorities)

	for _, priority := range priorities {
		floors := slices.Clone(g.widths)
		for i, c := range g.columns {
			if column := &g.table.Columns[c]; column.Shrink == priority {
				floors[i] = g.floor(i, column)
			}
		}
		shrink(g.widths, floors, limit-g.gaps())
	}
	floors := make([]int, len(g.widths))
	for i := range floors {
		floors[i] = lastResortMin
	}
	shrink(g.widths, floors, limit-g.gaps())
	g.clip(limit)
}

func (g *grid) gaps() int {
	return columnGap * (len(g.columns) - 1)
}

func (g *grid) floor(i int, column *Column) int {
	if column.Min > 0 {
		return column.Min
	}
	return max(defaultMin, spansWidth(g.heads[i]))
}

// clip ends the line at limit where even the least widths do not fit: better a
// column lost in a window of 20 cells than lines broken by the terminal.
func (g *grid) clip(limit int) {
	used := 0
	for i, width := range g.widths {
		g.widths[i] = max(0, min(width, limit-used))
		used += g.widths[i] + columnGap
	}
}

func (g *grid) print(p *page) {
	if !p.style.NoHeaders {
		for i, head := range g.heads {
			g.cell(p, i, head, spansWidth(head))
		}
		p.endLine()
	}
	next := 0
	for _, row := range g.table.Rows {
		children := row.Children
		if len(row.Group) > 0 {
			p.line(row.Group, RoleHeading)
		} else {
			var below []Node
			for i := range g.columns {
				c := g.cells[next+i]
				if g.goesBelow(p, i, c) {
					column := &g.table.Columns[g.columns[i]]
					below = append(below, Node{Label: Concat(Plain(column.Name+" "), row.Cells[g.columns[i]]), Wrap: true})
					c, g.short = gridCell{}, true
				}
				g.cell(p, i, g.spans[c.from:c.to], c.width)
			}
			next += len(g.columns)
			p.endLine()
			if len(below) > 0 {
				children = append(below, children...)
			}
		}
		p.nodes(children, childIndent)
	}
	if g.short && len(g.table.Legend) > 0 && !p.style.NoHeaders {
		p.endLine()
		p.wrap(appendSpans(nil, g.table.Legend, RoleDim, p.style.ASCII), 0, 0)
	}
}

// goesBelow reports whether the cell stands below its row: neither it nor its
// short form fits.
func (g *grid) goesBelow(p *page, i int, c gridCell) bool {
	if !g.table.Columns[g.columns[i]].Below || p.style.Width <= 0 || c.width <= g.widths[i] {
		return false
	}
	return spansWidth(shorten(g.spans[c.from:c.to], g.widths[i], p.style.ASCII)) > g.widths[i]
}

// cell prints one cell with its padding and the gap before it.
func (g *grid) cell(p *page, i int, spans []span, width int) {
	if i > 0 {
		p.blanks(columnGap)
	}
	column := &g.table.Columns[g.columns[i]]
	if width > g.widths[i] && p.style.Width > 0 {
		g.short = true
		spans = cutSpans(spans, g.widths[i], column.Cut, p.style.ASCII)
		width = spansWidth(spans)
	}
	if column.Align == AlignRight {
		p.blanks(g.widths[i] - width)
	}
	p.spans(spans)
	if column.Align == AlignLeft {
		p.blanks(g.widths[i] - width)
	}
}
