package printer

import (
	"fmt"
	"io"
)

// page collects the bytes of one rendering.
type page struct {
	style Style
	buf   []byte
}

func newPage(s Style) *page {
	return &page{style: s.normal()}
}

// fits reports whether a line of that many cells is within the style's width.
func (p *page) fits(cells int) bool {
	return p.style.Width <= 0 || cells <= p.style.Width
}

func (p *page) spans(spans []span) {
	for _, s := range spans {
		p.span(s)
	}
}

func (p *page) span(s span) {
	code := ""
	if p.style.Color {
		code = s.role.sgr()
	}
	if code == "" {
		p.buf = append(p.buf, s.text...)
		return
	}
	p.buf = append(p.buf, code...)
	p.buf = append(p.buf, s.text...)
	p.buf = append(p.buf, sgrReset...)
}

func (p *page) blanks(n int) {
	for range n {
		p.buf = append(p.buf, ' ')
	}
}

// endLine drops blanks before the line break. Only padding can be there: blanks at
// the end of a text are made visible by appendSpans, colour ends in a letter.
func (p *page) endLine() {
	for len(p.buf) > 0 && p.buf[len(p.buf)-1] == ' ' {
		p.buf = p.buf[:len(p.buf)-1]
	}
	p.buf = append(p.buf, '\n')
}

// line prints one text, cut to the style's width.
func (p *page) line(t Text, fallback Role) {
	p.spanLine(appendSpans(nil, t, fallback, p.style.ASCII))
}

func (p *page) spanLine(spans []span) {
	if p.style.Width > 0 {
		spans = cutSpans(spans, p.style.Width, CutEnd, p.style.ASCII)
	}
	p.spans(spans)
	p.endLine()
}

func (p *page) flush(w io.Writer, what string) error {
	if len(p.buf) == 0 {
		return nil
	}
	if _, err := w.Write(p.buf); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
