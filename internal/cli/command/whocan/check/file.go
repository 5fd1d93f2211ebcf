package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

const (
	// maxFile is some ten thousand assertions; the parser needs a hundred times
	// its memory.
	maxFile = 2 << 20
	// maxQuestions bounds the requests of one file: lists multiply.
	maxQuestions = 50_000
)

// read returns what FILE holds; "-" is standard input. A pipe that nobody
// writes to blocks, so an interrupt must not wait for it.
func read(ctx context.Context, e *env.Env, file string) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := readLimited(e, file)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readLimited(e *env.Env, file string) ([]byte, error) {
	in, name := e.In, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fault.Usage("read the assertions: %w", err)
		}
		defer f.Close()
		in, name = f, file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fault.Usage("read the assertions: %w", err)
	}
	if len(data) > maxFile {
		return nil, fault.Usage("read the assertions: %s is larger than %d MiB: split it", name, maxFile>>20)
	}
	return data, nil
}

// entry is an assertion as it is written in a file.
type entry struct {
	Who         words  `yaml:"who"`
	Can         verbs  `yaml:"can"`
	Cannot      verbs  `yaml:"cannot"`
	Verb        words  `yaml:"verb"`
	Resource    words  `yaml:"resource"`
	Subresource string `yaml:"subresource"`
	Name        words  `yaml:"name"`
	Namespace   words  `yaml:"namespace"`
	Except      words  `yaml:"except"`
	Why         string `yaml:"why"`
	line        int
}

// words is one text or a list of texts.
type words []string

// UnmarshalYAML reads either form. Texts are taken as they are written: the
// decoder would drop a null from a list.
func (w *words) UnmarshalYAML(node *yaml.Node) error {
	list := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		list = node.Content
	}
	for _, item := range list {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: want a text or a list of texts", node.Line)
		}
		if item.Tag == "!!null" {
			*w = append(*w, "")
			continue
		}
		*w = append(*w, item.Value)
	}
	return nil
}

// verbs is "true" beside a field verb, or the verbs themselves.
type verbs struct {
	given bool
	words words
}

// UnmarshalYAML reads true, a verb or a list of verbs.
func (v *verbs) UnmarshalYAML(node *yaml.Node) error {
	v.given = true
	if node.Tag == "!!bool" {
		var yes bool
		if err := node.Decode(&yes); err != nil || !yes {
			return fmt.Errorf("line %d: write true, or the verbs", node.Line)
		}
		return nil
	}
	return v.words.UnmarshalYAML(node)
}

// readEntries reads assertions: a list, or a map with a list "assertions", in
// one or more YAML documents.
func readEntries(name string, data []byte) ([]entry, error) {
	var all []entry
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		switch err := decoder.Decode(&doc); {
		case errors.Is(err, io.EOF):
			if len(all) == 0 {
				return nil, fault.Usage("%s: no assertions", name)
			}
			return all, nil
		case err != nil:
			return nil, fault.Usage("%s: %s", name, oneLine(err))
		}
		list, err := assertionsOf(&doc)
		if err != nil {
			return nil, fault.Usage("%s:%d: %w", name, doc.Content[0].Line, err)
		}
		for _, node := range list {
			e, err := readEntry(node)
			if err != nil {
				return nil, fault.Usage("%s: %w", place(name, node.Line, len(all)+1), err)
			}
			all = append(all, e)
		}
	}
}

// place names an assertion, also among others in the same line.
func place(file string, line, n int) string {
	return fmt.Sprintf("%s:%d: assertion %d", file, line, n)
}

// assertionsOf returns the list in a document; one of comments only has none.
// A map may hold nothing else: another key could be a misspelt list.
func assertionsOf(doc *yaml.Node) ([]*yaml.Node, error) {
	root := resolve(doc.Content[0])
	if root.Tag == "!!null" && root.Value == "" {
		return nil, nil
	}
	if root.Kind == yaml.MappingNode && len(root.Content) == 2 && root.Content[0].Value == "assertions" {
		root = resolve(root.Content[1])
	}
	if root.Kind != yaml.SequenceNode {
		return nil, errors.New(`want a list of assertions, or a map with nothing but the list under "assertions"`)
	}
	return root.Content, nil
}

// resolve follows an alias to what it stands for.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// readEntry refuses fields that it does not know: a misspelt "except" would
// change what is asserted. So would one that is there but blank, which is what
// templates make of a value that is not set.
func readEntry(at *yaml.Node) (entry, error) {
	known := []string{"who", "can", "cannot", "verb", "resource", "subresource", "name", "namespace", "except", "why"}
	node := resolve(at)
	if node.Kind != yaml.MappingNode {
		return entry{}, errors.New("an assertion is a map, as in {who: sa/ci/runner, can: create, resource: pods, namespace: ci}")
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, resolve(node.Content[i+1])
		scalar := value.Kind == yaml.ScalarNode
		switch {
		case !slices.Contains(known, key):
			return entry{}, fmt.Errorf("unknown field %q: the fields are %s", key, strings.Join(known, ", "))
		case key == "why", key == "except" && !scalar:
		case scalar && (value.Tag == "!!null" || strings.TrimSpace(value.Value) == ""), !scalar && len(value.Content) == 0:
			return entry{}, fmt.Errorf("field %q is empty: give a value, or leave the field out", key)
		}
	}
	var e entry
	if err := node.Decode(&e); err != nil {
		return entry{}, errors.New(oneLine(err))
	}
	e.line = at.Line
	return e, nil
}

// oneLine joins what the YAML parser says in several lines.
func oneLine(err error) string {
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		return strings.Join(many.Errors, "; ")
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}
