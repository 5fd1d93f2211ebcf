package dir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
)

// errNotYAML says that a text is not valid YAML.
var errNotYAML = errors.New("not valid YAML")

// errRest says that something follows where a document should end.
var errRest = fmt.Errorf("%w: there is more behind the end of the document", errNotYAML)

// converted is what became of a YAML document.
type converted struct {
	asJSON []byte
	// repeated says which keys are there twice. As with kubectl, the last one
	// wins.
	repeated string
	// rest is errRest when the parser takes only the beginning of the text
	// for the document, as with two flow mappings one after the other. Others
	// ignore the rest without a word.
	rest error
}

// yamlToJSON converts one YAML document as kubectl does (YAML 1.1: yes, no,
// on and off are booleans).
func yamlToJSON(doc document) (c converted, err error) {
	if len(doc.text) > maxObjectBytes {
		return c, tooLarge("YAML document", maxObjectBytes)
	}
	defer func() { // the parser is a port from C; do not rely on its having no bugs
		if recover() != nil {
			c, err = converted{}, fmt.Errorf("%w: the parser failed", errNotYAML)
		}
	}()
	value, rest, err := parseYAML(doc.text, true)
	if twice := (*yamlv2.TypeError)(nil); errors.As(err, &twice) {
		var looseErr error
		if value, rest, looseErr = parseYAML(doc.text, false); looseErr == nil {
			// The parser takes a merged key that is set again for a repetition.
			if !bytes.Contains(doc.text, []byte("<<")) {
				c.repeated = explainYAML(doc, err)
			}
			err = nil
		}
	}
	if err != nil {
		return c, fmt.Errorf("%w: %s", errNotYAML, explainYAML(doc, err))
	}
	if c.asJSON, err = appendJSON(nil, value); err != nil {
		return c, fmt.Errorf("%w: %w", errNotYAML, err)
	}
	c.rest = rest
	return c, nil
}

func parseYAML(text []byte, strict bool) (value any, rest, err error) {
	decoder := yamlv2.NewDecoder(bytes.NewReader(text))
	decoder.SetStrict(strict)
	if err := decoder.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	var more any
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		rest = errRest
	}
	return value, rest, nil
}

// explainYAML returns the parser's words with line numbers of the whole input.
// Of a text that may hold a Secret only words are told that quote nothing.
func explainYAML(doc document, err error) string {
	// The parser counts lines from the beginning of its text.
	padded := append(bytes.Repeat([]byte{'\n'}, doc.line-1), doc.text...)
	var v any
	if again := yamlv2.UnmarshalStrict(padded, &v); again != nil {
		err = again
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "unmarshal errors:", "")), " ")
	words = strings.TrimPrefix(words, "yaml: ")
	if mayHoldSecret(doc.text) && !isParserWords(words) {
		return "the details are withheld, since this may be a Secret"
	}
	words = withoutQuotes(words)
	if bytes.Contains(doc.text, []byte("{{")) {
		words += " (this looks like a template: render it first)"
	}
	return words
}

// withoutQuotes replaces what the parser quotes of the text, values included.
// Keys that it names, in double quotes, stay.
func withoutQuotes(words string) string {
	if isParserWords(words) {
		return words
	}
	words, _, _ = strings.Cut(words, ": map[") // a whole value
	var out strings.Builder
	var open rune
	for _, c := range words {
		switch {
		case open != 0:
			if c == open {
				out.WriteString("…'")
				open = 0
			}
		case c == '`' || c == '\'':
			out.WriteRune('\'')
			open = c
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}

// mayHoldSecret reports whether a text that cannot be parsed could be a
// Secret, so that error texts must not quote it.
func mayHoldSecret(text []byte) bool {
	return bytes.Contains(bytes.ToLower(text), []byte("secret"))
}
