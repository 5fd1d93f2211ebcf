package netpolsim

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxOpenings is how many openings are listed; -o wide lists all.
const maxOpenings = 5

// suggestion is what to apply: what it does, what else it opens, and the
// objects.
func (v *view) suggestion(s *v1alpha1.FlowSuggestion) []printer.Printable {
	if s.Reason != "" {
		return []printer.Printable{labelled("suggestion", printer.RoleWarn, printer.Plain("none: "+s.Reason))}
	}
	lines := v.doing(s)
	lines = append(lines, v.opening(s)...)
	items := []printer.Printable{labelled("suggestion", printer.RoleGood, lines...)}
	for _, edit := range s.Edits {
		items = append(items, printer.Heading{Title: printer.Plain(fmt.Sprintf("what %s/%s gains in %s", edit.Namespace, edit.Name, edit.Path))}, added(edit))
	}
	items = append(items, printer.Heading{Title: printer.Plain("to apply, with kubectl apply -f FILE")}, documents(s))
	for _, note := range s.Notes {
		items = append(items, printer.Note(printer.Plain(note)))
	}
	return items
}

func labelled(label string, role printer.Role, lines ...printer.Text) printer.Block {
	b := printer.Block{Label: label, Role: role}
	for _, line := range lines {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: line})
	}
	return b
}

// doing says what changes.
func (v *view) doing(s *v1alpha1.FlowSuggestion) []printer.Text {
	var lines []printer.Text
	edited := map[string]bool{}
	for _, edit := range s.Edits {
		edited[edit.Namespace+"/"+edit.Name] = true
		origin := ""
		if edit.Origin != "" {
			origin = " (" + edit.Origin + ")"
		}
		lines = append(lines, printer.Plain(fmt.Sprintf("edit NetworkPolicy %s/%s%s", edit.Namespace, edit.Name, origin)))
	}
	for _, np := range s.Objects {
		if !edited[np.Namespace+"/"+np.Name] {
			lines = append(lines, printer.Plain(fmt.Sprintf("create NetworkPolicy %s/%s", np.Namespace, np.Name)))
		}
	}
	return lines
}

// opening says what becomes possible beside what was asked for.
func (v *view) opening(s *v1alpha1.FlowSuggestion) []printer.Text {
	var sure, maybe []printer.Text
	for _, o := range s.Opens {
		pairs := ""
		if o.Pairs > 1 {
			pairs = fmt.Sprintf(" (%d pairs)", o.Pairs)
		}
		line := printer.Concat(printer.Plain("- "+o.From), printer.Sign(printer.RolePlain, printer.GlyphArrow),
			printer.Plain(o.To+" on "+strings.Join(o.Ports, ", ")+pairs))
		if o.Verdict == string(netpol.Undefined) {
			maybe = append(maybe, line)
		} else {
			sure = append(sure, line)
		}
	}
	var lines []printer.Text
	if len(sure) == 0 {
		lines = append(lines, printer.Styled(printer.RoleGood, "simulated: it allows what was asked, opens nothing else for sure and closes nothing"))
		if len(maybe) == 0 {
			lines[0] = printer.Styled(printer.RoleGood, "simulated: it allows exactly what was asked, opens nothing else and closes nothing")
		}
	} else {
		lines = append(lines, printer.Styled(printer.RoleWarn, "simulated: it allows what was asked and closes nothing; as policies select by labels and addresses, it also opens"))
		lines = append(lines, v.few(sure, maxOpenings)...)
	}
	if len(maybe) > 0 {
		lines = append(lines, printer.Plain("what it may open is not known, as where pods have no address yet"))
		lines = append(lines, v.few(maybe, 1)...)
	}
	return lines
}

// few are the first lines, and how many there are more.
func (v *view) few(lines []printer.Text, limit int) []printer.Text {
	if v.wide || len(lines) <= limit+1 {
		return lines
	}
	return append(lines[:limit:limit], printer.Plain(fmt.Sprintf("- and %d more (-o wide lists all)", len(lines)-limit)))
}

// added is what a rule gains, as a diff has it.
func added(edit v1alpha1.FlowEdit) printer.Block {
	var value any = edit.Peers
	if len(edit.Ports) > 0 {
		value = edit.Ports
	}
	text, err := network.PartYAML(value)
	return verbatim(text, err, "+ ", printer.RoleGood)
}

// documents are the objects to apply.
func documents(s *v1alpha1.FlowSuggestion) printer.Block {
	var b printer.Block
	for i := range s.Objects {
		if i > 0 {
			b = b.Verbatim(printer.Plain("---"))
		}
		text, err := network.PolicyYAML(&s.Objects[i], network.Comments{})
		b.Paragraphs = append(b.Paragraphs, verbatim(text, err, "", printer.RolePlain).Paragraphs...)
	}
	return b
}

// verbatim is YAML, line by line.
func verbatim(text string, err error, before string, role printer.Role) printer.Block {
	var b printer.Block
	if err != nil {
		return b.Verbatim(printer.Plain(err.Error()))
	}
	for line := range strings.Lines(text) {
		b = b.Verbatim(printer.Styled(role, before+strings.TrimSuffix(line, "\n")))
	}
	return b
}
