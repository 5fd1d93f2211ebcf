package printer

import (
	"errors"
	"fmt"
	"io"
)

// Mark is the content of a matrix cell.
type Mark uint8

// The marks. MarkUnknown is the zero value, so that a cell which nobody filled in
// is not read as a "no".
const (
	MarkUnknown       Mark = iota // ?
	MarkYes                       // ✓ or Y
	MarkNo                        // ✗ or -
	MarkPartial                   // ~
	MarkWildcard                  // *
	MarkNotApplicable             // · or .
	MarkMixed                     // ± or +
	markCount
)

// legendOrder is the order of marks in the legend.
func legendOrder() []Mark {
	return []Mark{MarkYes, MarkPartial, MarkMixed, MarkWildcard, MarkNo, MarkNotApplicable, MarkUnknown}
}

// markForm is how a mark is printed, and its meaning unless the matrix says more.
type markForm struct {
	unicode, ascii string
	role           Role
	meaning        string
}

func (m Mark) form() markForm {
	switch m {
	case MarkYes:
		return markForm{"✓", "Y", RoleGood, "yes"}
	case MarkNo:
		return markForm{"✗", "-", RoleDim, "no"}
	case MarkPartial:
		return markForm{"~", "~", RoleWarn, "in part"}
	case MarkWildcard:
		return markForm{"*", "*", RoleBad, "by wildcard"}
	case MarkNotApplicable:
		return markForm{"·", ".", RoleDim, "not applicable"}
	case MarkMixed:
		return markForm{"±", "+", RoleWarn, "it differs"}
	default:
		return markForm{"?", "?", RoleWarn, "unknown"}
	}
}

func (m Mark) span(ascii bool) span {
	f := m.form()
	if ascii {
		return span{text: f.ascii, role: f.role, width: 1}
	}
	return span{text: f.unicode, role: f.role, width: 1}
}

// MatrixGroup is a run of columns under a common heading, such as "write".
type MatrixGroup struct {
	Name    string
	Columns []string
}

// MatrixRow is a label and its marks, by column across all groups.
type MatrixRow struct {
	// Group, if not empty, is printed alone across the whole line; Label and
	// Marks are then ignored.
	Group Text
	Label Text
	Marks []Mark
}

// Matrix prints marks for rows × columns with a legend of the marks that occur.
// Where the columns do not fit the width they are split into pages, one below the
// other; lines are never wrapped. A matrix without rows prints nothing.
type Matrix struct {
	// Corner is the heading of the row labels.
	Corner string
	Groups []MatrixGroup
	Rows   []MatrixRow
	// Dense columns are one cell wide and one blank apart, their headings are
	// written downwards: numbers, of which the rows tell the meaning.
	Dense bool
	// Legend replaces the default meaning of a mark.
	Legend map[Mark]string
}

var errMarkCount = errors.New("marks do not match the columns")

// Print writes the matrix. Every row must have exactly one mark for each column.
func (m *Matrix) Print(w io.Writer, s Style) error {
	if len(m.Rows) == 0 {
		return nil
	}
	columns := 0
	for _, group := range m.Groups {
		columns += len(group.Columns)
	}
	for i, row := range m.Rows {
		if len(row.Group) == 0 && len(row.Marks) != columns {
			return fmt.Errorf("print matrix row %d: %w (%d marks, %d columns)", i, errMarkCount, len(row.Marks), columns)
		}
	}
	p := newPage(s)
	newMatrixLayout(m, p.style).print(p)
	if !s.NoHeaders {
		m.legend(p)
	}
	return p.flush(w, "matrix")
}

func (m *Matrix) legend(p *page) {
	var seen [markCount]bool
	for _, row := range m.Rows {
		if len(row.Group) > 0 {
			continue
		}
		for _, mark := range row.Marks {
			if mark >= markCount {
				mark = MarkUnknown // as form has it
			}
			seen[mark] = true
		}
	}
	var items [][]span
	for _, mark := range legendOrder() {
		if !seen[mark] {
			continue
		}
		meaning := m.Legend[mark]
		if meaning == "" {
			meaning = mark.form().meaning
		}
		item := []span{mark.span(p.style.ASCII), {text: " ", width: 1}}
		items = append(items, appendSpans(item, Plain(meaning), RoleDim, p.style.ASCII))
	}
	if len(items) > 0 {
		p.endLine()
		p.flow(items, columnGap)
	}
}
