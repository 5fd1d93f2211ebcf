package snapshot

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fields of a manifest in YAML or JSON, however deeply quoted: a line may
// begin after the two characters \n.
var (
	secretData   = regexp.MustCompile(`(?:\b|\\[nrt])(?:d|binaryD)ata[\\"']*\s*:|path[\\"']*\s*:[\s\\"']*/data\b`) // the latter as a JSON patch has it
	secretString = regexp.MustCompile(`(?:\b|\\[nrt])stringData[\\"']*\s*:|/stringData/`)
	// What can stand before the value of the field kind: quotes, an anchor, a
	// tag, the sign of a block, comments.
	fieldKind = regexp.MustCompile(`(?:^|\W|\\[nrt])kind[\\"']*\s*:(?:[\s\\"']|\\[nrt]|[&!][^\s\\]*|[|>][-+\d]*|#[^\n]*\n)*$`)
	// The same before the rest of a kind that ends in Secret.
	fieldKindOf = regexp.MustCompile(`(?:^|\W|\\[nrt])kind[\\"']*\s*:[\s\\"']*\w*$`)
)

const (
	shortestManifest = 16      // of a Secret that has a value
	longestParsed    = 1 << 20 // what a ConfigMap can hold
	fieldWindow      = 256     // how far the name of a field is searched before its value
)

// HoldsSecret reports whether a text looks like a manifest that has values of
// a Secret: as YAML, as JSON, as a template of them, or compressed or encoded
// within something else. It is better to leave out too much.
func HoldsSecret(text string) bool {
	return (&search{unpack: maxUnpacked, layers: maxLayers}).holds(text)
}

// search looks for values of Secrets within a text and what it carries. Its
// fields bound what is done for it: texts can be made to unpack endlessly.
type search struct {
	unpack int // bytes
	layers int
}

func (s *search) holds(text string) bool {
	if len(text) < shortestManifest || s.layers == 0 {
		return false
	}
	s.layers--
	defer func() { s.layers++ }()
	return s.holdsPlain(text) || s.holdsPacked(text)
}

func (s *search) holdsPlain(text string) bool {
	if strings.Contains(text, "stringData") && secretString.MatchString(text) {
		return true
	}
	if !strings.Contains(text, "ecret") {
		return false // most texts end here
	}
	if strings.Contains(text, "secretGenerator") && strings.Contains(text, "literals") {
		return true
	}
	// The rest costs more: what is cheap to tell comes first.
	if !strings.Contains(text, "kind") || !endsWordWith(text, "ecret") && !strings.Contains(text, "ecretList") {
		return false
	}
	if hasSecretKind(text, fieldKind) {
		return secretData.MatchString(text)
	}
	// Aliases and kinds that only end in Secret take a parser; templates of
	// manifests cannot be parsed.
	if !endsWordWith(text, "Secret") || !secretData.MatchString(text) {
		return false
	}
	found, err := s.parse(text)
	return found || err != nil && hasSecretKind(text, fieldKindOf)
}

var errTooLong = errors.New("too long to be parsed")

// parse reports whether the text is YAML in which there are values of Secrets.
func (s *search) parse(text string) (found bool, err error) {
	if len(text) > longestParsed {
		return false, errTooLong
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		if _, isText := document.(string); isText {
			continue // it would be searched again
		}
		if _, found := s.drop(document); found {
			return true, nil
		}
	}
}

// hasSecretKind reports whether a text has a field kind with the value Secret,
// by what stands before the value. Every ConfigMap is searched, so that it has
// to be quick.
func hasSecretKind(text string, before *regexp.Regexp) bool {
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
		window := text[max(0, begin-fieldWindow):begin]
		if strings.Contains(window, "kind") && before.MatchString(window) {
			return true
		}
	}
}

// endsWordWith reports whether a word of the text ends so.
func endsWordWith(text, end string) bool {
	for {
		_, after, found := strings.Cut(text, end)
		if !found || after == "" || !isWordByte(after[0]) {
			return found
		}
		text = after
	}
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}
