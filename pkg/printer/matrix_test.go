package printer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// marks reads a row of marks from their ASCII signs.
func marks(s string) []printer.Mark {
	signs := map[rune]printer.Mark{
		'Y': printer.MarkYes, '-': printer.MarkNo, '~': printer.MarkPartial,
		'?': printer.MarkUnknown, '*': printer.MarkWildcard, '.': printer.MarkNotApplicable,
	}
	var out []printer.Mark
	for _, r := range s {
		mark, known := signs[r]
		if !known {
			panic("unknown sign " + string(r))
		}
		out = append(out, mark)
	}
	return out
}

func whatCanMatrix() *printer.Matrix {
	row := func(label, signs string) printer.MatrixRow {
		return printer.MatrixRow{Label: printer.Plain(label), Marks: marks(signs)}
	}
	return &printer.Matrix{
		Corner: "resource",
		Groups: []printer.MatrixGroup{
			{Name: "read", Columns: []string{"get", "list", "watch"}},
			{Name: "write", Columns: []string{"create", "update", "patch", "delete", "deletecollection"}},
			{Name: "escalate", Columns: []string{"escalate", "bind", "impersonate"}},
		},
		Rows: []printer.MatrixRow{
			row("pods", "YYYY--YY..-"),
			row("secrets", "~-------..-"),
			row("clusterroles.rbac.authorization.k8s.io", "YYY-----**-"),
			row("validatingadmissionpolicybindings.admissionregistration.k8s.io", "YYY-----..-"),
		},
		Legend: map[printer.Mark]string{printer.MarkPartial: "only some names"},
	}
}

func TestMatrix(t *testing.T) {
	golden(t, "matrix", whatCanMatrix())
}

func TestMatrixWithGroupsOfRows(t *testing.T) {
	m := whatCanMatrix()
	group := func(s string) printer.MatrixRow { return printer.MatrixRow{Group: printer.Plain(s)} }
	m.Rows = append([]printer.MatrixRow{group("in the whole cluster")}, m.Rows...)
	m.Rows = append(m.Rows, group("in namespace \x1b[2Jshop, whose name is as long as names of namespaces get in the end"), m.Rows[1])
	golden(t, "matrix-groups", m)
}

func TestMatrixOfHostileText(t *testing.T) {
	m := &printer.Matrix{Corner: "\x1b[2J", Legend: map[printer.Mark]string{printer.MarkUnknown: "a\nb"}}
	m.Groups = []printer.MatrixGroup{{Name: "\u202egroup", Columns: []string{"日本", "\n", ""}}}
	for _, name := range sortedKeys(hostile()) {
		m.Rows = append(m.Rows, printer.MatrixRow{Label: printer.Plain(hostile()[name]), Marks: marks("Y??")})
	}
	golden(t, "matrix-hostile", m)
}

func TestEmptyMatrixPrintsNothing(t *testing.T) {
	if got := render(t, &printer.Matrix{Groups: whatCanMatrix().Groups}, printer.Style{}); got != "" {
		t.Errorf("printed %q", got)
	}
}

func TestMatrixShapes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		matrix printer.Matrix
		style  printer.Style
		want   string
	}{
		{
			name: "groups without names have no heading line",
			matrix: printer.Matrix{
				Corner: "r", Groups: []printer.MatrixGroup{{Columns: []string{"get"}}, {Columns: []string{"put"}}},
				Rows: []printer.MatrixRow{{Label: printer.Plain("pods"), Marks: marks("Y-")}},
			},
			want: "R      GET   PUT\npods   ✓     ✗\n\n✓ yes   ✗ no\n",
		},
		{
			name: "a heading wider than its columns",
			matrix: printer.Matrix{
				Groups: []printer.MatrixGroup{{Name: "dangerous", Columns: []string{"a", "b"}}, {Name: "x", Columns: []string{"c"}}},
				Rows:   []printer.MatrixRow{{Label: printer.Plain("pods"), Marks: marks("YY~")}},
			},
			want: "       DANGEROUS   X\n       A  B        C\npods   ✓  ✓        ~\n\n✓ yes   ~ in part\n",
		},
		{
			name: "the zero mark is unknown, and so is one out of range",
			matrix: printer.Matrix{
				Groups: []printer.MatrixGroup{{Columns: []string{"a", "b"}}},
				Rows:   []printer.MatrixRow{{Label: printer.Plain("pods"), Marks: []printer.Mark{0, 99}}},
			},
			want: "       A  B\npods   ?  ?\n\n? unknown\n",
		},
		{
			name: "a page for each group that would be torn",
			matrix: printer.Matrix{
				Groups: []printer.MatrixGroup{
					{Name: "one", Columns: []string{"aaaa", "bbbb"}}, {Name: "two", Columns: []string{"cccc", "dddd"}},
				},
				Rows: []printer.MatrixRow{{Label: printer.Plain("row"), Marks: marks("Y-~*")}},
			},
			style: printer.Style{Width: 20, NoHeaders: false, ASCII: true},
			want: "      ONE\n      AAAA  BBBB\nrow   Y     -\n\n      TWO\n      CCCC  DDDD\nrow   ~     *\n\n" +
				"Y yes   ~ in part\n* by wildcard   - no\n",
		},
		{
			name: "a meaning longer than the line",
			matrix: printer.Matrix{
				Groups: []printer.MatrixGroup{{Columns: []string{"a", "b"}}},
				Rows:   []printer.MatrixRow{{Label: printer.Plain("pods"), Marks: marks("Y-")}},
				Legend: map[printer.Mark]string{printer.MarkYes: "in every namespace of the cluster"},
			},
			style: printer.Style{Width: 20},
			want:  "       A  B\npods   ✓  ✗\n\n✓ in every namespac…\n✗ no\n",
		},
		{
			name: "no headers",
			matrix: printer.Matrix{
				Groups: []printer.MatrixGroup{{Name: "g", Columns: []string{"first", "second"}}},
				Rows:   []printer.MatrixRow{{Label: printer.Plain("pods"), Marks: marks("Y-")}},
			},
			style: printer.Style{NoHeaders: true},
			want:  "pods   ✓  ✗\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, &tt.matrix, tt.style)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkLines(t, got, tt.style)
		})
	}
}

// Pages must hold every column once, in order, at any width.
func TestMatrixPagesHoldEveryColumn(t *testing.T) {
	m := whatCanMatrix()
	var want []string
	for _, group := range m.Groups {
		for _, name := range group.Columns {
			want = append(want, strings.ToUpper(name))
		}
	}
	for width := 35; width < 160; width++ {
		out := render(t, m, printer.Style{Width: width})
		checkLines(t, out, printer.Style{Width: width})
		var got []string
		for line := range strings.Lines(out) {
			if rest, found := strings.CutPrefix(line, "RESOURCE"); found {
				got = append(got, strings.Fields(rest)...)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
}

func TestMatrixNeedsAMarkForEveryColumn(t *testing.T) {
	for _, signs := range []string{"Y", "YYY"} {
		m := printer.Matrix{
			Groups: []printer.MatrixGroup{{Columns: []string{"a", "b"}}},
			Rows:   []printer.MatrixRow{{Marks: marks("YY")}, {Marks: marks(signs)}},
		}
		var out strings.Builder
		err := m.Print(&out, printer.Style{})
		if err == nil || !strings.HasPrefix(err.Error(), "print matrix row 1: marks do not match the columns") {
			t.Errorf("%s: error = %v", signs, err)
		}
	}
}

func TestDenseMatrix(t *testing.T) {
	m := &printer.Matrix{
		Corner: "from \\ to", Dense: true,
		Groups: []printer.MatrixGroup{{Columns: []string{"8", "9"}}, {Columns: []string{"10", "11"}}},
		Rows: []printer.MatrixRow{
			{Group: printer.Plain("shop")},
			{Label: printer.Plain(" 8 web"), Marks: append(marks("Y~-"), printer.MarkMixed)},
			{Label: printer.Plain("10 api"), Marks: marks("-.?Y")},
		},
	}
	want := "                  1 1\nFROM \\ TO   8 9   0 1\nshop\n 8 web      ✓ ~   ✗ ±\n10 api      ✗ ·   ? ✓\n\n" +
		"✓ yes   ~ in part   ± it differs   ✗ no   · not applicable   ? unknown\n"
	if diff := cmp.Diff(want, render(t, m, printer.Style{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	ascii := render(t, m, printer.Style{ASCII: true, NoHeaders: true})
	if want := "shop\n 8 web   Y ~   - +\n10 api   - .   ? Y\n"; ascii != want {
		t.Errorf("without headers:\n%s", ascii)
	}
	if got := render(t, m, printer.Style{Width: 16}); !strings.Contains(got, "\n\n            1 1\n") {
		t.Errorf("no second page:\n%s", got)
	}
	// Hostile headings keep their place.
	m.Groups[0].Columns[0] = "\x1b[2J日"
	for line := range strings.Lines(render(t, m, printer.Style{})) {
		if strings.ContainsAny(line, "\x1b日") {
			t.Errorf("%q", line)
		}
	}
}
