package printer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// What does not fit its column stands below the row in full, before the
// row's own children, and the legend tells what short forms mean.
func TestBelow(t *testing.T) {
	role := func(name string) printer.Text {
		return printer.Chain(printer.Plain("RoleBinding/b"), printer.Text{{Text: "ClusterRole", Short: "CR"}, {Text: "/" + name}})
	}
	table := &printer.Table{
		Legend:  printer.Plain("CR = ClusterRole"),
		Columns: []printer.Column{{Name: "subject"}, {Name: "via", Shrink: 1, Below: true}, {Name: "last", Blank: true}},
	}
	table.Add(printer.Plain("alice"), role("a"), printer.Plain("x"))
	table.Add(printer.Plain("bob"), role("controller-of-everything"), printer.Plain("y"))
	table.Rows[1].Children = []printer.Node{{Label: printer.Plain("child")}}
	for _, tt := range []struct {
		name  string
		style printer.Style
		want  string
	}{
		{"pipe", printer.Style{}, "" +
			"SUBJECT   VIA                                                    LAST\n" +
			"alice     RoleBinding/b → ClusterRole/a                          x\n" +
			"bob       RoleBinding/b → ClusterRole/controller-of-everything   y\n" +
			"  └─ child\n"},
		{"below", printer.Style{Width: 40}, "" +
			"SUBJECT   VIA                       LAST\n" +
			"alice     RoleBinding/b → CR/a      x\n" +
			"bob                                 y\n" +
			"  ├─ via RoleBinding/b →\n" +
			"  │     CR/controller-of-everything\n" +
			"  └─ child\n" +
			"\n" +
			"CR = ClusterRole\n"},
		{"no headers", printer.Style{Width: 40, NoHeaders: true}, "" +
			"alice   RoleBinding/b → CR/a           x\n" +
			"bob                                    y\n" +
			"  ├─ via RoleBinding/b →\n" +
			"  │     CR/controller-of-everything\n" +
			"  └─ child\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, table, tt.style)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkLines(t, got, tt.style)
		})
	}
}
