package dir

import "bytes"

// lineCounter turns offsets of a text into line numbers. Offsets must not
// decrease: every byte is looked at once.
type lineCounter struct {
	text   []byte
	offset int
	line   int
}

func newLineCounter(text []byte, firstLine int) *lineCounter {
	return &lineCounter{text: text, line: firstLine}
}

func (c *lineCounter) at(offset int) int {
	offset = min(offset, len(c.text))
	if offset > c.offset {
		c.line += bytes.Count(c.text[c.offset:offset], []byte{'\n'})
		c.offset = offset
	}
	return c.line
}
