package dir

import "bytes"

// document is one document of a multi-document text, without knowledge of
// what is in it.
type document struct {
	text []byte
	line int // 1-based line of its first byte
}

// splitDocuments cuts a text at the lines that YAML reserves for the purpose:
// "---" begins a document (what follows on the line belongs to it), "..."
// ends one. No JSON text has such lines.
// Source: YAML 1.2, 9.1.2 (c-forbidden): not even block scalars hold them.
func splitDocuments(text []byte) []document {
	var docs []document
	lines := newLineCounter(text, 1)
	begin := 0
	for at := nextMarker(text, 0); at >= 0; at = nextMarker(text, at+3) {
		docs = appendDocument(docs, text[begin:at], lines.at(begin))
		begin = at
		if text[at] == '.' {
			begin = at + len("...")
		}
	}
	return appendDocument(docs, text[begin:], lines.at(begin))
}

func appendDocument(docs []document, text []byte, line int) []document {
	if len(bytes.TrimSpace(text)) == 0 {
		return docs
	}
	return append(docs, document{text, line})
}

// nextMarker returns the offset of the next line, from an offset on, that
// begins with a document marker; -1 when there is none.
func nextMarker(text []byte, from int) int {
	if from == 0 && isMarker(text) {
		return 0
	}
	for {
		newline := bytes.IndexByte(text[from:], '\n')
		if newline < 0 {
			return -1
		}
		from += newline + 1
		if isMarker(text[from:]) {
			return from
		}
	}
}

func isMarker(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("---")) && !bytes.HasPrefix(line, []byte("...")) {
		return false
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0
}

// firstContent returns the offset of the first byte of a document that is
// neither space, nor comment, nor the document marker; len(text) if there is
// none.
func firstContent(text []byte) int {
	i := 0
	if bytes.HasPrefix(text, []byte("---")) {
		i = 3
	}
	for i < len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			i++
		case '#':
			newline := bytes.IndexByte(text[i:], '\n')
			if newline < 0 {
				return len(text)
			}
			i += newline + 1
		default:
			return i
		}
	}
	return i
}
