package netpolsim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxProofs is how many verdicts are explained rule by rule; -o wide explains
// all.
const maxProofs = 2

// view renders a report for people.
type view struct {
	report *v1alpha1.FlowReport
	wide   bool
	// entryUnknown: who serves the source was not said.
	entryUnknown bool
}

func (v *view) render() []printer.Printable {
	items := []printer.Printable{v.answer()}
	if lines := v.lines(); len(lines) > 1 {
		items = append(items, v.table(lines))
	}
	items = append(items, v.proofs()...)
	if v.report.Suggestion != nil {
		items = append(items, v.suggestion(v.report.Suggestion)...)
	}
	if v.entryUnknown {
		items = append(items, printer.Help(printer.Plain("--entry-from names them, as --entry-from ingress-nginx/deploy/ingress-nginx-controller")))
	}
	return items
}

// answer is the answer in one sentence.
func (v *view) answer() printer.Block {
	r := v.report
	word := verdict(r.Verdict, strings.ToUpper(r.Verdict))
	if r.Incomplete {
		word = printer.Concat(word, printer.Styled(printer.RoleWarn, " (as far as it could be evaluated)"))
	}
	text := r.Query.To
	switch ports, rest := v.open(); {
	case len(r.Query.Ports) > 0:
		text += " on " + strings.Join(r.Query.Ports, ", ")
	case rest != "":
		text += " on " + ports + "; " + rest
	}
	b := printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Concat(word,
		printer.Styled(printer.RoleHeading, ": "+r.Query.From), printer.Sign(printer.RoleHeading, printer.GlyphArrow), printer.Styled(printer.RoleHeading, text))}}}
	for _, d := range r.Doubts {
		cause := "the API leaves it to the network"
		if d.Cause == string(netpol.ByInput) {
			cause = "the input lacks it"
		}
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, cause+": "+d.Detail)})
	}
	return b
}

// maxOpen is how many ranges of ports a sentence names.
const maxOpen = 5

// open names the ports that are open where not all are and no port was asked
// for, and what is said of the others.
func (v *view) open() (ports, rest string) {
	var open []string
	closed := false
	for _, f := range v.report.Flows {
		for _, p := range f.Ports {
			closed = closed || p.Verdict != string(netpol.Allowed)
		}
	}
	for _, l := range v.lines() {
		if l.verdict == string(netpol.Allowed) && !slices.Contains(open, l.port) {
			open = append(open, l.port)
		}
	}
	if !closed || len(open) == 0 || v.report.Verdict != string(netpol.Allowed) {
		return "", ""
	}
	if n := len(open); n > maxOpen {
		open = append(open[:maxOpen], fmt.Sprintf("%d more", n-maxOpen))
	}
	return strings.Join(open, ", "), "other ports are not open"
}

func verdict(v, text string) printer.Text {
	return printer.Styled(network.Role(v), text)
}

func end(e v1alpha1.FlowEnd) string { return e.String() }

// proofs shows how the first flows came out, each kind of verdict once.
func (v *view) proofs() []printer.Printable {
	var items []printer.Printable
	shown := map[string]bool{}
	total := 0
	for _, f := range v.report.Flows {
		for _, p := range f.Ports {
			total++
			// Where something is open, that the rest is not needs no proof.
			if !v.wide && (p.Verdict == string(netpol.Denied) && v.hasOpen(f) || shown[p.Verdict] || len(shown) == maxProofs) {
				continue
			}
			shown[p.Verdict] = true
			title := printer.Concat(network.Sign(p.Verdict), printer.Plain(" "+end(f.From)), printer.Sign(printer.RolePlain, printer.GlyphArrow),
				printer.Plain(end(f.To)+" on "+portsOf(p)+v.over(f)))
			items = append(items, printer.Heading{Title: title}, proof(f, p, v.wide))
		}
	}
	if !v.wide && total > len(shown) && len(v.report.Query.Ports) == 0 {
		items = append(items, printer.Help(printer.Plain("--port explains one port, -o wide all of them")))
	}
	return items
}

// portsOf names ports of one verdict, and those of them that are explained.
func portsOf(p v1alpha1.PortVerdict) string {
	if p.Explained == "" {
		return p.Ports
	}
	return p.Ports + ", as " + p.Explained
}

// proof is the walk, or what decided without one.
func proof(f v1alpha1.FlowResult, p v1alpha1.PortVerdict, wide bool) printer.Printable {
	if p.Reason != "" {
		return printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Plain(p.Reason)}}}
	}
	return printer.Tree{Roots: network.Proof(f, p, wide)}
}
