package printer_test

import (
	"unicode"
	"unicode/utf8"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// hostile is text as an attacker would put it into names and annotations.
func hostile() map[string]string {
	return map[string]string{
		"clear screen":       "\x1b[2J\x1b[Hall good",
		"window title":       "\x1b]0;owned\a",
		"hyperlink":          "\x1b]8;;http://evil.example\x1b\\kube-system\x1b]8;;\x1b\\",
		"c1 csi":             "\u009b31mred",
		"raw c1 byte":        "\x9b31mred",
		"right to left":      "admin\u202egnp.exe",
		"isolates":           "a\u2066b\u2069c\u200ed\u200fe\u061cf",
		"zero width":         "ad\u200bmin\u200c\u200d\ufeff\u2060",
		"soft hyphen":        "ad\u00admin",
		"forged line":        "alice\nerror: cluster destroyed\r\nhelp: run rm",
		"line separators":    "a\u2028b\u2029c\u0085d\vf\f",
		"tab and backspace":  "a\tb\b\b\bc\x00d\x7fe",
		"invalid utf-8":      "a\xff\xfeb\xc3",
		"lone surrogate":     "a\xed\xa0\x80b",
		"tag characters":     "x\U000e0041\U000e0042",
		"variation selector": "x\ufe0f\U000e0100",
		"hangul filler":      "x\u3164y\u115f",
		"no-break space":     "kube\u00a0system\u3000x",
		"trailing blanks":    "alice   ",
		"private use":        "x\ue000y\U0010ffff",
		"wide":               "日本語のとても長い名前のサービスアカウント",
		"emoji":              "🚀🚀🚀 deploy 👩‍💻 🇩🇪",
		"combining":          "e\u0301\u0302\u0303\u0304clair",
		"colour":             "\x1b[31mnot ours\x1b[0m",
	}
}

// firstHostile finds a character that must never reach a terminal. It is written
// from Unicode's own tables and ranges, not from the code under test.
func firstHostile(s string) (rune, bool) {
	ranges := []*unicode.RangeTable{
		unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp,
		unicode.Bidi_Control, unicode.Join_Control, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point,
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return r, true
			}
		}
		if unicode.In(r, ranges...) {
			return r, true
		}
	}
	return 0, false
}

func hostileTable() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "what", Role: printer.RoleDim},
		{Name: "subject", Shrink: 1},
		{Name: "via", Shrink: 2},
	}}
	for _, name := range sortedKeys(hostile()) {
		text := hostile()[name]
		table.Rows = append(table.Rows, printer.Row{
			Cells: []printer.Text{
				printer.Plain(name),
				printer.Plain(text),
				printer.Chain(printer.Plain("RoleBinding/"+text), printer.Plain("ClusterRole/"+text)),
			},
			Children: []printer.Node{{Label: printer.Plain("child " + text)}},
		})
	}
	table.AddGroup(printer.Plain("group " + hostile()["forged line"]))
	return table
}
