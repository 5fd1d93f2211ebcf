package dir

import (
	"bytes"
	"fmt"

	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// decodeList decodes the items of a list. It reports false when the unit is no
// list: an object whose kind merely ends so.
func decodeList(file string, u unit) ([]record, bool) {
	items := splitJSON(u.text, u.line, u.depth+1)
	if len(items) == 1 && len(items[0].text) == len(u.text) {
		// A list without items has no name either; an object has one.
		return nil, u.meta.isList() && nameOf(u.text) == ""
	}
	if u.depth >= maxListDepth {
		r := record{origin: snapshot.Origin{File: file, Line: u.line}, in: u.in}
		r.fail(u.groupKind(), fmt.Errorf("%w: lists within lists", ErrTooLarge))
		return []record{r}, true
	}
	var records []record
	for _, item := range items {
		item.toApply = u.toApply
		if u.in != nil {
			item.in = u.in
		}
		records = append(records, decodeUnit(file, item)...)
	}
	return records, true
}

// decodeYAML decodes one YAML document or list item. Its records begin on the
// line of the first content.
func decodeYAML(file string, u unit) []record {
	begin := newLineCounter(u.text, u.line).at(firstContent(u.text))
	r := record{origin: snapshot.Origin{File: file, Line: begin}, in: u.in}
	doc, err := yamlToJSON(document{u.text, u.line})
	if err != nil {
		r.notYAML = true
		r.fail(u.groupKind(), err)
		return []record{r}
	}
	var parts []unit
	switch {
	case u.in != nil && doc.asJSON[0] != '{':
		parts = []unit{{text: doc.asJSON}}
	case !bytes.Equal(doc.asJSON, []byte("null")): // else there are comments only
		parts = splitJSON(doc.asJSON, begin, u.depth)
	}
	var lines []int
	if isWhole := len(parts) == 1 && len(parts[0].text) == len(doc.asJSON); isWhole {
		parts[0].listed = u.listed
	} else if len(parts) > 0 {
		lines = itemLines(u.text)
	}
	var records []record
	for i, part := range parts {
		part.line, part.toApply = begin, u.toApply
		if i < len(lines) {
			part.line = u.line + lines[i] - 1
		}
		if u.in != nil {
			part.in = u.in
		}
		records = append(records, decodeUnit(file, part)...)
	}
	if len(records) > 0 && doc.repeated != "" {
		records[0].warn("a key is there more than once, and the last one counts: %s", doc.repeated)
	}
	if doc.rest != nil {
		r.notYAML = true
		r.fail(u.groupKind(), doc.rest)
		records = append(records, r)
	}
	return records
}

// itemLines returns the line of each item of a YAML list, within its text.
func itemLines(text []byte) []int {
	var doc yamlv3.Node
	if yamlv3.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	var lines []int
	list := doc.Content[0]
	if list.Kind == yamlv3.MappingNode {
		for i := 0; i+1 < len(list.Content); i += 2 {
			if list.Content[i].Value == "items" {
				list = list.Content[i+1]
				break
			}
		}
	}
	for _, item := range list.Content {
		lines = append(lines, item.Line)
	}
	return lines
}
