package file

import (
	"fmt"
	"maps"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A table maps API groups to kinds to the shapes of their fields:
//
//	apps:
//	  Deployment: {spec: {replicas: , selector: all, template: *template}}
//
// A field without a value is keepScalar, a word is the mode of that name, an
// object has a shape for each field ("*" for all that it does not name).
// Anchors name shapes that several kinds share.
type table struct {
	// read are the shapes of nodes: of those with anchors there is one,
	// however often it is used.
	read map[*yaml.Node]*shape
}

// mergeKey includes the fields of another object.
const mergeKey = "<<"

// readTable adds a table to the kinds.
func (r *Redactor) readTable(text []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("decode YAML: %w", err)
	}
	t := table{read: map[*yaml.Node]*shape{}}
	return eachField(document.Content[0], func(group string, kinds *yaml.Node) error {
		if kinds.Kind == yaml.SequenceNode {
			return nil // the shapes that the kinds share
		}
		return eachField(kinds, func(kind string, written *yaml.Node) error {
			s, err := t.shape(written)
			if err != nil {
				return fmt.Errorf("%s.%s: %w", kind, group, err)
			}
			for name, field := range map[string]*shape{"apiVersion": {}, "kind": {}, "metadata": r.meta} {
				if s.fields[name] == nil {
					s.fields[name] = field
				}
			}
			r.kinds[schema.GroupKind{Group: group, Kind: kind}] = s
			return nil
		})
	})
}

func eachField(object *yaml.Node, do func(name string, value *yaml.Node) error) error {
	if object = resolved(object); object.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: no object", object.Line)
	}
	for i := 0; i < len(object.Content); i += 2 {
		if err := do(object.Content[i].Value, object.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func (t *table) shape(node *yaml.Node) (*shape, error) {
	node = resolved(node)
	if s := t.read[node]; s != nil {
		return s, nil
	}
	s := &shape{mode: keepFields, fields: map[string]*shape{}}
	switch {
	case node.Kind == yaml.MappingNode:
		if err := eachField(node, func(name string, value *yaml.Node) error { return t.field(s, name, value) }); err != nil {
			return nil, err
		}
	case node.Kind == yaml.ScalarNode && node.Value == "":
		s = &shape{mode: keepScalar}
	default:
		switch m := mode(node.Value); m {
		case keepAll, keepKeys, keepMap, keepURL, keepHost, keepCerts, keepRefs:
			s = &shape{mode: m}
		case keepMeta, keepMetaOfSecret:
			s = metaShape(m == keepMetaOfSecret)
		default:
			return nil, fmt.Errorf("line %d: %q is no shape", node.Line, node.Value)
		}
	}
	t.read[node] = s
	return s, nil
}

func (t *table) field(s *shape, name string, value *yaml.Node) error {
	read, err := t.shape(value)
	switch {
	case err != nil:
		return err
	case name == "*":
		s.rest = read
	case name == mergeKey:
		maps.Copy(s.fields, read.fields)
	default:
		s.fields[name] = read
	}
	return nil
}
