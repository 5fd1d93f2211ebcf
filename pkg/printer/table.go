package printer

import (
	"errors"
	"fmt"
	"io"
)

// Align says on which side a cell is padded.
type Align uint8

// The alignments.
const (
	AlignLeft Align = iota
	AlignRight
)

// Column describes one column of a [Table].
type Column struct {
	// Name is the heading, printed in upper case.
	Name string
	// Wide columns are printed only when [Table.Wide] is set (-o wide).
	Wide bool
	// Align places the cells; AlignLeft is the zero value.
	Align Align
	// Min is the least width in cells to which the column is cut; 0 means its
	// heading's width, at least 8.
	Min int
	// Shrink orders the columns that give way when a line is too wide: the greatest
	// first, equal ones together. Columns with 0 give way last.
	Shrink int
	// Cut says where a cell loses characters.
	Cut Cut
	// Below moves a cell that would be cut to a line of its own below the row,
	// after the column's name: names that differ in their middle stay apart.
	Below bool
	// Role is the role of parts that have none.
	Role Role
	// Blank leaves an empty cell empty. Otherwise it is printed as <none>, so that
	// scripts can count fields.
	Blank bool
}

// Row is a row of cells, or a group's heading.
type Row struct {
	// Group, if not empty, is printed alone across the whole line; Cells are then ignored.
	Group Text
	// Cells are the row's texts by column, wide columns included. Missing ones are empty.
	Cells []Text
	// Children are printed below the row as a tree across the whole line.
	Children []Node
}

// Table prints rows in aligned columns, three blanks apart as kubectl does. A table
// without rows prints nothing: what was searched in vain belongs on stderr.
type Table struct {
	Columns []Column
	Rows    []Row
	// Wide includes the columns marked Wide.
	Wide bool
	// Legend explains short forms; it is printed below the rows where one of
	// them had to be used.
	Legend Text
}

// Add appends a row of cells.
func (t *Table) Add(cells ...Text) {
	t.Rows = append(t.Rows, Row{Cells: cells})
}

// AddGroup appends a group's heading; the rows added after it belong to it.
func (t *Table) AddGroup(heading Text) {
	t.Rows = append(t.Rows, Row{Group: heading})
}

var (
	errNoColumns    = errors.New("table has no columns to print")
	errTooManyCells = errors.New("row has more cells than the table has columns")
)

// Print writes the table. A row with more cells than there are columns is an error:
// leaving the rest out would be a wrong answer.
func (t *Table) Print(w io.Writer, s Style) error {
	if len(t.Rows) == 0 {
		return nil
	}
	for i, row := range t.Rows {
		if len(row.Cells) > len(t.Columns) {
			return fmt.Errorf("print table row %d: %w (%d > %d)", i, errTooManyCells, len(row.Cells), len(t.Columns))
		}
	}
	p := newPage(s)
	grid, err := newGrid(t, p.style)
	if err != nil {
		return err
	}
	grid.print(p)
	return p.flush(w, "table")
}
