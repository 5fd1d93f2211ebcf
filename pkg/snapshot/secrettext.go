package snapshot

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
)

// Fields of a manifest in YAML or JSON, however deeply quoted: a line may
// begin after the two characters \n.
var (
	secretData   = regexp.MustCompile(`(?:\b|\\[nrt])data[\\"']*\s*:`)
	secretString = regexp.MustCompile(`(?:\b|\\[nrt])stringData[\\"']*\s*:|/stringData/`) // the latter as a JSON patch has it
)

// maxUnpacked bounds what is read of a compressed text.
const maxUnpacked = 16 << 20

// maxPacked is how often a text can be packed: Helm's releases are
// compressed, then encoded once or twice.
const maxPacked = 4

// HoldsSecret reports whether a text looks like a manifest that has values of
// a Secret: as YAML, as JSON, or compressed as deployment tools keep it. It is
// better to leave out too much.
func HoldsSecret(text string) bool {
	for range maxPacked {
		if strings.Contains(text, "stringData") && secretString.MatchString(text) ||
			hasSecretKind(text) && secretData.MatchString(text) {
			return true
		}
		unpacked, ok := unpack(text)
		if !ok {
			return false
		}
		text = unpacked
	}
	return false
}

// hasSecretKind reports whether a text has a field kind with the value Secret.
// Templates of manifests are no valid YAML, so that nothing is parsed; and
// every ConfigMap is searched, so that it has to be quick.
func hasSecretKind(text string) bool {
	const quotes = `\"'` + " \t\r\n"
	for at := 0; ; {
		i := strings.Index(text[at:], "ecret")
		if i < 0 {
			return false
		}
		begin, end := at+i-1, at+i+len("ecret")
		at = end
		if begin < 0 || text[begin] != 's' && text[begin] != 'S' {
			continue
		}
		if after := strings.TrimPrefix(text[end:], "List"); after != "" && isWordByte(after[0]) {
			continue
		}
		field, ok := strings.CutSuffix(strings.TrimRight(text[:begin], quotes), ":")
		if !ok {
			continue
		}
		if before, ok := strings.CutSuffix(strings.TrimRight(field, quotes), "kind"); ok && endsWord(before) {
			return true
		}
	}
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// endsWord reports whether a new word can begin after the text.
func endsWord(text string) bool {
	if text == "" || !isWordByte(text[len(text)-1]) {
		return true
	}
	return len(text) > 1 && text[len(text)-2] == '\\' && strings.IndexByte("nrt", text[len(text)-1]) >= 0
}

// unpack undoes one layer of base64 or gzip.
func unpack(text string) (string, bool) {
	if strings.HasPrefix(text, "\x1f\x8b") {
		zipped, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return "", false
		}
		unpacked, err := io.ReadAll(io.LimitReader(zipped, maxUnpacked))
		return string(unpacked), err == nil || len(unpacked) > 0
	}
	// What begins so is base64 of gzip, or base64 of that.
	if !strings.HasPrefix(text, "H4sI") && !strings.HasPrefix(text, "SDRzS") {
		return "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	return string(decoded), err == nil
}

// isCompressed reports whether a text is base64 of something compressed.
func isCompressed(text string) bool {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	for _, magic := range []string{"\x1f\x8b", "PK\x03\x04", "\x78\x01", "\x78\x9c", "\x78\xda", "BZh", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(decoded, []byte(magic)) {
			return true
		}
	}
	return false
}
