package printer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func node(label string, children ...printer.Node) printer.Node {
	return printer.Node{Label: printer.Plain(label), Children: children}
}

func TestTree(t *testing.T) {
	golden(t, "tree", printer.Tree{Roots: []printer.Node{
		node("Group system:serviceaccounts",
			node("shop/deployer",
				printer.Node{Label: printer.Chain(
					printer.Text{{Text: "ClusterRoleBinding", Short: "CRB"}, {Text: "/every-service-account-may-read-everything"}},
					printer.Text{{Text: "ClusterRole", Short: "CR"}, {Text: "/view-and-a-rather-long-suffix"}},
				)},
				node("pods", node("web-0"), node("web-1")),
			),
			printer.Node{Label: printer.Concat(printer.Plain("monitoring/prometheus "), printer.Sign(printer.RoleBad, printer.GlyphNo))},
		),
		node("User alice"),
		node("forged\n└─ child \x1b[2J", node("日本語のとても長い名前のサービスアカウント日本語のとても長い名前のサービスアカウント")),
	}})
}

func TestEmptyTreePrintsNothing(t *testing.T) {
	if got := render(t, printer.Tree{}, printer.Style{}); got != "" {
		t.Errorf("printed %q", got)
	}
}

func TestTreeOfEmptyLabels(t *testing.T) {
	tree := printer.Tree{Roots: []printer.Node{node("", node("", node("x")))}}
	for _, s := range []printer.Style{{}, {Color: true}} {
		got := render(t, tree, s)
		checkLines(t, got, s)
		if diff := cmp.Diff("\n└─\n   └─ x\n", withoutColors(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// A tree deeper than the terminal is wide must still keep to it.
func TestDeepTree(t *testing.T) {
	tree := node("leaf")
	for range 200 {
		tree = node("n", tree)
	}
	s := printer.Style{Width: 80}
	got := render(t, printer.Tree{Roots: []printer.Node{tree}}, s)
	checkLines(t, got, s)
	if lines := strings.Count(got, "\n"); lines != 201 {
		t.Errorf("%d lines, want 201", lines)
	}
}
