package dir

import (
	"bytes"
	"fmt"
)

// splitJSON cuts a text of one or more JSON values, as "kubectl get -o json"
// writes them, into units: objects, and the items of lists. Lists within
// lists stay whole.
func splitJSON(text []byte, firstLine, depth int) []unit {
	j := &jsonSplitter{scanner: scanner{text: text}, lines: newLineCounter(text, firstLine), depth: depth}
	for c := j.space(); c != 0; c = j.space() {
		var err error
		switch c {
		case '{':
			err = j.document()
		case '[': // as "jq .items" writes them
			err = j.elements('[', ']', j.item)
		default:
			err = j.item()
		}
		if err != nil {
			j.units = append(j.units, unit{line: j.lines.at(j.pos), broken: err, depth: depth})
			break
		}
	}
	return j.units
}

// jsonSplitter collects units while it scans.
type jsonSplitter struct {
	scanner
	lines *lineCounter
	depth int
	units []unit
	last  typeMeta // of the field read last: most items are of few types
}

// document scans one top-level object and appends it or, when it is a list,
// its items. On an error the items scanned so far stay.
func (j *jsonSplitter) document() error {
	u := unit{line: j.lines.at(j.pos), depth: j.depth}
	begin, firstItem, hasItems := j.pos, len(j.units), false
	err := j.fields(func(key string) error {
		if key != "items" || j.space() != '[' {
			return j.field(key, &u.meta)
		}
		if hasItems {
			return fmt.Errorf("%w: the field items is there twice", errNotJSON)
		}
		hasItems = true
		return j.elements('[', ']', j.item)
	})
	items := j.units[firstItem:]
	// The kind follows the items: where the end is missing, it is not known.
	if hasItems && (err != nil || u.meta.isList() || u.meta == (typeMeta{})) {
		in := &list{}
		for i := range items {
			items[i].listed, items[i].in = u.meta.item(), in
		}
		return err
	}
	j.units = j.units[:firstItem] // an object that happens to have a field items
	if err == nil {
		u.text = j.text[begin:j.pos]
		j.units = append(j.units, u)
	}
	return err
}

// item scans one item and appends it. An item whose inside is broken is left
// to the decoder to tell; only its end must be found.
func (j *jsonSplitter) item() error {
	u := unit{line: j.lines.at(j.pos), depth: j.depth}
	begin := j.pos
	err := errNotJSON
	if j.space() == '{' {
		err = j.fields(func(key string) error { return j.field(key, &u.meta) })
	}
	if err != nil {
		j.pos = begin
		if err := j.value(); err != nil {
			return err
		}
	}
	u.text = j.text[begin:j.pos]
	j.units = append(j.units, u)
	return nil
}

// field skips a field's value and notes it if it belongs to the type.
func (j *jsonSplitter) field(key string, meta *typeMeta) error {
	begin := j.pos
	if err := j.value(); err != nil {
		return err
	}
	var target, last *string
	switch key {
	case "apiVersion":
		target, last = &meta.apiVersion, &j.last.apiVersion
	case "kind":
		target, last = &meta.kind, &j.last.kind
	default:
		return nil
	}
	quoted := j.text[begin:j.pos]
	if quoted[0] != '"' {
		return nil
	}
	if string(quoted[1:len(quoted)-1]) != *last || bytes.IndexByte(quoted, '\\') >= 0 {
		value, err := unquote(quoted)
		if err != nil {
			return err
		}
		*last = value
	}
	*target = *last
	return nil
}
