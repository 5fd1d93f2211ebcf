package dir

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// inputText is what was read of one input. Damaged says why reading ended
// before the end; what was read until then is still good.
type inputText struct {
	text    []byte // UTF-8 without byte order mark
	damaged error
}

// slurp reads one input whole, decompressed and as UTF-8.
func slurp(src source, limit int64) (inputText, error) {
	if src.size > limit {
		return inputText{}, tooLarge("file", limit)
	}
	f, err := src.open()
	if err != nil {
		return inputText{}, cause(err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, sniffBytes)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return inputText{}, fmt.Errorf("damaged gzip data: %w", err)
		}
		return readText(bufio.NewReaderSize(unzipped, sniffBytes), -1, limit)
	}
	return readText(in, src.size, limit)
}

// readText reads the text; size is a hint for its length, -1 for none.
func readText(in *bufio.Reader, size, limit int64) (inputText, error) {
	head, err := in.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return inputText{}, cause(err)
	}
	encoding := detect(head)
	if encoding == utf8Text && bytes.IndexByte(head, 0) >= 0 {
		return inputText{}, ErrBinary
	}
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(size) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(in, limit+1))
	if n > limit {
		return inputText{}, tooLarge("text", limit)
	}
	text, wrong := encoding.decode(buf.Bytes())
	return inputText{text: text, damaged: errors.Join(wrap("the end is missing", err), wrong)}, nil
}

func wrap(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", text, cause(err))
}

func tooLarge(what string, limit int64) error {
	return fmt.Errorf("%w: the %s has more than %d MiB", ErrTooLarge, what, limit>>20)
}
