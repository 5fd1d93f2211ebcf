package printer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

const (
	gapText = "answer may be incomplete: 1 of 4 resource kinds could not be read, " +
		"rolebindings in the namespaces legacy and billing (forbidden)"
	command = "kubectl secure who-can delete pods -n shop --require-complete --as system:serviceaccount:shop:deployer"
)

func TestBlock(t *testing.T) {
	golden(t, "block", printer.Warning(
		printer.Plain(gapText),
		printer.Concat(printer.Plain("asked by: "), printer.Styled(printer.RoleName, "who-can delete pods")),
	))
}

func TestHeading(t *testing.T) {
	golden(t, "heading", printer.Heading{
		Title: printer.Plain("Can delete pods in namespace shop"),
		Aside: printer.Concat(printer.Plain("4 subjects"), printer.Sign(printer.RoleDim, printer.GlyphDot), printer.Plain("2 of them cluster-wide")),
	})
}

func TestBlockShapes(t *testing.T) {
	text := printer.Plain
	for _, tt := range []struct {
		name  string
		item  printer.Printable
		style printer.Style
		want  string
	}{
		{"note", printer.Note(text("a")), printer.Style{}, "note: a\n"},
		{"help", printer.Help(text("a")), printer.Style{}, "help: a\n"},
		{"warning", printer.Warning(text("a")), printer.Style{}, "warning: a\n"},
		{"error", printer.Error(text("a"), text("b")), printer.Style{}, "error: a\n       b\n"},
		{"no paragraphs", printer.Help(), printer.Style{}, ""},
		{"no label", printer.Block{Paragraphs: []printer.Paragraph{{Text: text("a b")}, {Text: text("c")}}}, printer.Style{}, "a b\nc\n"},
		{"colon in the label", printer.Block{Label: "note:", Paragraphs: []printer.Paragraph{{Text: text("a")}}}, printer.Style{}, "note: a\n"},
		{"empty paragraph", printer.Error(text("a"), nil, text("b")), printer.Style{}, "error: a\n\n       b\n"},
		{"only an empty paragraph", printer.Error(nil), printer.Style{}, "error:\n"},
		{"wrapped with a hanging indent", printer.Help(text("one two three four")), printer.Style{Width: 16}, "help: one two\n      three four\n"},
		{"words of several roles stay together", printer.Help(printer.Concat(text("aaaa b"), printer.Styled(printer.RoleName, "old"), text(" c"))), printer.Style{Width: 12}, "help: aaaa\n      bold c\n"},
		{"blanks inside a line are kept", printer.Help(text("check with   kubectl")), printer.Style{Width: 40}, "help: check with   kubectl\n"},
		{"colour", printer.Error(text("a")), printer.Style{Color: true}, "\x1b[31merror:\x1b[0m a\n"},
		{"forged label", printer.Error(text("x\nhelp: y")), printer.Style{}, "error: x␊help: y\n"},
		{"title without aside", printer.Heading{Title: text("a")}, printer.Style{}, "a\n"},
		{"aside on its own line", printer.Heading{Title: text("aaaaaa"), Aside: text("bbbbbb")}, printer.Style{Width: 12}, "aaaaaa\n  bbbbbb\n"},
		{"title too long", printer.Heading{Title: text("aaaaaaaaaaaaaa")}, printer.Style{Width: 12}, "aaaaaaaaaaa…\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, tt.item, tt.style)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkLines(t, got, tt.style)
		})
	}
}

// A command must be copied in one piece: neither wrapped nor cut at any width.
func TestVerbatimAndLongWordsStayWhole(t *testing.T) {
	name := strings.Repeat("long-name-", 12)
	block := printer.Help(printer.Plain("look at " + name + " first")).Verbatim(printer.Plain(command))
	for _, s := range []printer.Style{{}, {Width: 80}, {Width: 20}} {
		got := render(t, block, s)
		for _, want := range []string{name, command} {
			if !strings.Contains(got, want) {
				t.Errorf("%+v: %q is torn:\n%s", s, want, got)
			}
		}
	}
}

func TestVerbatimDoesNotChangeTheOriginal(t *testing.T) {
	base := printer.Help(printer.Plain("x"), printer.Plain("y"), printer.Plain("a")) // room for one more in the array
	first, second := base.Verbatim(printer.Plain("b")), base.Verbatim(printer.Plain("c"))
	got := render(t, base, printer.Style{}) + render(t, first, printer.Style{}) + render(t, second, printer.Style{})
	start := "help: x\n      y\n      a\n"
	want := start + start + "      b\n" + start + "      c\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
