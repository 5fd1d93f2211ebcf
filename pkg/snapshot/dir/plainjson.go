package dir

import "strings"

// plainReader reads the plainest JSON only: objects, arrays and strings of
// printable ASCII without escapes. At anything else it gives up, and the
// general decoder takes over. So it can be fast without being a second opinion
// about what JSON means.
type plainReader struct {
	text string // all strings that are read are parts of it
	pos  int
	bad  bool
}

func (p *plainReader) space() byte {
	for ; p.pos < len(p.text); p.pos++ {
		if c := p.text[p.pos]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

func (p *plainReader) expect(c byte) {
	if p.space() != c {
		p.bad = true
	}
	p.pos++
}

// more reports whether another element follows, and reads the comma before it
// or the closing bracket. n counts the elements.
func (p *plainReader) more(n *int, closing byte) bool {
	if p.bad {
		return false
	}
	*n++
	switch c := p.space(); {
	case c == closing:
		p.pos++
		return false
	case *n == 1:
		return true
	case c == ',':
		p.pos++
		return true
	}
	p.bad = true
	return false
}

func (p *plainReader) str() string {
	p.expect('"')
	if p.bad {
		return ""
	}
	length := strings.IndexByte(p.text[p.pos:], '"')
	if length < 0 {
		p.bad = true
		return ""
	}
	s := p.text[p.pos : p.pos+length]
	p.pos += length + 1
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' {
			p.bad = true
		}
	}
	return s
}

// key reads a field's name and the colon.
func (p *plainReader) key() string {
	key := p.str()
	p.expect(':')
	return key
}

// once notes in seen, by a bit of its own, that a field is there. A field that
// comes twice is not plain.
func (p *plainReader) once(seen *uint, bit uint) {
	if *seen&(1<<bit) != 0 {
		p.bad = true
	}
	*seen |= 1 << bit
}

func (p *plainReader) strs() []string {
	list := make([]string, 0, 4)
	p.expect('[')
	for n := 0; p.more(&n, ']'); {
		list = append(list, p.str())
	}
	return list
}

func (p *plainReader) strMap() map[string]string {
	m := map[string]string{}
	p.expect('{')
	for n := 0; p.more(&n, '}'); {
		key := p.key()
		if _, twice := m[key]; twice {
			p.bad = true
		}
		m[key] = p.str()
	}
	return m
}
