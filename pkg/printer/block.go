package printer

import (
	"io"
	"slices"
	"strings"
)

// Heading is a title line with an optional aside, such as a count, after it.
type Heading struct {
	Title Text
	Aside Text
}

// Print writes the heading on one line, or on two where it does not fit.
func (h Heading) Print(w io.Writer, s Style) error {
	p := newPage(s)
	title := appendSpans(nil, h.Title, RoleHeading, p.style.ASCII)
	aside := appendSpans(nil, h.Aside, RoleDim, p.style.ASCII)
	if len(aside) == 0 || !p.fits(spansWidth(title)+columnGap+spansWidth(aside)) {
		p.spanLine(title)
		if len(aside) > 0 {
			p.spanLine(append([]span{{text: "  ", width: 2}}, aside...))
		}
		return p.flush(w, "heading")
	}
	p.spans(title)
	p.blanks(columnGap)
	p.spans(aside)
	p.endLine()
	return p.flush(w, "heading")
}

// Paragraph is one text of a [Block].
type Paragraph struct {
	Text Text
	// Verbatim paragraphs are never wrapped: commands and names to copy.
	Verbatim bool
}

// Block is text under a label such as "help:" or "warning:", wrapped at the width
// with all lines after the first indented to stand below the text.
type Block struct {
	// Label is printed with a colon; without a label there is no indent.
	Label string
	// Role colours the label.
	Role       Role
	Paragraphs []Paragraph
}

// Note is a block labelled "note".
func Note(texts ...Text) Block { return newBlock("note", RoleDim, texts) }

// Help is a block labelled "help": what to do next.
func Help(texts ...Text) Block { return newBlock("help", RoleGood, texts) }

// Warning is a block labelled "warning": the answer stands, with a reservation.
func Warning(texts ...Text) Block { return newBlock("warning", RoleWarn, texts) }

// Error is a block labelled "error": there is no answer.
func Error(texts ...Text) Block { return newBlock("error", RoleBad, texts) }

func newBlock(label string, role Role, texts []Text) Block {
	b := Block{Label: label, Role: role}
	for _, t := range texts {
		b.Paragraphs = append(b.Paragraphs, Paragraph{Text: t})
	}
	return b
}

// Verbatim appends a paragraph that is never wrapped and returns the block.
func (b Block) Verbatim(t Text) Block {
	b.Paragraphs = append(slices.Clip(b.Paragraphs), Paragraph{Text: t, Verbatim: true})
	return b
}

// Print writes the block; nothing when it has no paragraphs.
func (b Block) Print(w io.Writer, s Style) error {
	p := newPage(s)
	label, indent := []span(nil), 0
	if b.Label != "" {
		label = appendSpans(nil, Plain(strings.TrimSuffix(b.Label, ":")+":"), b.Role, s.ASCII)
		indent = spansWidth(label) + 1
	}
	for i, paragraph := range b.Paragraphs {
		switch {
		case i == 0 && indent > 0:
			p.spans(label)
			p.blanks(1)
		case i > 0:
			p.blanks(indent)
		}
		spans := appendSpans(nil, paragraph.Text, RolePlain, s.ASCII)
		if paragraph.Verbatim {
			p.spans(spans)
			p.endLine()
			continue
		}
		p.wrap(spans, indent, indent)
	}
	return p.flush(w, "block")
}
