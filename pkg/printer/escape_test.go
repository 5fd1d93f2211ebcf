package printer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

func TestEscape(t *testing.T) {
	for _, tt := range []struct{ name, in, want, ascii string }{
		{"empty", "", "", ""},
		{"plain", "RoleBinding/devs", "RoleBinding/devs", "RoleBinding/devs"},
		{"letters", "Zoë 日本 🚀", "Zoë 日本 🚀", `Zo\u00eb \u65e5\u672c \U0001f680`},
		{"combining", "e\u0301", "e\u0301", `e\u0301`},
		{"escape sequence", "\x1b[31mx", "␛[31mx", `\x1b[31mx`},
		{"null", "a\x00b", "a␀b", `a\x00b`},
		{"newline, tab, return", "a\n\t\rb", "a␊␉␍b", `a\n\t\rb`},
		{"delete", "a\x7f", "a␡", `a\x7f`},
		{"c1", "\u009b1m", `\u009b1m`, `\u009b1m`},
		{"raw byte", "\x9b1m", `\x9b1m`, `\x9b1m`},
		{"override", "a\u202eb", `a\u202eb`, `a\u202eb`},
		{"isolate", "\u2066\u2069", `\u2066\u2069`, `\u2066\u2069`},
		{"marks", "\u200e\u200f\u061c", `\u200e\u200f\u061c`, `\u200e\u200f\u061c`},
		{"zero width", "\u200b\u200d\ufeff", `\u200b\u200d\ufeff`, `\u200b\u200d\ufeff`},
		{"separators", "\u2028\u2029", `\u2028\u2029`, `\u2028\u2029`},
		{"tag", "\U000e0041", `\U000e0041`, `\U000e0041`},
		{"blanks", "a b\u00a0c", `a b\u00a0c`, `a b\u00a0c`},
		{"variation selector", "\ufe0f", `\ufe0f`, `\ufe0f`},
		{"truncated rune", "a\xe6\x97", `a\xe6\x97`, `a\xe6\x97`},
		{"replacement character", "\ufffd", "\ufffd", `\ufffd`},
		{"backslash", `a\nb`, `a\nb`, `a\nb`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, printer.Escape(tt.in)); diff != "" {
				t.Errorf("Escape (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ascii, printer.EscapeASCII(tt.in)); diff != "" {
				t.Errorf("EscapeASCII (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEscapeOfCleanTextDoesNotAllocate(t *testing.T) {
	for _, s := range []string{"system:serviceaccount:shop:web", "日本語 Zoë"} {
		if n := testing.AllocsPerRun(100, func() { _ = printer.Escape(s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

// Every code point: what the fuzzer might not reach. Of the planes without assigned
// characters a sample is enough.
func TestEscapeEveryRune(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if assigned := r < 0x40000 || r>>12 == 0xe0; !assigned && r%251 != 0 {
			continue
		}
		checkEscaped(t, string(r))
	}
	for b := range 256 {
		checkEscaped(t, string([]byte{'a', byte(b), 'b'}))
	}
}

func checkEscaped(t *testing.T, in string) {
	t.Helper()
	out := printer.Escape(in)
	if r, bad := firstHostile(out); bad {
		t.Errorf("Escape(%q) = %q holds %U", in, out, r)
	}
	if again := printer.Escape(out); again != out {
		t.Errorf("Escape(%q) = %q is escaped again to %q", in, out, again)
	}
	plain := printer.EscapeASCII(in)
	if strings.ContainsFunc(plain, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		t.Errorf("EscapeASCII(%q) = %q is not printable ASCII", in, plain)
	}
	if in != "" && out == "" {
		t.Errorf("Escape(%q) is empty", in)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Add("system:masters")
	f.Fuzz(func(t *testing.T, s string) { checkEscaped(t, s) })
}
