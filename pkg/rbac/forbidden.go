package rbac

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Denial is a refusal that was found in the text of an error or a log.
type Denial struct {
	Kind DenialKind
	// User is who was refused; "" where the text does not say.
	User string
	// Groups are the user's groups, where the text says them.
	Groups []string
	// Request is what the authorizer was asked; zero unless Kind is
	// DeniedByAuthorizer.
	Request Request
	// By names what refused where it was not an authorizer: an admission
	// plugin, webhook or policy; "" when it cannot be told.
	By string
	// Reason is what the text says after the refusal itself.
	Reason string
}

// DenialKind says what refused a request.
type DenialKind string

// The kinds of denials.
const (
	// DeniedByAuthorizer: an authorizer did not allow it; RBAC can.
	DeniedByAuthorizer DenialKind = "authorization"
	// DeniedEscalation: writing a role or binding that gives more than the
	// writer has.
	DeniedEscalation DenialKind = "escalation"
	// DeniedByAdmission: the authorizers allowed it; admission refused. No
	// RBAC change helps.
	DeniedByAdmission DenialKind = "admission"
)

// ErrNoDenial says that a text holds no refusal that is understood.
var ErrNoDenial = errors.New(`no "… is forbidden: …" message of an API server in the text`)

const (
	// maxText is how much of a text is searched: the end of it, where logs
	// have what happened last.
	maxText = 1 << 20
	// maxUnescape is how many layers of quoting are taken off, as of JSON in
	// a JSON log.
	maxUnescape = 3
)

// quotedWord is a value as %q writes it, or, after a shell took the quotes
// away, a bare word. A bare one never begins with a quote.
const quotedWord = `("(?:[^"\\\n]|\\.)*"|[^\s"\\]*)`

// patterns are compiled once for each parse: there is no package state.
type patterns struct {
	resource, legacy, path, escalation *regexp.Regexp
}

// newPatterns follows forbiddenMessage in
// apiserver/pkg/endpoints/handlers/responsewriters/errors.go and
// ConfirmNoEscalation in pkg/registry/rbac/validation/rule.go.
func newPatterns() patterns {
	user := `[Uu]ser\s+("(?:[^"\\\n]|\\.)*"|[^"\n]{1,256}?)\s+cannot\s+([^\s"]+)\s+`
	scope := `(?:in\s+the\s+namespace\s+` + quotedWord + `|at\s+the\s+cluster\s+scope)`
	return patterns{
		resource:   regexp.MustCompile(user + `resource\s+` + quotedWord + `\s+in\s+API\s+group\s+` + quotedWord + `\s+` + scope),
		legacy:     regexp.MustCompile(user + `([a-z][a-z0-9./-]*)\s+` + scope),
		path:       regexp.MustCompile(user + `path\s+` + quotedWord),
		escalation: regexp.MustCompile(`[Uu]ser\s+` + quotedWord + `\s+\(groups=(\[[^\]]*\])\)\s+is attempting to grant RBAC permissions not currently held:?`),
	}
}

// ParseForbidden finds the refusals in a text, each once, in their order: a
// message as an API server or kubectl prints it, or a log with such messages
// in it, also quoted as JSON. The error is ErrNoDenial where there is none.
func ParseForbidden(text string) ([]Denial, error) {
	if len(text) > maxText {
		text = text[len(text)-maxText:]
	}
	text = straightQuotes().Replace(text)
	layers := []string{text}
	for range maxUnescape {
		last := layers[len(layers)-1]
		plain := unescape(last)
		if plain == last {
			break
		}
		layers = append(layers, plain)
	}
	// Authorizers first, through all layers: what admission may be mistaken
	// for is in the outermost one already.
	p := newPatterns()
	for _, layer := range layers {
		if found := p.find(layer); len(found) > 0 {
			return found, nil
		}
	}
	for _, layer := range layers {
		if d, ok := admissionDenial(layer); ok {
			return []Denial{d}, nil
		}
	}
	return nil, ErrNoDenial
}

// find returns the denials by authorizers and those of escalation.
func (p patterns) find(text string) []Denial {
	var found []Denial
	add := func(d Denial) {
		if !slices.ContainsFunc(found, d.same) {
			found = append(found, d)
		}
	}
	for _, d := range p.authorization(text) {
		add(d)
	}
	for _, at := range p.escalation.FindAllStringSubmatchIndex(text, -1) {
		add(Denial{Kind: DeniedEscalation, User: value(text, at, 1), Groups: goStrings(part(text, at, 2)), Reason: missingRules(text[at[1]:])})
	}
	return found
}

func (p patterns) authorization(text string) []Denial {
	type hit struct {
		at   int
		deny Denial
	}
	var hits []hit
	for _, at := range p.resource.FindAllStringSubmatchIndex(text, -1) {
		r := Request{Verb: part(text, at, 2), APIGroup: value(text, at, 4), Namespace: value(text, at, 5)}
		r.Resource, r.Subresource, _ = strings.Cut(value(text, at, 3), "/")
		r.Name = objectName(text[:at[0]], r)
		hits = append(hits, hit{at[0], Denial{Kind: DeniedByAuthorizer, User: value(text, at, 1), Request: r, Reason: afterMessage(text[at[1]:])}})
	}
	for _, at := range p.legacy.FindAllStringSubmatchIndex(text, -1) {
		typed := part(text, at, 3)
		r := Request{Verb: part(text, at, 2), Namespace: value(text, at, 4)}
		typed, r.Subresource, _ = strings.Cut(typed, "/")
		r.Resource, r.APIGroup, _ = strings.Cut(typed, ".")
		r.Name = objectName(text[:at[0]], r)
		hits = append(hits, hit{at[0], Denial{Kind: DeniedByAuthorizer, User: value(text, at, 1), Request: r, Reason: afterMessage(text[at[1]:])}})
	}
	for _, at := range p.path.FindAllStringSubmatchIndex(text, -1) {
		r := Request{Verb: part(text, at, 2), Path: value(text, at, 3)}
		if strings.HasPrefix(r.Path, "/") {
			hits = append(hits, hit{at[0], Denial{Kind: DeniedByAuthorizer, User: value(text, at, 1), Request: r, Reason: afterMessage(text[at[1]:])}})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
	var found []Denial
	for _, h := range hits {
		if h.deny.User != "" && (h.deny.Request.Resource != "" || h.deny.Request.Path != "") {
			found = append(found, h.deny)
		}
	}
	return found
}

// same reports whether two denials are of the same request of the same user:
// a log repeats them.
func (d Denial) same(other Denial) bool {
	return d.Kind == other.Kind && d.User == other.User && d.Request == other.Request && d.By == other.By
}

// objectName reads the name before a message: `pods "web" is forbidden: `.
func objectName(before string, r Request) string {
	const tail = 600 // longer than any object's name and type
	if len(before) > tail {
		before = before[len(before)-tail:]
	}
	before, ok := strings.CutSuffix(strings.TrimRight(before, " \t\r\n"), "is forbidden:")
	if !ok {
		return ""
	}
	before = strings.TrimRight(before, " \t\r\n")
	qualified := r.Resource
	if r.APIGroup != "" {
		qualified += "." + r.APIGroup
	}
	at := regexp.MustCompile(`(?:"(?:[^"\\\n]|\\.)*"|[^\s"\\]+)$`).FindStringIndex(before)
	if at == nil {
		return ""
	}
	rest := strings.TrimRight(before[:at[0]], " \t\r\n")
	noise, ok := strings.CutSuffix(rest, qualified)
	if !ok || rest == before[:at[0]] || noise != "" && !strings.ContainsAny(noise[len(noise)-1:], " \t\r\n\"(:'=") {
		return ""
	}
	return unquote(before[at[0]:])
}

// value returns a value of a match without its quotes and HTML entities: the
// API server writes & < > as entities.
func value(text string, at []int, n int) string { return unquote(part(text, at, n)) }

// part returns a part of a match as it stands.
func part(text string, at []int, n int) string {
	if at[2*n] < 0 {
		return ""
	}
	return text[at[2*n]:at[2*n+1]]
}

func unquote(s string) string {
	if plain, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		s = plain
	} else {
		s = strings.Trim(s, `"`)
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// goStrings reads a list as %q writes it: ["a" "b"].
func goStrings(list string) []string {
	var values []string
	for _, match := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(list, -1) {
		values = append(values, unquote(match))
	}
	return values
}

// afterMessage returns what follows a message on its line after a colon: the
// authorizer's own reason.
func afterMessage(rest string) string {
	reason, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return ""
	}
	reason, _, _ = strings.Cut(reason, "\n")
	if end := regexp.MustCompile(`"(?:\}|,\s*"[\w.@-]+":|$)`).FindStringIndex(reason); end != nil {
		reason = reason[:end[0]] // the rest of a JSON object around the message
	}
	return strings.TrimSpace(reason)
}

// missingRules returns the rules that follow a message of escalation, one a
// line.
func missingRules(rest string) string {
	var rules []string
	for line := range strings.Lines(strings.TrimPrefix(rest, "\n")) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "{") {
			break
		}
		rules = append(rules, line)
	}
	return strings.Join(rules, "\n")
}

// unescape takes one layer of quoting off, as JSON and %q put it on.
func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(text)
}

// straightQuotes repairs what chats and documents make of quotes.
func straightQuotes() *strings.Replacer {
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "&quot;", `"`, "&#34;", `"`, "\u00a0", " ", "\r\n", "\n")
}
