package assertions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// Format says how assertions may be written beside YAML lists.
type Format struct {
	// Singles lets a document be one assertion, so that a stream of YAML or JSON
	// documents, and JSON Lines, are files of assertions too.
	Singles bool
	// Fields are those that an assertion may have; Blank those of them that may
	// be empty, EmptyList those that may be an empty list.
	Fields, Blank, EmptyList []string
	// Example is an assertion, for the error about what is none.
	Example string
}

// Nodes returns what Each has.
func (f *Format) Nodes(name string, data []byte) ([]*yaml.Node, error) {
	var all []*yaml.Node
	err := f.Each(name, data, func(node *yaml.Node) error {
		all = append(all, node)
		return nil
	})
	return all, err
}

// Each calls use for the assertions of a file in order: those of a list, or of
// a map with a list "assertions", in one or more documents. Each is a map of
// known fields, each once, that are not blank: a misspelt field would change
// what is asserted, and so would one that is there but blank, which is what
// templates make of a value that is not set. Errors are usage errors that name
// the place, and what use returns. JSON Lines are read one by one.
func (f *Format) Each(name string, data []byte, use func(*yaml.Node) error) error {
	n := 0
	err := f.documents(name, data, func(doc *yaml.Node) error {
		list, err := f.list(doc)
		if err != nil {
			return fault.Usage("%s:%d: %w", name, doc.Line, err)
		}
		for _, node := range list {
			n++
			if err := f.check(node); err != nil {
				return fault.Usage("%s: %w", Place(name, node.Line, n), err)
			}
			if err := use(node); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n == 0 {
		return fault.Usage("%s: no assertions", name)
	}
	return err
}

// documents reads YAML. What begins as JSON may have no marks between its
// documents, and escapes that YAML does not know: it is JSON where its first
// document is, unless YAML's marks follow.
func (f *Format) documents(name string, data []byte, use func(*yaml.Node) error) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	next := readYAML(data)
	if f.Singles && startsJSON(data) && !bytes.Contains(data, []byte("\n---")) {
		if _, err := readJSON(data)(); err == nil {
			next = readJSON(data)
		}
	}
	for {
		doc, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fault.Usage("%s: %s", name, OneLine(err))
		}
		if err := use(doc); err != nil {
			return err
		}
	}
}

// readYAML returns a function that reads the next document, and io.EOF at the
// end.
func readYAML(data []byte) func() (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	return func() (*yaml.Node, error) {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			return nil, err
		}
		return doc.Content[0], nil
	}
}

// list returns the assertions in a document; one of comments only has none. A
// map with a list may hold nothing else: another key could be a misspelt list.
func (f *Format) list(root *yaml.Node) ([]*yaml.Node, error) {
	root = Resolve(root)
	if root.Tag == "!!null" && root.Value == "" {
		return nil, nil
	}
	if root.Kind == yaml.MappingNode && len(root.Content) == 2 && root.Content[0].Value == "assertions" {
		root = Resolve(root.Content[1])
	}
	switch {
	case root.Kind == yaml.SequenceNode:
		return root.Content, nil
	case root.Kind == yaml.MappingNode && f.Singles:
		return []*yaml.Node{root}, nil
	default:
		return nil, errors.New(`want a list of assertions, or a map with nothing but the list under "assertions"`)
	}
}

// Resolve follows an alias to what it stands for.
func Resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func (f *Format) check(node *yaml.Node) error {
	node = Resolve(node)
	if node.Kind != yaml.MappingNode {
		return errors.New("an assertion is a map, as in " + f.Example)
	}
	var seen []string
	for key, value := range fields(node) {
		value := Resolve(value)
		scalar := value.Kind == yaml.ScalarNode
		switch {
		case !slices.Contains(f.Fields, key) && strings.Contains(key, "=") && value.Tag == "!!null":
			return fmt.Errorf("unknown field %q: within {} a comma ends a value: quote the one before it", key)
		case !slices.Contains(f.Fields, key):
			return fmt.Errorf("unknown field %q: the fields are %s", key, strings.Join(f.Fields, ", "))
		case slices.Contains(seen, key):
			return fmt.Errorf("field %q is there twice", key)
		case slices.Contains(f.Blank, key), slices.Contains(f.EmptyList, key) && !scalar:
		case scalar && (value.Tag == "!!null" || strings.TrimSpace(value.Value) == ""), !scalar && len(value.Content) == 0:
			return fmt.Errorf("field %q is empty: give a value, or leave the field out", key)
		}
		seen = append(seen, key)
	}
	return nil
}

// OneLine joins what the YAML parser says in several lines.
func OneLine(err error) string {
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		return strings.Join(many.Errors, "; ")
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}
