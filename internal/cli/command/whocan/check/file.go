package check

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

const (
	// maxMebibytes is some ten thousand assertions, of several requests each.
	maxMebibytes = 2
	// maxQuestions bounds the requests of one file: lists multiply.
	maxQuestions = 50_000
)

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

type words = assertions.Words

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

func format() *assertions.Format {
	return &assertions.Format{
		Fields: []string{"who", "can", "cannot", "verb", "resource", "subresource", "name", "namespace", "except", "why"},
		Blank:  []string{"why"}, EmptyList: []string{"except"},
		Example: "{who: sa/ci/runner, can: create, resource: pods, namespace: ci}",
	}
}

// readEntries reads assertions.
func readEntries(name string, data []byte) ([]entry, error) {
	nodes, err := format().Nodes(name, data)
	if err != nil {
		return nil, err
	}
	all := make([]entry, len(nodes))
	for i, node := range nodes {
		if err := assertions.Resolve(node).Decode(&all[i]); err != nil {
			return nil, fault.Usage("%s: %w", assertions.Place(name, node.Line, i+1), errors.New(assertions.OneLine(err)))
		}
		all[i].line = node.Line
	}
	return all, nil
}
