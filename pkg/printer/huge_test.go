package printer_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// A user name may be as long as an object may be large. It must neither be cut in a
// pipe nor widen every other line.
func TestOneHugeNameDoesNotMultiplyTheOutput(t *testing.T) {
	const rows = 2000
	huge := strings.Repeat("x", 1<<20)
	table := &printer.Table{Columns: []printer.Column{{Name: "subject"}, {Name: "scope"}}}
	matrix := &printer.Matrix{Groups: []printer.MatrixGroup{{Columns: []string{"get"}}}}
	for i := range rows {
		name := "alice"
		if i == rows/2 {
			name = huge
		}
		table.Add(printer.Plain(name), printer.Plain("cluster"))
		matrix.Rows = append(matrix.Rows, printer.MatrixRow{Label: printer.Plain(name), Marks: marks("Y")})
	}
	for _, tt := range []struct {
		name string
		item printer.Printable
		row  string
	}{
		{"table", table, huge + "   cluster\n"},
		{"matrix", matrix, huge + "   ✓\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := render(t, tt.item, printer.Style{})
			if !strings.Contains(out, tt.row) {
				t.Error("the huge row is not there in full")
			}
			if limit := len(huge) + rows*1024; len(out) > limit {
				t.Errorf("%d bytes, want at most %d", len(out), limit)
			}
			narrow := render(t, tt.item, printer.Style{Width: 80})
			checkLines(t, narrow, printer.Style{Width: 80})
		})
	}
}
