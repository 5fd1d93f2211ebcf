package printer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// span is a part made ready to print: escaped, measured, in its final role.
type span struct {
	text  string
	short string // raw, as in Part
	role  Role
	width int // in cells
	arrow bool
}

// appendSpans resolves a text: escapes it, replaces glyphs, gives parts without a
// role the fallback one, and makes blanks at the very end visible, because "alice "
// and "alice" are different users and lines must not end in a space.
func appendSpans(dst []span, t Text, fallback Role, ascii bool) []span {
	start := len(dst)
	for _, part := range t {
		s := span{short: part.Short, role: part.Role, arrow: part.Glyph == GlyphArrow}
		if s.role == RolePlain {
			s.role = fallback
		}
		if part.Glyph != GlyphNone {
			s.text = part.Glyph.text(ascii)
			s.width = utf8.RuneCountInString(s.text) // every glyph is one cell wide
		} else {
			s.text, s.width = prepare(part.Text, ascii)
		}
		if s.text != "" {
			dst = append(dst, s)
		}
	}
	markBlanks(dst[start:], ascii)
	return dst
}

// markBlanks makes the blanks at the very end visible.
func markBlanks(spans []span, ascii bool) {
	for i := len(spans) - 1; i >= 0; i-- {
		s := &spans[i]
		trimmed := strings.TrimRight(s.text, " ")
		if blanks := len(s.text) - len(trimmed); blanks > 0 {
			s.text = trimmed + strings.Repeat(blankMark(ascii), blanks)
			s.width = ansi.StringWidth(s.text)
		}
		if trimmed != "" {
			break
		}
	}
}

// prepare escapes and measures in one pass for the usual case, plain ASCII.
func prepare(s string, ascii bool) (text string, width int) {
	at, onlyASCII := firstUnsafe(s, ascii)
	switch {
	case at >= 0:
		s = escape(s, ascii)
	case onlyASCII:
		return s, len(s)
	}
	return s, ansi.StringWidth(s)
}

// first and last return at most n cells of the beginning and the end of a span.
func (s span) first(n int) span {
	if s.onlyASCII() {
		s.text, s.width = s.text[:n], n
		return s
	}
	s.text = ansi.Truncate(s.text, n, "")
	s.width = ansi.StringWidth(s.text)
	return s
}

func (s span) last(n int) span {
	if s.onlyASCII() {
		s.text, s.width = s.text[len(s.text)-n:], n
		return s
	}
	// A wide character on the boundary may be left in whole: then drop one cell more.
	whole := s
	for drop := whole.width - n; s.width > n; drop++ {
		s.text = ansi.TruncateLeft(whole.text, drop, "")
		s.width = ansi.StringWidth(s.text)
	}
	return s
}

// onlyASCII holds when bytes and cells are as many: any other character has more
// bytes in UTF-8 than cells.
func (s span) onlyASCII() bool {
	return len(s.text) == s.width
}

// shorten swaps in the short forms, left to right, until the spans fit width cells.
// The input is not changed.
func shorten(spans []span, width int, ascii bool) []span {
	if !slices.ContainsFunc(spans, func(s span) bool { return s.short != "" }) {
		return spans
	}
	out := slices.Clone(spans)
	over := spansWidth(out) - width
	for i := range out {
		s := &out[i]
		if over <= 0 {
			break
		}
		if s.short == "" {
			continue
		}
		text, cells := prepare(s.short, ascii)
		if cells < s.width {
			over -= s.width - cells
			s.text, s.width = text, cells
		}
	}
	markBlanks(out, ascii)
	return out
}

func spansWidth(spans []span) int {
	n := 0
	for _, s := range spans {
		n += s.width
	}
	return n
}
