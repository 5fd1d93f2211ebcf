package printer

// Glyph is a sign with a Unicode and an ASCII form, so that callers need not know
// which of them the terminal can show.
type Glyph uint8

// The glyphs that may stand in a [Text].
const (
	GlyphNone    Glyph = iota
	GlyphArrow         // " → " or " -> ", blanks included: A refers to B
	GlyphYes           // ✓ or Y
	GlyphNo            // ✗ or N
	GlyphWarn          // ! in both
	GlyphUnknown       // ? in both
	GlyphDot           // " · " or " - ", blanks included: separates facts on one line
	GlyphTimes         // × or x: "×12"
)

func (g Glyph) text(ascii bool) string {
	unicode, plain := "", ""
	switch g {
	case GlyphNone:
	case GlyphArrow:
		unicode, plain = " → ", " -> "
	case GlyphYes:
		unicode, plain = "✓", "Y"
	case GlyphNo:
		unicode, plain = "✗", "N"
	case GlyphWarn:
		unicode, plain = "!", "!"
	case GlyphUnknown:
		unicode, plain = "?", "?"
	case GlyphDot:
		unicode, plain = " · ", " - "
	case GlyphTimes:
		unicode, plain = "×", "x"
	}
	if ascii {
		return plain
	}
	return unicode
}

// branchGlyphs draw a tree. A label follows tee or corner and one blank; bar and
// blank are as wide as these, the blank included.
type branchGlyphs struct{ tee, corner, bar, blank string }

func branches(ascii bool) branchGlyphs {
	if ascii {
		return branchGlyphs{tee: "|-", corner: "`-", bar: "|  ", blank: "   "}
	}
	return branchGlyphs{tee: "├─", corner: "└─", bar: "│  ", blank: "   "}
}

func ellipsis(ascii bool) span {
	if ascii {
		return span{text: "...", role: RoleDim, width: 3}
	}
	return span{text: "…", role: RoleDim, width: 1}
}

// blankMark makes a space at the end of a text visible.
func blankMark(ascii bool) string {
	if ascii {
		return `\x20`
	}
	return "␣"
}
