package observed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// opensJSON reports whether a text begins with an array of records, or with
// one that goes on in the next lines: jq writes both.
func opensJSON(head []byte) bool {
	head = bytes.TrimSpace(head)
	if isArray(head) {
		inner := bytes.TrimSpace(head[1:])
		return len(inner) > 0 && (inner[0] == '{' || inner[0] == ']')
	}
	line, _, several := bytes.Cut(head, []byte("\n"))
	return several && string(bytes.TrimSpace(line)) == "{"
}

func isArray(head []byte) bool { return len(head) > 0 && head[0] == '[' }

// readJSON reads records that are not one to a line. What follows a mistake
// cannot be told apart.
func (p *parser) readJSON(in *bufio.Reader) {
	head, _ := in.Peek(pageSize)
	counted := &counter{in: in}
	decoder := json.NewDecoder(counted)
	stop := func(err error) {
		p.line = counted.lineAt(decoder.InputOffset())
		p.problem(p.line, "from here on nothing is read: %v", err)
	}
	inArray := isArray(bytes.TrimSpace(head))
	if inArray {
		_, _ = decoder.Token() // which is the bracket that was seen
	}
	for decoder.More() {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			stop(jsonFault(err))
			return
		}
		counted.done = decoder.InputOffset()
		p.line = counted.lineAt(counted.done - int64(len(raw)))
		if err := p.element(raw); err != nil {
			p.fail(err)
		}
	}
	if _, err := decoder.Token(); inArray && err != nil {
		stop(errors.New("the list is not closed"))
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		stop(errors.New("there is something after the records"))
	}
}

// element understands one value.
func (p *parser) element(raw []byte) error {
	if raw[0] != '{' {
		return errors.New("it is no object of JSON")
	}
	return p.json(raw)
}

// counter knows the lines of what is read through it.
type counter struct {
	in     io.Reader
	read   int64
	done   int64   // up to where all has been used
	passed int     // lines that end before breaks
	breaks []int64 // where lines end
}

// maxRecord bounds what is kept of one value.
const maxRecord = 8 * maxLine

// Read reads on, unless one value takes too much.
func (c *counter) Read(to []byte) (int, error) {
	if c.read-c.done > maxRecord {
		return 0, fmt.Errorf("a record is longer than %d KiB", maxRecord>>10)
	}
	n, err := c.in.Read(to)
	for i, b := range to[:n] {
		if b == '\n' {
			c.breaks = append(c.breaks, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// lineAt returns the line of an offset, which must not be before that of the
// last call.
func (c *counter) lineAt(offset int64) int {
	before, _ := slices.BinarySearch(c.breaks, offset)
	c.passed += before
	c.breaks = c.breaks[before:]
	return c.passed + 1
}
