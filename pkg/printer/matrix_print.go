package printer

func (l *matrixLayout) print(p *page) {
	for i, columns := range l.pages {
		if i > 0 {
			p.endLine()
		}
		if !p.style.NoHeaders {
			l.headings(p, columns)
		}
		for j, row := range l.matrix.Rows {
			if len(row.Group) > 0 {
				p.line(row.Group, RoleHeading)
				continue
			}
			p.padded(l.labels[j], l.labelWidth, CutMiddle)
			for k, c := range columns {
				p.blanks(gapBefore(columns, k))
				p.span(row.Marks[c.index].span(p.style.ASCII))
				p.blanks(c.width - 1)
			}
			p.endLine()
		}
	}
}

func (l *matrixLayout) headings(p *page, columns []matrixColumn) {
	if l.named {
		p.blanks(l.labelWidth)
		for from := 0; from < len(columns); {
			to, width := from, -columns[from].gap
			for to < len(columns) && columns[to].group == columns[from].group {
				width += columns[to].gap + columns[to].width
				to++
			}
			p.blanks(columnGap)
			p.padded(l.groups[columns[from].group], width, CutEnd)
			from = to
		}
		p.endLine()
	}
	if l.matrix.Dense {
		l.downwards(p, columns)
		return
	}
	p.padded(l.corner, l.labelWidth, CutEnd)
	for k, c := range columns {
		p.blanks(gapBefore(columns, k))
		p.padded(c.head, c.width, CutEnd)
	}
	p.endLine()
}

// downwards prints headings that stand on their columns, the corner beside
// their last line.
func (l *matrixLayout) downwards(p *page, columns []matrixColumn) {
	for line := l.heads; line > 0; line-- {
		if line == 1 {
			p.padded(l.corner, l.labelWidth, CutEnd)
		} else {
			p.blanks(l.labelWidth)
		}
		for k, c := range columns {
			p.blanks(gapBefore(columns, k))
			if at := len(c.down) - line; at >= 0 {
				p.span(span{text: c.down[at : at+1], role: RoleDim, width: 1})
			} else {
				p.blanks(1)
			}
			p.blanks(c.width - 1)
		}
		p.endLine()
	}
}

// padded prints spans in exactly width cells, or more where nothing may be cut.
func (p *page) padded(spans []span, width int, how Cut) {
	if p.style.Width > 0 {
		spans = cutSpans(spans, width, how, p.style.ASCII)
	}
	p.spans(spans)
	p.blanks(width - spansWidth(spans))
}
