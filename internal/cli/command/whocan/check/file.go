package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// entry is an assertion as it is written in a file.
type entry struct {
	Who         words     `yaml:"who"`
	Can         verbs     `yaml:"can"`
	Cannot      verbs     `yaml:"cannot"`
	Verb        words     `yaml:"verb"`
	Resource    words     `yaml:"resource"`
	Subresource string    `yaml:"subresource"`
	Name        words     `yaml:"name"`
	Namespace   words     `yaml:"namespace"`
	Except      words     `yaml:"except"`
	Why         string    `yaml:"why"`
	at          yaml.Node // for its line
}

// words is one text or a list of texts.
type words []string

// UnmarshalYAML reads either form.
func (w *words) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*w = words{node.Value}
		return nil
	}
	var list []string
	if err := node.Decode(&list); err != nil {
		return fmt.Errorf("line %d: want a text or a list of texts", node.Line)
	}
	*w = list
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
				return nil, fmt.Errorf("%s: no assertions", name)
			}
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list := doc.Content[0]
		if list.Kind == yaml.MappingNode {
			list = field(list, "assertions")
		}
		if list == nil || list.Kind != yaml.SequenceNode {
			return nil, fmt.Errorf("%s:%d: want a list of assertions, or a map with the list under %q", name, doc.Content[0].Line, "assertions")
		}
		for _, node := range list.Content {
			e, err := readEntry(node)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, node.Line, err)
			}
			all = append(all, e)
		}
	}
}

func field(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// readEntry refuses fields that it does not know: a misspelt "except" would
// change what is asserted.
func readEntry(node *yaml.Node) (entry, error) {
	known := map[string]bool{
		"who": true, "can": true, "cannot": true, "verb": true, "resource": true, "subresource": true,
		"name": true, "namespace": true, "except": true, "why": true,
	}
	if node.Kind != yaml.MappingNode {
		return entry{}, errors.New("an assertion is a map, as in {who: sa/ci/runner, can: create, resource: pods, namespace: ci}")
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i].Value; !known[key] {
			return entry{}, fmt.Errorf("unknown field %q", key)
		}
	}
	var e entry
	if err := node.Decode(&e); err != nil {
		return entry{}, err
	}
	e.at = *node
	return e, nil
}
