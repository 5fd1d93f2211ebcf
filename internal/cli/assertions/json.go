package assertions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"go.yaml.in/yaml/v3"
)

// maxDepth is more than any assertion has.
const maxDepth = 8

// startsJSON reports whether the text may be JSON.
func startsJSON(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && (data[0] == '{' || data[0] == '[')
}

// jsonReader makes of JSON what the YAML parser would. JSON is YAML for the most
// part, but documents may follow each other without marks, and letters outside
// of Unicode's first plane are escaped in another way.
type jsonReader struct {
	*json.Decoder
	data []byte
	line int   // of the offset
	at   int64 // offset up to which lines are counted
}

// readJSON returns a function that reads the next document, and io.EOF at the
// end.
func readJSON(data []byte) func() (*yaml.Node, error) {
	r := &jsonReader{Decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	r.UseNumber()
	return func() (*yaml.Node, error) {
		node, err := r.value(0)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: %w", r.position(), err)
		}
		return node, err
	}
}

// position returns the line of what was read last.
func (r *jsonReader) position() int {
	end := min(r.InputOffset(), int64(len(r.data)))
	r.line += bytes.Count(r.data[r.at:end], []byte("\n"))
	r.at = end
	return r.line
}

// value reads one value; the error is io.EOF only where there is none.
func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, err := r.Token()
	if err != nil {
		if depth > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Line: r.position()}
	switch token := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			return nil, errors.New("lists and maps are nested too deep")
		}
		return node, r.container(node, token, depth)
	case string:
		node.Tag, node.Value = "!!str", token
	case json.Number:
		node.Tag, node.Value = "!!float", token.String()
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(token)
	default:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}

// container reads a map or a list up to its end.
func (r *jsonReader) container(node *yaml.Node, start json.Delim, depth int) error {
	node.Kind, node.Tag = yaml.MappingNode, "!!map"
	if start == '[' {
		node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
	}
	for r.More() {
		child, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		node.Content = append(node.Content, child)
	}
	if _, err := r.Token(); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

// fields are the keys and values of a map.
func fields(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}
