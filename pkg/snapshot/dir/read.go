package dir

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
)

// content is what was read of one input. Damaged says why reading ended
// before the end; what was read until then is still good.
type content struct {
	text    []byte // UTF-8 without byte order mark
	damaged error
}

// slurp reads one input whole, decompressed and as UTF-8. It returns when the
// context ends, even while a read blocks, as on a terminal or a named pipe.
func slurp(ctx context.Context, src source) (content, error) {
	type outcome struct {
		content content
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		c, err := slurpNow(src)
		done <- outcome{c, err}
	}()
	select {
	case o := <-done:
		return o.content, o.err
	case <-ctx.Done():
		return content{}, context.Cause(ctx)
	}
}

func slurpNow(src source) (content, error) {
	if src.size > maxFileBytes {
		return content{}, tooLarge("file", maxFileBytes)
	}
	f, err := src.open()
	if err != nil {
		return content{}, cause(err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, sniffBytes)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return content{}, fmt.Errorf("damaged gzip data: %w", err)
		}
		return readText(bufio.NewReaderSize(unzipped, sniffBytes), -1)
	}
	return readText(in, src.size)
}

// readText reads the text; size is a hint for its length.
func readText(in *bufio.Reader, size int64) (content, error) {
	head, err := in.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return content{}, cause(err)
	}
	encoding := detect(head)
	if encoding == utf8Text && bytes.IndexByte(head, 0) >= 0 {
		return content{}, ErrBinary
	}
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(size) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(in, maxFileBytes+1))
	if n > maxFileBytes {
		return content{}, tooLarge("text", maxFileBytes)
	}
	text, wrong := encoding.decode(buf.Bytes())
	return content{text: text, damaged: errors.Join(wrap("the end is missing", err), wrong)}, nil
}

func wrap(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", text, cause(err))
}

func tooLarge(what string, limit int) error {
	return fmt.Errorf("%w: the %s has more than %d MiB", ErrTooLarge, what, limit>>20)
}
