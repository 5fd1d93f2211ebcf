package printer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// Any text, any width, any style: the promises of the package hold for every line,
// and no text can add or remove one.
func FuzzTable(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s, "kube-system/"+s, uint16(80), uint8(0))
		f.Add(s, s+s+s, uint16(23), uint8(3))
	}
	f.Fuzz(func(t *testing.T, a, b string, width uint16, flags uint8) {
		s := styleFrom(width, flags)
		table := &printer.Table{
			Wide: flags&8 != 0,
			Columns: []printer.Column{
				{Name: a, Shrink: int(flags & 1)},
				{Name: "wide", Wide: true, Align: printer.AlignRight},
				{Name: "chain", Shrink: 1, Cut: printer.CutMiddle, Min: int(flags >> 5)},
				{Name: b, Cut: printer.CutMiddle},
			},
		}
		table.Add(printer.Plain(a), printer.Plain(b), printer.Chain(printer.Plain(a), printer.Plain(b)), printer.Plain(b))
		table.AddGroup(printer.Concat(printer.Plain("group "), printer.Plain(a)))
		table.Rows = append(table.Rows, printer.Row{
			Cells:    []printer.Text{printer.Concat(printer.Plain(a), printer.Styled(printer.RoleBad, b)), nil},
			Children: []printer.Node{node(a, node(b)), node(b)},
		})
		checkRendering(t, table, s, 7, 1)
	})
}

func FuzzMatrix(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s, "get", uint16(80), uint8(0))
		f.Add("pods", s, uint16(23), uint8(3))
	}
	f.Fuzz(func(t *testing.T, a, b string, width uint16, flags uint8) {
		m := &printer.Matrix{
			Corner: b,
			Groups: []printer.MatrixGroup{{Name: a, Columns: []string{"get", b}}, {Name: b, Columns: []string{a, "watch", "list"}}},
			Rows: []printer.MatrixRow{
				{Label: printer.Plain(a), Marks: marks("Y-~?*")},
				{Label: printer.Plain(b), Marks: marks("....Y")},
			},
			Legend: map[printer.Mark]string{printer.MarkYes: a},
		}
		checkRendering(t, m, styleFrom(width, flags), -1, 0)
	})
}

func styleFrom(width uint16, flags uint8) printer.Style {
	s := printer.Style{Color: flags&1 != 0, ASCII: flags&2 != 0, NoHeaders: flags&4 != 0}
	if width > 0 {
		s.Width = 10 + int(width)%200
	}
	return s
}

// checkRendering also counts the lines, unless lines is negative: headers of them
// are left out under NoHeaders.
func checkRendering(t *testing.T, item printer.Printable, s printer.Style, lines, headers int) {
	t.Helper()
	out := render(t, item, s)
	checkLines(t, out, s)
	if s.NoHeaders {
		lines -= headers
	}
	if got := strings.Count(out, "\n"); lines >= 0 && got != lines {
		t.Errorf("%d lines, want %d:\n%s", got, lines, out)
	}
	if again := render(t, item, s); again != out {
		t.Errorf("two renderings differ:\n%s\n%s", out, again)
	}
}

// What the fuzzer does from its seeds only, on every run of the tests: random
// mixtures of ordinary, wide and hostile text.
func TestRandomTablesKeepThePromises(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	words := []string{"pods", "system:controller:", "日本", "🚀", "e\u0301", " ", "-", "", strings.Repeat("x", 90)}
	for _, name := range sortedKeys(hostile()) {
		words = append(words, hostile()[name])
	}
	text := func() printer.Text {
		out := printer.Text{}
		for range rng.IntN(5) {
			out = append(out, printer.Part{
				Text:  words[rng.IntN(len(words))],
				Short: words[rng.IntN(len(words))],
				Role:  printer.Role(rng.IntN(8)),
				Glyph: printer.Glyph(max(0, rng.IntN(16)-8)),
			})
		}
		return out
	}
	for range 1500 {
		table := &printer.Table{Wide: rng.IntN(2) == 0}
		table.Columns = append(table.Columns, printer.Column{Name: "first"})
		for range rng.IntN(6) {
			table.Columns = append(table.Columns, printer.Column{
				Name: words[rng.IntN(len(words))], Wide: rng.IntN(4) == 0, Align: printer.Align(rng.IntN(2)),
				Min: rng.IntN(30), Shrink: rng.IntN(3), Cut: printer.Cut(rng.IntN(2)), Blank: rng.IntN(2) == 0,
			})
		}
		rows := 1 + rng.IntN(4)
		for range rows {
			row := make([]printer.Text, rng.IntN(len(table.Columns)+1))
			for i := range row {
				row[i] = text()
			}
			table.Add(row...)
		}
		checkRendering(t, table, styleFrom(uint16(rng.IntN(150)), uint8(rng.IntN(8))), rows+1, 1)
		if t.Failed() {
			return
		}
	}
}
