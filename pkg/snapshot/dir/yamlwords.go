package dir

import (
	"slices"
	"strings"
)

// parserWords are the messages of the YAML parser that hold nothing of the
// text that it parses, though some quote what the parser expected.
// Source: scannerc.go and parserc.go of go.yaml.in/yaml/v2 v2.4.4.
func parserWords() []string {
	return []string{
		"block sequence entries are not allowed in this context",
		"control characters are not allowed",
		"could not find expected ':'",
		"could not find expected directive name",
		"did not find URI escaped octet",
		"did not find expected '!'",
		"did not find expected ',' or ']'",
		"did not find expected ',' or '}'",
		"did not find expected '-' indicator",
		"did not find expected <document start>",
		"did not find expected alphabetic or numeric character",
		"did not find expected comment or line break",
		"did not find expected digit or '.' character",
		"did not find expected hexdecimal number",
		"did not find expected key",
		"did not find expected node content",
		"did not find expected tag URI",
		"did not find expected version number",
		"did not find expected whitespace",
		"did not find expected whitespace or line break",
		"did not find the expected '>'",
		"found a tab character that violates indentation",
		"found a tab character where an indentation space is expected",
		"found an indentation indicator equal to 0",
		"found character that cannot start any token",
		"found incompatible YAML document",
		"found invalid Unicode character escape code",
		"found undefined tag handle",
		"found unexpected document indicator",
		"found unexpected end of stream",
		"found unexpected non-alphabetical character",
		"found unknown directive name",
		"found unknown escape character",
		"mapping values are not allowed in this context",
	}
}

// isParserWords reports whether a message is one of the parserWords, with the
// line before it or without.
func isParserWords(message string) bool {
	if line, rest, found := strings.Cut(message, ": "); found {
		number, isLine := strings.CutPrefix(line, "line ")
		if !isLine || number == "" || strings.Trim(number, "0123456789") != "" {
			return false
		}
		message = rest
	}
	return slices.Contains(parserWords(), message)
}
