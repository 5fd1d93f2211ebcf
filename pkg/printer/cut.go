package printer

import (
	"slices"
	"strings"
)

// Cut says where a text loses characters when it does not fit.
type Cut uint8

// The ways to cut. A text with arrows ([Chain]) is cut link by link under both.
const (
	// CutEnd keeps the beginning: "kube-sys…".
	CutEnd Cut = iota
	// CutMiddle keeps both ends, for names that differ in their last characters.
	CutMiddle
)

// minLink is the least number of cells at which a link of a chain is still worth showing.
const minLink = 6

// cutSpans returns spans that fill at most width cells: shortened, if that is
// enough, else cut. The input is not changed.
func cutSpans(spans []span, width int, how Cut, ascii bool) []span {
	if spansWidth(spans) <= width {
		return spans
	}
	if width <= 0 {
		return nil
	}
	if spans = shorten(spans, width, ascii); spansWidth(spans) <= width {
		return spans
	}
	if slices.ContainsFunc(spans, func(s span) bool { return s.arrow }) {
		if out := cutChain(spans, width, how, ascii); out != nil {
			return out
		}
		how = CutEnd // cut in the middle, "A → B" would look like one name
	}
	mark := ellipsis(ascii)
	if mark.width > width {
		mark = mark.first(width)
	}
	room := width - mark.width
	if how == CutMiddle {
		tail := lastCells(spans, room/2)
		head := firstCells(spans, room-spansWidth(tail))
		return slices.Concat(head, []span{mark}, tail)
	}
	return append(firstCells(spans, room), mark)
}

// cutChain cuts every link of a chain by itself; nil when there is too little room
// for all of its links.
func cutChain(spans []span, width int, how Cut, ascii bool) []span {
	var links [][]span
	var arrows []span
	from := 0
	for i, s := range spans {
		if s.arrow {
			links = append(links, spans[from:i])
			arrows = append(arrows, s)
			from = i + 1
		}
	}
	links = append(links, spans[from:])
	room := width - spansWidth(arrows)
	if room < minLink*len(links) {
		return nil
	}
	widths := make([]int, len(links))
	for i, link := range links {
		widths[i] = spansWidth(link)
	}
	shrink(widths, make([]int, len(widths)), room)
	var out []span
	for i, link := range links {
		if i > 0 {
			out = append(out, arrows[i-1])
		}
		out = append(out, cutSpans(link, widths[i], how, ascii)...)
	}
	return out
}

// firstCells returns the beginning of spans, at most n cells of it.
func firstCells(spans []span, n int) []span {
	out := make([]span, 0, len(spans)+1) // one more for the caller's ellipsis
	for _, s := range spans {
		if s.width > n {
			s = s.first(n)
			// A blank before the ellipsis would only look like a gap.
			trimmed := strings.TrimRight(s.text, " ")
			s.width -= len(s.text) - len(trimmed)
			if s.text = trimmed; s.text != "" {
				out = append(out, s)
			}
			break
		}
		out = append(out, s)
		n -= s.width
	}
	return out
}

// lastCells returns the end of spans, at most n cells of it.
func lastCells(spans []span, n int) []span {
	var out []span
	for i := len(spans) - 1; i >= 0 && n > 0; i-- {
		s := spans[i]
		if s.width > n {
			s = s.last(n)
		}
		if s.text != "" {
			out = append(out, s)
		}
		n -= spans[i].width
	}
	slices.Reverse(out)
	return out
}
