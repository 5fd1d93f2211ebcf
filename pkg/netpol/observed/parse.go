package observed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Format is how records are written.
type Format string

// The formats. Auto tells them apart line by line.
const (
	Auto      Format = "auto"
	Hubble    Format = "hubble"
	Conntrack Format = "conntrack"
	CSV       Format = "csv"
	JSONL     Format = "jsonl"
)

// Formats returns all formats.
func Formats() []Format { return []Format{Auto, Hubble, Conntrack, CSV, JSONL} }

// MaxFlows bounds how many different flows are kept.
const MaxFlows = 1 << 19

// Parse reads records, which may be compressed by gzip or in UTF-16. A record
// that is not understood is a Problem, and the others count all the same; so
// do those before a place where reading fails. The error is for a format that
// does not exist.
func Parse(in io.Reader, format Format) (*Log, error) {
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("there is no format %q of flows", format)
	}
	p := newParser(format)
	text, err := plain(in)
	if err != nil {
		p.problem(1, "%v", err)
		return p.log, nil
	}
	if head, _ := text.Peek(pageSize); opensJSON(head) && format != CSV && format != Conntrack {
		p.readJSON(text)
	} else {
		p.read(&lines{in: text})
	}
	return p.log, nil
}

// parser collects what the lines of an input say.
type parser struct {
	format Format
	log    *Log
	known  map[Flow]int // positions in log.Flows, by all but counts and lines
	header []string     // of CSV
	line   int
	most   int // different flows
}

func newParser(format Format) *parser {
	log := &Log{Flows: []Flow{}, Skipped: []Skipped{}, Problems: []Problem{}, Ignored: []string{}}
	return &parser{format: format, log: log, known: map[Flow]int{}, most: MaxFlows}
}

func (p *parser) read(in *lines) {
	for {
		line, err := in.next()
		p.line = in.number
		switch text := bytes.TrimSpace(line); {
		case errors.Is(err, errLong):
			p.fail(errLong)
		case len(text) == 0 || text[0] == '#':
		default:
			if err := p.record(text); err != nil {
				p.fail(err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil && !errors.Is(err, errLong):
			p.problem(in.number, "the end is missing: %v", err)
			return
		}
	}
}

// record understands one line.
func (p *parser) record(text []byte) error {
	if bytes.IndexByte(text, 0) >= 0 {
		return errors.New("it has bytes that no text has")
	}
	switch kind := p.kind(text); kind {
	case Conntrack:
		return p.conntrack(text)
	case CSV:
		return p.csv(text)
	case Auto:
		return errors.New("it is neither Hubble's JSON, nor a line of conntrack, nor CSV under a header that has from and to")
	default:
		return p.json(text)
	}
}

// kind tells how a line is written; Hubble stands for both formats of JSON.
func (p *parser) kind(text []byte) Format {
	switch {
	case p.format == JSONL:
		return Hubble
	case p.format != Auto:
		return p.format
	case text[0] == '{':
		return Hubble
	case isConntrack(text):
		return Conntrack
	case p.header != nil || isHeader(text):
		return CSV
	default:
		return Auto
	}
}

func (p *parser) problem(line int, format string, args ...any) {
	if p.log.Troubles++; p.log.Troubles <= MaxProblems {
		p.log.Problems = append(p.log.Problems, Problem{line, fmt.Sprintf(format, args...)})
	}
}

func (p *parser) fail(err error) { p.problem(p.line, "%v", err) }

// skip counts a record that is no new connection which came through.
func (p *parser) skip(reason Reason, count int64) {
	p.log.Records++
	for i := range p.log.Skipped {
		if s := &p.log.Skipped[i]; s.Reason == reason {
			s.Count = plus(s.Count, count)
			return
		}
	}
	p.log.Skipped = append(p.log.Skipped, Skipped{reason, count, p.line})
}

// add takes a flow, with those that were seen of it before.
func (p *parser) add(f Flow) {
	switch to, from := f.To.Address, f.From.Address; {
	case to.IsLoopback(), from.IsLoopback():
		p.skip(Loopback, f.Count)
		return
	case to.IsMulticast(), to.IsValid() && to == broadcast():
		p.skip(Multicast, f.Count)
		return
	}
	key := f
	key.Count, key.Line, key.Unanswered = 0, 0, false
	if i, ok := p.known[key]; ok {
		p.log.Records++
		known := &p.log.Flows[i]
		known.Count = plus(known.Count, f.Count)
		known.Unanswered = known.Unanswered && f.Unanswered
		return
	}
	if len(p.log.Flows) == p.most {
		p.problem(p.line, "there are more than %d different flows: this one is left out", p.most)
		return
	}
	p.log.Records++
	p.known[key] = len(p.log.Flows)
	f.Line = p.line
	p.log.Flows = append(p.log.Flows, f)
}

// plus adds counts; a sum that is too large stays at the largest.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
