package dir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// scanner walks over JSON without decoding it: it finds where fields and items
// begin and end. Strings and brackets are followed, the rest is checked by the
// decoder that gets the parts.
type scanner struct {
	text []byte
	pos  int
}

// errNotJSON says that the text breaks JSON's structure at the scanner's
// position.
var errNotJSON = errors.New("not valid JSON")

// space skips white space and returns the next byte, 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) wrong() error {
	if s.pos >= len(s.text) {
		return fmt.Errorf("%w: %w", errNotJSON, io.ErrUnexpectedEOF)
	}
	return errNotJSON
}

// value skips one value.
func (s *scanner) value() error {
	switch s.space() {
	case 0:
		return s.wrong()
	case '"':
		return s.str()
	case '{', '[':
		return s.nested()
	}
	begin := s.pos
	for s.pos < len(s.text) && isLiteral(s.text[s.pos]) {
		s.pos++
	}
	if s.pos == begin {
		return s.wrong()
	}
	return nil
}

// isLiteral reports whether a byte can be part of a number, true, false, null.
func isLiteral(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// str skips a string.
func (s *scanner) str() error {
	for i := s.pos + 1; ; {
		quote := bytes.IndexByte(s.text[i:], '"')
		if quote < 0 {
			s.pos = len(s.text)
			return s.wrong()
		}
		i += quote + 1
		backslashes := 0
		for s.text[i-2-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			s.pos = i
			return nil
		}
	}
}

// nested skips an object or array.
func (s *scanner) nested() error {
	depth := 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '"':
			if err := s.str(); err != nil {
				return err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.pos++
		if depth == 0 {
			return nil
		}
	}
	return s.wrong()
}

// fields calls visit for each field of the object at the scanner's position,
// with the scanner before the field's value; visit must move it behind.
func (s *scanner) fields(visit func(key string) error) error {
	return s.elements('{', '}', func() error {
		if s.space() != '"' {
			return s.wrong()
		}
		begin := s.pos
		if err := s.str(); err != nil {
			return err
		}
		key, err := unquote(s.text[begin:s.pos])
		if err != nil {
			return err
		}
		if s.space() != ':' {
			return s.wrong()
		}
		s.pos++
		s.space()
		return visit(key)
	})
}

// elements calls visit for each element between the brackets.
func (s *scanner) elements(open, end byte, visit func() error) error {
	if s.space() != open {
		return s.wrong()
	}
	s.pos++
	if s.space() == end {
		s.pos++
		return nil
	}
	for {
		s.space()
		if err := visit(); err != nil {
			return err
		}
		switch s.space() {
		case ',':
			s.pos++
		case end:
			s.pos++
			return nil
		default:
			return s.wrong()
		}
	}
}

// unquote returns the value of a JSON string.
func unquote(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", errNotJSON
	}
	return s, nil
}
