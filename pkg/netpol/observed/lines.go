package observed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxLine is far above what any record needs.
	maxLine  = 1 << 20
	pageSize = 1 << 16
)

// errLong is for a line that is read past, not kept.
var errLong = fmt.Errorf("the line is longer than %d KiB", maxLine>>10)

// plain unpacks gzip and turns UTF-16, which PowerShell's ">" writes, into
// UTF-8.
func plain(in io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(&sticky{in: in}, pageSize)
	if head, _ := r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("damaged gzip data: %w", err)
		}
		r = bufio.NewReaderSize(&sticky{in: unpacked}, pageSize)
	}
	head, _ := r.Peek(utf8.UTFMax)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return wide(r, binary.LittleEndian), nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return wide(r, binary.BigEndian), nil
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := r.Discard(3)
		return r, err
	}
	return r, nil
}

// sticky repeats an error: looking ahead uses it up.
type sticky struct {
	in  io.Reader
	err error
}

// Read reads on until the first error.
func (s *sticky) Read(to []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.in.Read(to)
	}
	return n, s.err
}

// wide reads UTF-16 after its byte order mark.
func wide(r *bufio.Reader, order binary.ByteOrder) *bufio.Reader {
	_, _ = r.Discard(2)
	return bufio.NewReaderSize(&sticky{in: &utf16Reader{in: r, order: order}}, pageSize)
}

type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	high  rune // the first half of a character, 0 for none
}

// Read returns whole characters; halves of them become U+FFFD.
func (u *utf16Reader) Read(to []byte) (int, error) {
	n := 0
	var unit [2]byte
	for len(to)-n >= 2*utf8.UTFMax {
		if _, err := io.ReadFull(u.in, unit[:]); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("half a character of UTF-16")
			}
			return n, err
		}
		c := rune(u.order.Uint16(unit[:]))
		if u.high != 0 {
			whole := utf16.DecodeRune(u.high, c)
			u.high = 0
			n += utf8.EncodeRune(to[n:], whole)
			if whole != utf8.RuneError {
				continue
			}
		}
		if utf16.IsSurrogate(c) {
			u.high = c
			continue
		}
		n += utf8.EncodeRune(to[n:], c)
	}
	return n, nil
}

// lines cuts a text.
type lines struct {
	in     *bufio.Reader
	number int // of the line that next has returned
	long   []byte
}

// next returns a line, which is good until the next call, with the error that
// ends the text after it, or errLong instead of it.
func (l *lines) next() ([]byte, error) {
	l.number++
	line, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	return line, err
}

// rest reads on where a line is longer than a page.
func (l *lines) rest(begin []byte) ([]byte, error) {
	l.long = append(l.long[:0], begin...)
	for {
		part, err := l.in.ReadSlice('\n')
		if len(l.long) <= maxLine {
			l.long = append(l.long, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case len(l.long) > maxLine && (err == nil || errors.Is(err, io.EOF)):
			return nil, errors.Join(errLong, err)
		default:
			return l.long, err
		}
	}
}
