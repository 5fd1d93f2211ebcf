package snapshot

import (
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
)

const (
	// maxUnpacked bounds what is read of all that is compressed within a text.
	maxUnpacked = 16 << 20
	// maxLayers is how deep a text is unpacked. Helm's releases are
	// compressed, then encoded once or twice; what they hold can be encoded.
	maxLayers = 6
	// shortestRun is how long the base64 of a manifest is at least.
	shortestRun = 32
	// foldedLine is how long the lines of folded base64 are at least: PEM has
	// 64 characters, MIME 76.
	foldedLine = 60
)

// holdsPacked searches what a text is the compressed form of, or else what is
// encoded within it: also a file in the user data of a machine. What cannot be
// unpacked whole counts as found.
func (s *search) holdsPacked(text string) bool {
	if strings.HasPrefix(text, "\x1f\x8b") {
		zipped, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return false
		}
		unpacked, err := io.ReadAll(io.LimitReader(zipped, int64(s.unpack)+1))
		s.unpack -= len(unpacked)
		return s.unpack < 0 || (err == nil || len(unpacked) > 0) && s.holds(string(unpacked))
	}
	for begin := 0; begin+shortestRun <= len(text); {
		other := begin + shortestRun - 1
		for other >= begin && isBase64(text[other]) {
			other--
		}
		if other >= begin { // no run begins before it
			begin = other + 1
			continue
		}
		encoded, end := base64Run(text, begin)
		if s.holds(decodeRun(encoded)) {
			return true
		}
		begin = end
	}
	return false
}

func isBase64(c byte) bool {
	return isWordByte(c) || c == '+' || c == '/' || c == '-' // the URL alphabet too
}

// base64Run returns the base64 that begins at a place of the text, without
// the breaks of folded lines, and where it ends.
func base64Run(text string, begin int) (run string, end int) {
	if begin > 0 && text[begin-1] == '\\' {
		begin++ // the n of a line break in quotes
	}
	var lines strings.Builder
	for end = begin; ; {
		line := end
		for end < len(text) && isBase64(text[end]) {
			end++
		}
		lines.WriteString(text[line:end])
		rest := text[end:]
		next := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(rest, `\r`), `\n`), " \t\r\n")
		if end-line < foldedLine || len(next) == len(rest) || next == "" || !isBase64(next[0]) {
			return lines.String(), end
		}
		end = len(text) - len(next)
	}
}

// decodeRun decodes base64 of either alphabet without padding.
func decodeRun(run string) string {
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(run))
	if err != nil {
		return ""
	}
	return string(decoded)
}
