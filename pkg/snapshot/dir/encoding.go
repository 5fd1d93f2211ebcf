package dir

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how characters are stored in an input.
type encoding int

const (
	utf8Text encoding = iota
	utf16LittleEndian
	utf16BigEndian
)

const byteOrderMark = '\uFEFF'

// detect tells the encoding from the first bytes: by the byte order mark or,
// without one, by the zero byte that the first (ASCII) character of YAML or
// JSON has in UTF-16. PowerShell's ">" writes UTF-16.
func detect(head []byte) encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16BigEndian
	case len(head) >= 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return utf16LittleEndian
	case len(head) >= 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return utf16BigEndian
	}
	return utf8Text
}

// decode returns the text as UTF-8 without byte order mark. The error says
// that a part of it is lost.
func (e encoding) decode(data []byte) ([]byte, error) {
	var order binary.ByteOrder = binary.LittleEndian
	switch e {
	case utf8Text:
		return bytes.TrimPrefix(data, utf8.AppendRune(nil, byteOrderMark)), nil
	case utf16BigEndian:
		order = binary.BigEndian
	case utf16LittleEndian:
	}
	var err error
	if len(data)%2 != 0 {
		err = errors.New("the end is missing: half a character of UTF-16")
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	text := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			next := rune(utf8.RuneError)
			if i+1 < len(units) {
				next = rune(units[i+1])
			}
			if r = utf16.DecodeRune(r, next); r == utf8.RuneError {
				err = errors.New("half a character of UTF-16")
			} else {
				i++
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return bytes.TrimPrefix(text, utf8.AppendRune(nil, byteOrderMark)), err
}
