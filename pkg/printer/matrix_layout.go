package printer

import "strings"

const (
	markGap       = 2  // blanks between columns of one group; columnGap between groups
	denseGap      = 1  // the same, of a dense matrix
	minLabel      = 12 // cells that a row label keeps
	narrowLabel   = 24 // cells to which labels are cut to save a page
	labelShare    = 36 // percent of the width that labels may take when there are pages
	percent       = 100
	minMarksWidth = 1
)

// matrixColumn is a column made ready.
type matrixColumn struct {
	index int // into MatrixRow.Marks
	group int
	head  []span
	width int
	gap   int    // before it, within its group
	down  string // the heading of a dense column, in ASCII
}

// matrixLayout holds the columns of every page.
type matrixLayout struct {
	matrix     *Matrix
	heads      int // lines of the columns' headings
	corner     []span
	labels     [][]span
	labelWidth int
	groups     [][]span // the groups' headings
	named      bool     // some group has a name
	pages      [][]matrixColumn
}

func newMatrixLayout(m *Matrix, s Style) *matrixLayout {
	l := &matrixLayout{matrix: m, heads: 1}
	if !s.NoHeaders {
		l.corner = appendSpans(nil, Plain(strings.ToUpper(m.Corner)), RoleDim, s.ASCII)
	}
	l.labelWidth = spansWidth(l.corner)
	for _, row := range m.Rows {
		if len(row.Group) > 0 {
			l.labels = append(l.labels, nil) // labels are found by the row's index
			continue
		}
		label := appendSpans(nil, row.Label, RoleName, s.ASCII)
		l.labels = append(l.labels, label)
		l.labelWidth = max(l.labelWidth, alignedWidth(spansWidth(label), s))
	}
	var columns []matrixColumn
	for i, group := range m.Groups {
		heading := appendSpans(nil, Plain(strings.ToUpper(group.Name)), RoleHeading, s.ASCII)
		l.groups = append(l.groups, heading)
		l.named = l.named || len(heading) > 0
		for _, name := range group.Columns {
			c := matrixColumn{index: len(columns), group: i, width: minMarksWidth, gap: markGap}
			switch {
			case m.Dense:
				c.gap = denseGap
				c.down = EscapeASCII(name)
				l.heads = max(l.heads, len(c.down))
			case !s.NoHeaders:
				c.head = appendSpans(nil, Plain(strings.ToUpper(name)), RoleDim, s.ASCII)
				c.width = max(c.width, alignedWidth(spansWidth(c.head), s))
			}
			columns = append(columns, c)
		}
	}
	l.split(columns, s)
	return l
}

// split fixes the label width and distributes the columns over pages.
func (l *matrixLayout) split(columns []matrixColumn, s Style) {
	all := l.widen(columns, s)
	need := lineWidth(all)
	switch {
	case s.Width <= 0 || l.labelWidth+need <= s.Width:
		l.pages = [][]matrixColumn{all}
		return
	case narrowLabel+need <= s.Width:
		l.labelWidth = s.Width - need
		l.pages = [][]matrixColumn{all}
		return
	}
	l.labelWidth = min(l.labelWidth, max(minLabel, s.Width*labelShare/percent), max(1, s.Width-columnGap-minMarksWidth))
	for len(columns) > 0 {
		n := l.pageEnd(columns, s)
		l.pages = append(l.pages, l.widen(columns[:n], s))
		columns = columns[n:]
	}
}

// pageEnd says how many of the columns go on the next page: as many as fit, but a
// group that would be torn and fits a page of its own starts on the next.
func (l *matrixLayout) pageEnd(columns []matrixColumn, s Style) int {
	fits := func(columns []matrixColumn) bool {
		return l.labelWidth+lineWidth(l.widen(columns, s)) <= s.Width
	}
	n := 1
	for n < len(columns) && fits(columns[:n+1]) {
		n++
	}
	if n == len(columns) || columns[n].group != columns[n-1].group {
		return n
	}
	from, to := n, n
	for from > 0 && columns[from-1].group == columns[n].group {
		from--
	}
	for to < len(columns) && columns[to].group == columns[n].group {
		to++
	}
	if from > 0 && fits(columns[from:to]) {
		return from
	}
	return n
}

// widen gives the last column of each group what the group's heading lacks, and
// cuts a single column that is wider than the page.
func (l *matrixLayout) widen(columns []matrixColumn, s Style) []matrixColumn {
	out := append([]matrixColumn(nil), columns...)
	for from := 0; from < len(out); {
		to := from
		width := -out[from].gap
		for to < len(out) && out[to].group == out[from].group {
			width += out[to].gap + out[to].width
			to++
		}
		if !s.NoHeaders {
			out[to-1].width += max(0, alignedWidth(spansWidth(l.groups[out[from].group]), s)-width)
		}
		from = to
	}
	if len(out) == 1 && s.Width > 0 {
		out[0].width = max(minMarksWidth, min(out[0].width, s.Width-columnGap-l.labelWidth))
	}
	return out
}

// lineWidth is the width of the columns with the gaps before them.
func lineWidth(columns []matrixColumn) int {
	n := 0
	for i, c := range columns {
		n += c.width + gapBefore(columns, i)
	}
	return n
}

func gapBefore(columns []matrixColumn, i int) int {
	if i > 0 && columns[i].group == columns[i-1].group {
		return columns[i].gap
	}
	return columnGap
}
