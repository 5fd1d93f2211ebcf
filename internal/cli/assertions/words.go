package assertions

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Words is one text or a list of texts.
type Words []string

// UnmarshalYAML reads either form. Texts are taken as they are written: the
// decoder would drop a null from a list.
func (w *Words) UnmarshalYAML(node *yaml.Node) error {
	list := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		list = node.Content
	}
	for _, item := range list {
		item = Resolve(item)
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
