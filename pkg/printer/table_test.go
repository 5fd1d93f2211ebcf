package printer_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func whoCanTable(wide bool) *printer.Table {
	text := printer.Plain
	table := &printer.Table{
		Wide: wide,
		Columns: []printer.Column{
			{Name: "kind"},
			{Name: "subject", Shrink: 2, Role: printer.RoleName, Cut: printer.CutMiddle},
			{Name: "scope", Min: 7},
			{Name: "via", Shrink: 2, Min: 20, Cut: printer.CutMiddle},
			{Name: "rule", Wide: true, Align: printer.AlignRight},
		},
	}
	add := func(kind, subject, scope string, via printer.Text, rule string, children ...printer.Node) {
		table.Rows = append(table.Rows, printer.Row{
			Cells:    []printer.Text{text(kind), text(subject), text(scope), via, text(rule)},
			Children: children,
		})
	}
	via := func(bindingKind, binding, roleKind, role string) printer.Text {
		short := map[string]string{"ClusterRoleBinding": "CRB", "RoleBinding": "RB", "ClusterRole": "CR"}
		ref := func(kind, name string) printer.Text {
			return printer.Text{{Text: kind, Short: short[kind]}, {Text: "/" + name}}
		}
		return printer.Chain(ref(bindingKind, binding), ref(roleKind, role))
	}
	add("User", "alice@example.org", "shop", via("RoleBinding", "devs", "ClusterRole", "edit"), "0")
	add("Group", "oidc:platform", "cluster", via("ClusterRoleBinding", "ops", "ClusterRole", "admin"), "11")
	add("SA", "shop/deployer", "shop", via("RoleBinding", "deploy", "Role", "deployer"), "2",
		printer.Node{Label: text("used by 3 pods"), Children: []printer.Node{{Label: text("web-0")}, {Label: text("web-1")}}},
		printer.Node{Label: printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), text(" verified"))},
	)
	table.AddGroup(text("cluster-wide"))
	add("SA", "kube-system/replicaset-controller", "cluster", via(
		"ClusterRoleBinding", "system:controller:replicaset-controller",
		"ClusterRole", "system:controller:replicaset-controller",
	), "")
	return table
}

func TestTable(t *testing.T) {
	golden(t, "table", whoCanTable(false))
}

func TestTableWide(t *testing.T) {
	golden(t, "table-wide", whoCanTable(true))
}

func TestTableOfHostileText(t *testing.T) {
	golden(t, "table-hostile", hostileTable())
}

func TestEmptyTablePrintsNothing(t *testing.T) {
	for _, s := range []printer.Style{{}, {Width: 80, Color: true}} {
		if got := render(t, &printer.Table{Columns: []printer.Column{{Name: "name"}}}, s); got != "" {
			t.Errorf("%+v: printed %q", s, got)
		}
	}
}

func TestTableCells(t *testing.T) {
	text := printer.Plain
	for _, tt := range []struct {
		name    string
		columns []printer.Column
		rows    []printer.Row
		style   printer.Style
		want    string
	}{
		{
			name:    "missing and empty cells",
			columns: []printer.Column{{Name: "a"}, {Name: "b"}, {Name: "note", Blank: true}},
			rows:    []printer.Row{{Cells: []printer.Text{text("x")}}, {Cells: []printer.Text{nil, text(""), text("n")}}},
			want:    "A        B        NOTE\nx        <none>\n<none>   <none>   n\n",
		},
		{
			name:    "right alignment",
			columns: []printer.Column{{Name: "n", Align: printer.AlignRight}, {Name: "unit"}},
			rows:    []printer.Row{{Cells: []printer.Text{text("5"), text("m")}}, {Cells: []printer.Text{text("1000"), text("m")}}},
			want:    "   N   UNIT\n   5   m\n1000   m\n",
		},
		{
			name:    "blanks at the end are shown",
			columns: []printer.Column{{Name: "user"}},
			rows:    []printer.Row{{Cells: []printer.Text{text("alice ")}}, {Cells: []printer.Text{{{Text: "bob "}, {Text: " "}}}}},
			want:    "USER\nalice␣\nbob␣␣\n",
		},
		{
			name:    "wide characters are measured in cells",
			columns: []printer.Column{{Name: "a"}, {Name: "b"}},
			rows:    []printer.Row{{Cells: []printer.Text{text("日本"), text("1")}}, {Cells: []printer.Text{text("e\u0301"), text("2")}}},
			want:    "A      B\n日本   1\ne\u0301      2\n",
		},
		{
			name:    "the greatest priority gives way first",
			columns: []printer.Column{{Name: "a", Shrink: 1}, {Name: "b", Shrink: 2}},
			rows:    []printer.Row{{Cells: []printer.Text{text("aaaaaaaaaaaa"), text("bbbbbbbbbbbb")}}},
			style:   printer.Style{Width: 25},
			want:    "A              B\naaaaaaaaaaaa   bbbbbbbbb…\n",
		},
		{
			name:    "then the others",
			columns: []printer.Column{{Name: "a"}, {Name: "b", Shrink: 2, Min: 4}},
			rows:    []printer.Row{{Cells: []printer.Text{text("aaaaaaaaaaaaa"), text("bbbbbbbbbbbbb")}}},
			style:   printer.Style{Width: 18},
			want:    "A             B\naaaaaaaaaa…   bbb…\n",
		},
		{
			name:    "a heading is kept as long as others can give way",
			columns: []printer.Column{{Name: "abcdefghijkl", Shrink: 2}, {Name: "b", Shrink: 1}},
			rows:    []printer.Row{{Cells: []printer.Text{text("aaaaaaaaaaaaaa"), text("bbbbbbbbbbbbbb")}}},
			style:   printer.Style{Width: 25},
			want:    "ABCDEFGHIJKL   B\naaaaaaaaaaa…   bbbbbbbbb…\n",
		},
		{
			name:    "too narrow for the minimums",
			columns: []printer.Column{{Name: "first"}, {Name: "second"}, {Name: "third"}},
			rows:    []printer.Row{{Cells: []printer.Text{text("aaaaa"), text("bbbbb"), text("ccccc")}}},
			style:   printer.Style{Width: 12},
			want:    "FI…   SE…\naa…   bb…\n",
		},
		{
			name:    "no headers, no heading width",
			columns: []printer.Column{{Name: "a long heading"}, {Name: "b"}},
			rows:    []printer.Row{{Cells: []printer.Text{text("x"), text("y")}}},
			style:   printer.Style{NoHeaders: true},
			want:    "x   y\n",
		},
		{
			name:    "the part's role beats the column's",
			columns: []printer.Column{{Name: "a", Role: printer.RoleName}},
			rows:    []printer.Row{{Cells: []printer.Text{printer.Concat(text("x "), printer.Styled(printer.RoleBad, "y"))}}},
			style:   printer.Style{NoHeaders: true, Color: true},
			want:    "\x1b[1mx \x1b[0m\x1b[31my\x1b[0m\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, &printer.Table{Columns: tt.columns, Rows: tt.rows}, tt.style)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkLines(t, got, tt.style)
		})
	}
}

func TestTableErrors(t *testing.T) {
	row := []printer.Text{printer.Plain("a"), printer.Plain("b")}
	for _, tt := range []struct {
		name  string
		table printer.Table
		want  string
	}{
		{
			"more cells than columns",
			printer.Table{Columns: []printer.Column{{Name: "a"}}, Rows: []printer.Row{{Cells: row[:1]}, {Cells: row}}},
			"print table row 1: row has more cells than the table has columns (2 > 1)",
		},
		{
			"only wide columns",
			printer.Table{Columns: []printer.Column{{Name: "a", Wide: true}}, Rows: []printer.Row{{Cells: row[:1]}}},
			"table has no columns to print",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			err := tt.table.Print(&out, printer.Style{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("printed %q despite the error", out.String())
			}
		})
	}
}

// Scripts cut columns by position: the fields of a row must not depend on the style.
func TestTableHasTheSameFieldsInEveryStyle(t *testing.T) {
	gap := regexp.MustCompile(` {3,}`)
	fields := func(s printer.Style) []int {
		var out []int
		for line := range strings.Lines(render(t, whoCanTable(true), s)) {
			out = append(out, len(gap.Split(strings.TrimSpace(withoutColors(line)), -1)))
		}
		return out
	}
	want := fields(printer.Style{})
	if want[0] != 5 || want[1] != 5 {
		t.Fatalf("fields = %v, want 5 in heading and row", want)
	}
	for _, s := range []printer.Style{{Width: 80}, {Width: 50}, {Width: 120, Color: true}, {Width: 100, ASCII: true}} {
		got := fields(s)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", s, diff)
		}
	}
}
