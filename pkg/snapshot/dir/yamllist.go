package dir

import (
	"bytes"

	kjson "sigs.k8s.io/json"
)

// splitYAMLList cuts a list in YAML, as "kubectl get -o yaml" writes it, into
// its items by their indentation, so that they are decoded separately. It
// returns nil for everything that is not clearly such a list.
//
// It does not know YAML: a line of a quoted string can look like an item.
// Then the piece before it ends within the quotes, is no valid YAML, and the
// list is decoded whole.
func splitYAMLList(doc document) []unit {
	begin, end, indent := findItems(doc.text)
	if begin < 0 || hasRareBreaks(doc.text) {
		return nil
	}
	meta, ok := listHeader(append(append([]byte{}, doc.text[:begin]...), doc.text[end:]...))
	if !ok {
		return nil
	}
	in := &list{whole: doc}
	lines := newLineCounter(doc.text, doc.line)
	var units []unit
	for at := begin; at < end; {
		next := at + nextItem(doc.text[at:end], indent)
		text := bytes.Clone(doc.text[at:next])
		text[indent] = ' ' // the dash
		units = append(units, unit{text: text, yaml: true, line: lines.at(at), listed: meta.item(), in: in})
		at = next
	}
	return units
}

// findItems returns where the items of a top-level block sequence "items"
// begin and end, and the column of their dashes; begin is -1 when there are
// none.
func findItems(text []byte) (begin, end, indent int) {
	key := []byte("items:")
	at := bytes.Index(text, append([]byte{'\n'}, key...)) + 1
	if at == 0 && !bytes.HasPrefix(text, key) {
		return -1, 0, 0
	}
	begin = at + lineLength(text[at:])
	if len(bytes.TrimSpace(text[at+len(key):begin])) > 0 {
		return -1, 0, 0
	}
	for begin < len(text) && isBlank(text[begin:begin+lineLength(text[begin:])]) {
		begin += lineLength(text[begin:])
	}
	indent = leadingSpaces(text[begin:])
	if !isDash(text[begin:], indent) {
		return -1, 0, 0
	}
	for end = begin; end < len(text); end += lineLength(text[end:]) {
		line := text[end : end+lineLength(text[end:])]
		column := leadingSpaces(line)
		if !isBlank(line) && (column < indent || column == indent && !isDash(line, indent)) {
			break
		}
	}
	return begin, end, indent
}

// nextItem returns the offset of the second item of a text that begins with
// an item; its length when there is none.
func nextItem(text []byte, indent int) int {
	for at := lineLength(text); at < len(text); at += lineLength(text[at:]) {
		if leadingSpaces(text[at:]) == indent && isDash(text[at:], indent) {
			return at
		}
	}
	return len(text)
}

// listHeader returns the type of a list without its items.
func listHeader(text []byte) (typeMeta, bool) {
	doc, err := yamlToJSON(document{text, 1})
	if err != nil || doc.rest != nil || doc.repeated != "" {
		return typeMeta{}, false
	}
	var header struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(doc.asJSON, &header); err != nil {
		return typeMeta{}, false
	}
	meta := typeMeta{header.APIVersion, header.Kind}
	return meta, meta.isList()
}

// hasRareBreaks reports whether a text has line breaks that YAML 1.1 knows
// and this package does not: \r alone, NEL, LS, PS.
func hasRareBreaks(text []byte) bool {
	return bytes.Count(text, []byte{'\r'}) != bytes.Count(text, []byte("\r\n")) ||
		bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}

func lineLength(text []byte) int {
	if newline := bytes.IndexByte(text, '\n'); newline >= 0 {
		return newline + 1
	}
	return len(text)
}

func leadingSpaces(line []byte) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// isBlank reports whether a line holds nothing or only a comment.
func isBlank(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

func isDash(line []byte, column int) bool {
	return len(line) > column && line[column] == '-' &&
		(len(line) == column+1 || bytes.IndexByte([]byte(" \r\n"), line[column+1]) >= 0)
}
