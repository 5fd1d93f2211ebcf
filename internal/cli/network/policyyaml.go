package network

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	yamlv3 "go.yaml.in/yaml/v3"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// Comments are those of a policy in YAML, one line each.
type Comments struct {
	Head  []string            // above the object
	Rules map[string][]string // above a rule, by its path, as spec.ingress[0]
}

// PolicyYAML writes the policy as people do: what it selects first.
func PolicyYAML(np *networkingv1.NetworkPolicy, c Comments) (string, error) {
	root, err := nodeOf(np)
	if err != nil {
		return "", fmt.Errorf("write NetworkPolicy %s/%s: %w", np.Namespace, np.Name, err)
	}
	for _, direction := range []string{"ingress", "egress"} {
		rules := field(field(root, "spec"), direction)
		for i := range content(rules) {
			rules.Content[i].HeadComment = comment(c.Rules[fmt.Sprintf("spec.%s[%d]", direction, i)])
		}
	}
	text, err := encoded(root)
	if err != nil {
		return "", fmt.Errorf("write NetworkPolicy %s/%s: %w", np.Namespace, np.Name, err)
	}
	if head := comment(c.Head); head != "" {
		text = head + "\n" + text
	}
	return text, nil
}

// PartYAML writes a part of a policy in the same order.
func PartYAML(part any) (string, error) {
	root, err := nodeOf(part)
	if err != nil {
		return "", fmt.Errorf("write a part of a NetworkPolicy: %w", err)
	}
	return encoded(root)
}

// nodeOf turns a value into YAML by its names in JSON.
func nodeOf(value any) (*yamlv3.Node, error) {
	text, err := yaml.Marshal(value)
	if err != nil {
		return nil, err
	}
	var document yamlv3.Node
	if err := yamlv3.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	sortKeys(document.Content[0])
	return document.Content[0], nil
}

func encoded(root *yamlv3.Node) (string, error) {
	var b bytes.Buffer
	e := yamlv3.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return "", err
	}
	err := e.Close() // writes the rest
	return b.String(), err
}

// sortKeys puts fields in the order of the API's documentation; what a map of
// strings holds, as labels, stays in that of the alphabet.
func sortKeys(n *yamlv3.Node) {
	order := []string{
		"apiVersion", "kind", "metadata", "spec", "name", "namespace", "labels", "annotations", "namespaceSelector", "podSelector",
		"policyTypes", "ingress", "egress", "from", "to", "ipBlock", "ports", "protocol", "port", "endPort", "cidr", "except",
		"matchLabels", "matchExpressions", "key", "operator", "values",
	}
	if n.Kind == yamlv3.MappingNode {
		pairs := slices.Collect(slices.Chunk(n.Content, 2))
		slices.SortStableFunc(pairs, func(a, b []*yamlv3.Node) int {
			return slices.Index(order, a[0].Value) - slices.Index(order, b[0].Value)
		})
		n.Content = slices.Concat(pairs...)
	}
	isMap := false
	for _, inner := range n.Content {
		if !isMap {
			sortKeys(inner)
		}
		isMap = n.Kind == yamlv3.MappingNode && slices.Contains([]string{"labels", "annotations", "matchLabels"}, inner.Value)
	}
}

func field(n *yamlv3.Node, name string) *yamlv3.Node {
	for i := 0; i+1 < len(content(n)); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func content(n *yamlv3.Node) []*yamlv3.Node {
	if n == nil {
		return nil
	}
	return n.Content
}

// comment joins lines; what would end a line does not.
func comment(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("# " + strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return '�'
		}, line))
	}
	return b.String()
}
