package printer

import "strings"

// flow prints items one after the other, gap blanks apart, starting a new line
// where the next one does not fit; an item alone wider than the line is cut.
func (p *page) flow(items [][]span, gap int) {
	used := 0
	for _, item := range items {
		width := spansWidth(item)
		switch {
		case used == 0:
		case !p.fits(used + gap + width):
			p.endLine()
			used = 0
		default:
			p.blanks(gap)
			used += gap
		}
		if !p.fits(width) {
			item = cutSpans(item, p.style.Width, CutEnd, p.style.ASCII)
		}
		p.spans(item)
		used += spansWidth(item)
	}
	p.endLine()
}

// wrap prints a paragraph whose first line starts after used cells already printed;
// later lines are indented by indent. Lines break at blanks only. A longer word is
// left whole: a name or command must survive being copied from the terminal, which
// joins the lines that it wrapped itself.
func (p *page) wrap(spans []span, used, indent int) {
	atStart := true
	for _, word := range words(spans) {
		width := spansWidth(word.spans)
		if !atStart {
			if !p.fits(used + word.blanks + width) {
				p.endLine()
				p.blanks(indent)
				used = indent
			} else {
				p.blanks(word.blanks)
				used += word.blanks
			}
		}
		p.spans(word.spans)
		used += width
		atStart = false
	}
	p.endLine()
}

// wrapLines prints a text after a prefix, and what does not fit on further
// lines after another one. Lines break at blanks; a word that is longer than a
// line is broken where the line ends.
func (p *page) wrapLines(first, further []span, t Text) {
	text := appendSpans(nil, t, RolePlain, p.style.ASCII)
	room := p.style.Width - max(spansWidth(first), spansWidth(further))
	if p.style.Width <= 0 || room < defaultMin {
		p.spanLine(append(first, text...))
		return
	}
	p.spans(first)
	used := 0
	newLine := func() {
		p.endLine()
		p.spans(further)
		used = 0
	}
	for _, word := range words(shorten(text, room, p.style.ASCII)) {
		width := spansWidth(word.spans)
		switch {
		case used == 0:
		case used+word.blanks+width > room && (width <= room || used > room/2):
			newLine()
		default:
			p.blanks(word.blanks)
			used += word.blanks
		}
		for used+width > room {
			part := firstCells(word.spans, room-used)
			word.spans = lastCells(word.spans, width-spansWidth(part))
			p.spans(part)
			newLine()
			width = spansWidth(word.spans)
		}
		p.spans(word.spans)
		used += width
	}
	p.endLine()
}

// word is a run of spans without a blank, and the number of blanks before it.
type word struct {
	blanks int
	spans  []span
}

func words(spans []span) []word {
	var out []word
	blanks, open := 0, false
	for _, s := range spans {
		for text := s.text; text != ""; {
			if rest := strings.TrimLeft(text, " "); rest != text {
				blanks += len(text) - len(rest)
				text, open = rest, false
				continue
			}
			piece := text
			if i := strings.IndexByte(text, ' '); i >= 0 {
				piece = text[:i]
			}
			text = text[len(piece):]
			clean, width := prepare(piece, false)
			if !open {
				out = append(out, word{blanks: blanks})
				blanks, open = 0, true
			}
			last := &out[len(out)-1]
			last.spans = append(last.spans, span{text: clean, role: s.role, width: width})
		}
	}
	return out
}
