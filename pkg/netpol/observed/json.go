package observed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// record is a line of JSON: a response of Hubble, a flow of Hubble by itself as
// its first versions printed it, or one of JSONL.
type record struct {
	Flow   *hubbleFlow `json:"flow"`
	Lost   *lost       `json:"lost_events"`
	Status *nodeStatus `json:"node_status"`
	Agent  *struct{}   `json:"agent_event"`
	Debug  *struct{}   `json:"debug_event"`
	hubbleFlow

	From     *string `json:"from"`
	To       *string `json:"to"`
	Port     word    `json:"port"`
	Protocol string  `json:"protocol"`
	Count    word    `json:"count"`
}

// word is a text or a number.
type word string

// UnmarshalJSON reads either.
func (w *word) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '"' {
		*w = word(data)
		if bytes.ContainsAny(data, "{[tfn") {
			return fmt.Errorf("%s is neither a text nor a number", data)
		}
		return nil
	}
	return json.Unmarshal(data, (*string)(w))
}

func (p *parser) json(text []byte) error {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return jsonFault(err)
	}
	isHubble := r.Flow != nil || r.Lost != nil || r.Status != nil || r.Agent != nil || r.Debug != nil || r.IP != nil
	isPlain := r.From != nil || r.To != nil
	switch {
	case isPlain && !isHubble && p.format != Hubble:
		return p.jsonl(&r, text)
	case isHubble && p.format != JSONL:
		return p.hubble(&r)
	case isHubble || isPlain:
		return fmt.Errorf("it is not of the format %s", p.format)
	default:
		return errors.New("it has neither flow, as Hubble writes it, nor from and to")
	}
}

// jsonFault says what is wrong without the names of Go's types.
func jsonFault(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %s is a %s", wrong.Field, wrong.Value)
	}
	return fmt.Errorf("it is no JSON: %w", err)
}

func (p *parser) jsonl(r *record, text []byte) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return jsonFault(err)
	}
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	p.ignore(names)
	row := map[string]string{"port": string(r.Port), "protocol": r.Protocol, "count": string(r.Count)}
	if r.From != nil {
		row["from"] = *r.From
	}
	if r.To != nil {
		row["to"] = *r.To
	}
	return p.row(row)
}

// ignore remembers fields that mean nothing here.
func (p *parser) ignore(names []string) {
	for _, name := range names {
		if !slices.Contains(columns(), strings.ToLower(name)) && !slices.Contains(p.log.Ignored, name) && len(p.log.Ignored) < MaxProblems {
			p.log.Ignored = append(p.log.Ignored, name)
		}
	}
}
