package printer

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Escape makes text of unknown origin safe to print: whatever could steer a
// terminal, reorder or hide text, or start a new line is replaced by a visible
// stand-in. Text that is already safe is returned as it is, without allocation.
//
//   - C0 controls and DEL become control pictures: ESC is ␛, a newline ␤, a tab ␉.
//   - C1 controls, bidirectional controls, zero-width and other format characters
//     (Unicode category Cf), variation selectors and other default-ignorable
//     characters, line and paragraph separators, blanks other than the space,
//     private-use and unassigned code points become \u202e or \U000e0041.
//   - Bytes that are not valid UTF-8 become \xff.
//
// Escape(Escape(s)) == Escape(s). A backslash is left alone, so the stand-ins can
// be imitated: they protect the terminal and the reader, they do not encode.
func Escape(s string) string {
	return escape(s, false)
}

// EscapeASCII is [Escape] for terminals that do not decode UTF-8: everything
// outside printable ASCII becomes \x1b, \n, \u00e9 and so on. On an 8-bit terminal
// harmless letters hold control bytes: the UTF-8 form of U+00DB ends in 0x9b, CSI.
func EscapeASCII(s string) string {
	return escape(s, true)
}

func escape(s string, ascii bool) string {
	at, _ := firstUnsafe(s, ascii)
	if at < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)+16), s[:at]...)
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\x`...)
			out = append(out, hexDigits[s[at]>>4], hexDigits[s[at]&0xf])
		case r >= 0x80 && ascii, !visible(r):
			out = appendStandIn(out, r, ascii)
		default:
			out = append(out, s[at:at+size]...)
		}
		at += size
	}
	return string(out)
}

const hexDigits = "0123456789abcdef"

func appendStandIn(out []byte, r rune, ascii bool) []byte {
	switch {
	case !ascii && r < 0x20:
		return utf8.AppendRune(out, '\u2400'+r) // U+2400 SYMBOL FOR NULL and on, in the order of C0
	case !ascii && r == 0x7f:
		return utf8.AppendRune(out, '\u2421') // SYMBOL FOR DELETE
	}
	quoted := strconv.AppendQuoteRuneToASCII(nil, r)
	return append(out, quoted[1:len(quoted)-1]...)
}

// firstUnsafe returns the index of the first byte that escape must replace, or -1,
// and whether everything before it (all of s, if -1) is ASCII.
func firstUnsafe(s string, ascii bool) (at int, onlyASCII bool) {
	onlyASCII = true
	for at < len(s) {
		if c := s[at]; c < utf8.RuneSelf {
			if c < 0x20 || c == 0x7f {
				return at, onlyASCII
			}
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[at:])
		if ascii || (r == utf8.RuneError && size == 1) || !visible(r) {
			return at, onlyASCII
		}
		onlyASCII = false
		at += size
	}
	return -1, onlyASCII
}

// visible reports whether a rune leaves a mark of its own. unicode.IsPrint already
// refuses categories C and Z except the space; default-ignorable letters and marks
// (Hangul fillers, variation selectors) pass it, yet show nothing and can hide data.
func visible(r rune) bool {
	if r < 0x7f {
		return r >= 0x20
	}
	return unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
