package printer

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func join(spans []span) string {
	var out strings.Builder
	for _, s := range spans {
		out.WriteString(s.text)
	}
	return out.String()
}

func TestCutSpans(t *testing.T) {
	arrow := func(a, b string) Text { return Chain(Plain(a), Plain(b)) }
	for _, tt := range []struct {
		name  string
		text  Text
		width int
		how   Cut
		ascii bool
		want  string
	}{
		{name: "fits", text: Plain("abc"), width: 3, want: "abc"},
		{name: "nothing", text: nil, width: 0, want: ""},
		{name: "no room", text: Plain("abc"), width: 0, want: ""},
		{name: "one cell", text: Plain("abc"), width: 1, want: "…"},
		{name: "end", text: Plain("abcdef"), width: 4, want: "abc…"},
		{name: "end, ASCII", text: Plain("abcdefgh"), width: 6, ascii: true, want: "abc..."},
		{name: "less room than the ASCII ellipsis", text: Plain("abcdef"), width: 2, ascii: true, want: ".."},
		{name: "no blank before the ellipsis", text: Plain("abc def"), width: 5, want: "abc…"},
		{name: "middle, odd", text: Plain("abcdefgh"), width: 5, how: CutMiddle, want: "ab…gh"},
		{name: "middle, even", text: Plain("abcdefgh"), width: 6, how: CutMiddle, want: "abc…gh"},
		{name: "wide at the cut", text: Plain("日本語名"), width: 4, want: "日…"},
		{name: "wide at both cuts", text: Plain("日本語名前"), width: 6, how: CutMiddle, want: "日…前"},
		{name: "combining marks stay with their letter", text: Plain("e\u0301e\u0301e\u0301"), width: 2, want: "e\u0301…"},
		{name: "across parts", text: Text{{Text: "ab"}, {Text: "cd"}, {Text: "ef"}}, width: 4, want: "abc…"},
		{name: "middle across parts", text: Text{{Text: "ab"}, {Text: "cd"}, {Text: "ef"}}, width: 5, how: CutMiddle, want: "ab…ef"},
		{name: "chain", text: arrow("RoleBinding/abcdef", "Role/x"), width: 20, want: "RoleBindin… → Role/x"},
		{name: "chain, both links", text: arrow("RoleBinding/abcdef", "ClusterRole/abcdef"), width: 20, want: "RoleBind… → Cluster…"},
		{name: "chain, middle", text: arrow("RoleBinding/abcdef", "Role/x"), width: 20, how: CutMiddle, want: "RoleB…bcdef → Role/x"},
		{name: "chain with too little room is never cut in the middle", text: arrow("Binding/a", "Role/a"), width: 8, how: CutMiddle, want: "Binding…"},
		{name: "short form", text: Text{{Text: "ClusterRole", Short: "CR"}, {Text: "/edit"}}, width: 12, want: "CR/edit"},
		{name: "short form not needed", text: Text{{Text: "ClusterRole", Short: "CR"}, {Text: "/edit"}}, width: 16, want: "ClusterRole/edit"},
		{name: "short form, then cut", text: Text{{Text: "ClusterRole", Short: "CR"}, {Text: "/edit"}}, width: 5, want: "CR/e…"},
		{name: "a longer short form is no help", text: Text{{Text: "ab", Short: "long"}, {Text: "cd"}}, width: 3, want: "ab…"},
		{name: "short form is escaped", text: Text{{Text: "abcdefgh", Short: "\n"}}, width: 3, want: "␊"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spans := appendSpans(nil, tt.text, RolePlain, tt.ascii)
			before := slices.Clone(spans)
			out := cutSpans(spans, tt.width, tt.how, tt.ascii)
			if diff := cmp.Diff(tt.want, join(out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := ansi.StringWidth(join(out)); got > tt.width || got != spansWidth(out) {
				t.Errorf("%d cells, counted as %d, limit %d", got, spansWidth(out), tt.width)
			}
			if !slices.Equal(before, spans) {
				t.Errorf("input changed from %q to %q", join(before), join(spans))
			}
		})
	}
}

func FuzzCutSpans(f *testing.F) {
	f.Add("RoleBinding/日本語", "ClusterRole/🚀🚀", 9, true, false)
	f.Add("e\u0301e\u0301", "\u1100\u1161\u11a8", 3, false, false)
	f.Add("🇩🇪🇩", "🇪x", 2, true, true)
	f.Fuzz(func(t *testing.T, a, b string, width int, middle, ascii bool) {
		width %= 200
		how := CutEnd
		if middle {
			how = CutMiddle
		}
		for _, text := range []Text{Plain(a), Concat(Plain(a), Plain(b)), Chain(Plain(a), Plain(b))} {
			out := cutSpans(appendSpans(nil, text, RolePlain, ascii), width, how, ascii)
			if got := spansWidth(out); got > max(width, 0) {
				t.Errorf("%q: %d cells, limit %d", join(out), got, width)
			}
			if got := ansi.StringWidth(join(out)); got > max(width, 0) {
				t.Errorf("%q: terminal needs %d cells, limit %d", join(out), got, width)
			}
		}
	})
}
