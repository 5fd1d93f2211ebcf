package output

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSV writes lines for spreadsheets. Names of manifests are hostile: a cell
// that a spreadsheet would take for a formula begins with an apostrophe.
type CSV struct{ out *csv.Writer }

// NewCSV begins with the names of columns, where they are wanted.
func NewCSV(w io.Writer, headers bool, columns ...string) *CSV {
	c := &CSV{csv.NewWriter(w)}
	if headers {
		c.Line(columns...)
	}
	return c
}

// Line writes the cells of a line, which it may change. Its first error stays.
func (c *CSV) Line(cells ...string) {
	for i := range cells {
		cells[i] = inert(cells[i])
	}
	_ = c.out.Write(cells) // End returns it
}

// End writes what is left and returns the first error.
func (c *CSV) End() error {
	c.out.Flush()
	if err := c.out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
