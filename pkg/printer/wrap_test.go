package printer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// A wrapped label is whole at any width, and stays below its own branch.
func TestWrappedNodes(t *testing.T) {
	label := printer.Chain(printer.Plain("sa/dev/web can get secrets in dev: RoleBinding/reader-of-secrets"), printer.Plain("ClusterRole/"+strings.Repeat("x", 30)))
	tree := printer.Tree{Roots: []printer.Node{{Label: printer.Plain("root"), Children: []printer.Node{
		{Label: label, Wrap: true, Children: []printer.Node{{Label: printer.Plain("child")}}},
		{Label: label, Wrap: true},
		{Label: printer.Plain("short"), Wrap: true},
	}}}}
	want := `root
├─ sa/dev/web can get secrets in dev:
│     RoleBinding/reader-of-secrets →
│     ClusterRole/xxxxxxxxxxxxxxxxxxxxxx
│     xxxxxxxx
│  └─ child
├─ sa/dev/web can get secrets in dev:
│     RoleBinding/reader-of-secrets →
│     ClusterRole/xxxxxxxxxxxxxxxxxxxxxx
│     xxxxxxxx
└─ short
`
	style := printer.Style{Width: 40}
	got := render(t, tree, style)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	checkLines(t, got, style)
	for width := 10; width < 120; width++ {
		style := printer.Style{Width: width, ASCII: width%2 == 0, Color: width%3 == 0}
		checkLines(t, render(t, tree, style), style)
	}
	if got := render(t, tree, printer.Style{}); strings.Count(got, "\n") != 5 {
		t.Errorf("wrapped without a width:\n%s", got)
	}
}
