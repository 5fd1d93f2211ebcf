package check

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

const (
	// maxMebibytes is some hundred thousand assertions; the parser needs thirty
	// times the memory.
	maxMebibytes = 32
	// maxPorts bounds the ports of one assertion: aliases repeat lists.
	maxPorts = 64
)

// assertion is an entry that is understood.
type assertion struct {
	netpol.Assertion
	port string // the ports in words
	why  string
	line int
}

// entry is an assertion as it is written in a file.
type entry struct {
	From   assertions.Words `yaml:"from"`
	To     assertions.Words `yaml:"to"`
	Port   assertions.Words `yaml:"port"`
	Ports  assertions.Words `yaml:"ports"`
	Expect assertions.Words `yaml:"expect"`
	Why    string           `yaml:"why"`
}

func format() *assertions.Format {
	return &assertions.Format{
		Singles: true, Fields: []string{"from", "to", "port", "ports", "expect", "why"}, Blank: []string{"why"},
		Example: "{from: shop/deploy/cart, to: shop/svc/checkout, port: 80, expect: allow}",
	}
}

// parser understands entries. Most of them name the same endpoints again.
type parser struct {
	namespace string          // for names without one: what -n names, "" for none
	question  netpol.Question // what all ask
	seen      map[string]netpol.Reference
}

// parseAll understands the assertions of a file; what is wrong with one is said
// with its place.
func parseAll(file string, data []byte, namespace string, question netpol.Question) ([]assertion, error) {
	p := &parser{namespace, question, map[string]netpol.Reference{}}
	var all []assertion
	err := format().Each(file, data, func(node *yaml.Node) error {
		a, err := p.parse(assertions.Resolve(node))
		if err != nil {
			return fault.WithHelp(fault.Usage("%s: %w", assertions.Place(file, node.Line, len(all)+1), err), fault.Help(err)...)
		}
		a.line = node.Line
		all = append(all, a)
		return nil
	})
	return all, err
}

func (p *parser) parse(node *yaml.Node) (assertion, error) {
	var e entry
	if err := node.Decode(&e); err != nil {
		return assertion{}, errors.New(assertions.OneLine(err))
	}
	a := assertion{why: e.Why}
	a.Question = p.question
	var err error
	if a.From, err = p.end("from", e.From); err != nil {
		return a, err
	}
	if a.To, err = p.end("to", e.To); err != nil {
		return a, err
	}
	if err := network.CheckEnds(a.From, a.To); err != nil {
		return a, err
	}
	if err := a.parseExpect(e.Expect); err != nil {
		return a, err
	}
	return a, a.parsePorts(append(e.Port, e.Ports...))
}

// end understands one end of a flow.
func (p *parser) end(field string, typed assertions.Words) (netpol.Reference, error) {
	switch {
	case len(typed) == 0:
		return netpol.Reference{}, fmt.Errorf("field %s is missing", field)
	case len(typed) > 1:
		return netpol.Reference{}, fmt.Errorf("%s: one endpoint is wanted: write an assertion for each", field)
	}
	ref, ok := p.seen[typed[0]]
	if ok {
		return ref, nil
	}
	ref, err := network.ParseEndpoint(typed[0], p.namespace)
	if err != nil && p.namespace == "" {
		if in, parsed := netpol.ParseReference(typed[0], "default"); parsed == nil && in.Type != "" {
			return ref, fmt.Errorf("%s: %q names no namespace: write NAMESPACE/%s/%s, or type --namespace", field, typed[0], strings.ToLower(in.Type), in.Name)
		}
	}
	if err != nil {
		return ref, fault.WithHelp(fmt.Errorf("%s: %w", field, err), fault.Help(err)...)
	}
	p.seen[typed[0]] = ref
	return ref, nil
}

func (a *assertion) parseExpect(typed assertions.Words) error {
	if len(typed) == 0 {
		return nil
	}
	a.Expect = netpol.Expectation(strings.Join(typed, ", "))
	if a.Expect != netpol.ExpectAllow && a.Expect != netpol.ExpectDeny {
		return fmt.Errorf("expect: %q is neither allow nor deny", a.Expect)
	}
	return nil
}

func (a *assertion) parsePorts(typed assertions.Words) error {
	if len(typed) > maxPorts {
		return fmt.Errorf("port: more than %d: write ranges, or another assertion", maxPorts)
	}
	texts := make([]string, 0, len(typed))
	for _, port := range typed {
		names := len(a.Names)
		if err := a.AddPort(port); err != nil {
			return fmt.Errorf("port: %w", err)
		}
		if len(a.Names) > names {
			texts = append(texts, a.Names[names].String())
		} else {
			texts = append(texts, a.Ports[len(a.Ports)-1].String())
		}
	}
	a.port = strings.Join(texts, ",")
	return nil
}
