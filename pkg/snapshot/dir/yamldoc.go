package dir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// errNotYAML says that a text is not valid YAML.
var errNotYAML = errors.New("not valid YAML")

// yamlToJSON converts one YAML document as kubectl does (YAML 1.1: yes, no,
// on and off are booleans). Repeated keys are no error: the last one wins, and
// repeated says which.
func yamlToJSON(doc document) (asJSON []byte, repeated string, err error) {
	if len(doc.text) > maxObjectBytes {
		return nil, "", tooLarge("YAML document", maxObjectBytes)
	}
	defer func() { // the parser is a port from C; do not rely on its having no bugs
		if r := recover(); r != nil {
			asJSON, err = nil, fmt.Errorf("%w: the parser failed", errNotYAML)
		}
	}()
	asJSON, err = yaml.YAMLToJSONStrict(doc.text)
	if err != nil {
		if asJSON, looseErr := yaml.YAMLToJSON(doc.text); looseErr == nil {
			if bytes.Contains(doc.text, []byte("<<")) {
				return asJSON, "", nil // the parser takes a merged key that is set again for a repetition
			}
			return asJSON, explainYAML(doc, err), nil
		}
		return nil, "", fmt.Errorf("%w: %s", errNotYAML, explainYAML(doc, err))
	}
	return asJSON, "", nil
}

// explainYAML returns the parser's words with line numbers of the whole input.
// A text that may hold a Secret is not quoted: only the fact is told.
func explainYAML(doc document, err error) string {
	if mayHoldSecret(doc.text) {
		return "the details are withheld, since this may be a Secret"
	}
	// The parser counts lines from the beginning of its text.
	padded := append(bytes.Repeat([]byte{'\n'}, doc.line-1), doc.text...)
	var v any
	if again := yamlv2.UnmarshalStrict(padded, &v); again != nil {
		err = again
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "unmarshal errors:", "")), " ")
	words = strings.TrimPrefix(strings.TrimPrefix(words, "error converting YAML to JSON: "), "yaml: ")
	words = withoutQuotes(words)
	if bytes.Contains(doc.text, []byte("{{")) {
		words += " (this looks like a template: render it first)"
	}
	return words
}

// withoutQuotes replaces what the parser quotes of the text, values included.
// Keys that it names, in double quotes, stay.
func withoutQuotes(words string) string {
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

// onlyDocument reports whether the parser sees one document in the text. It
// knows rare line breaks that splitDocuments does not.
func onlyDocument(text []byte) bool {
	decoder := yamlv2.NewDecoder(bytes.NewReader(text))
	var v any
	_ = decoder.Decode(&v)
	return errors.Is(decoder.Decode(&v), io.EOF)
}

// hasRareBreaks reports whether a text has line breaks other than \n and \r\n
// that YAML 1.1 knows: \r alone, NEL, LS, PS.
func hasRareBreaks(text []byte) bool {
	for i := bytes.IndexByte(text, '\r'); i >= 0; {
		if i+1 >= len(text) || text[i+1] != '\n' {
			return true
		}
		next := bytes.IndexByte(text[i+1:], '\r')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}
