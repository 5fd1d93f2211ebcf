package reach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

func (a *answer) render() []printer.Printable {
	var items []printer.Printable
	if doubts := a.doubts(); len(doubts.Paragraphs) > 0 {
		items = append(items, doubts)
	}
	if a.from {
		items = append(items, a.heading("reaches", a.report.Reaches), a.table("to", a.report.Reaches))
	}
	if a.to {
		items = append(items, a.heading("is reached from", a.report.ReachedFrom), a.table("from", a.report.ReachedFrom))
		if slices.ContainsFunc(a.report.ReachedFrom, func(r v1alpha1.Reached) bool { return r.Kind == string(netpol.NodeEndpoint) && len(r.Partly) > 0 }) {
			items = append(items, printer.Note(printer.Plain("nodes, and pods of their network, always reach the pods on them")))
		}
	}
	if len(a.report.Reaches)+len(a.report.ReachedFrom) > 0 {
		items = append(items, printer.Help(printer.Plain("netpol-sim SOURCE DESTINATION --port PORT tells which policies decide")))
	}
	return items
}

func (a *answer) doubts() printer.Block {
	var b printer.Block
	for _, d := range a.report.Doubts {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, d.Detail)})
	}
	return b
}

// heading counts what is listed.
func (a *answer) heading(verb string, list []v1alpha1.Reached) printer.Block {
	total := 0
	for _, n := range a.total {
		total += n
	}
	who := a.report.Query.Endpoint
	if n := len(a.report.Endpoints); n > 1 {
		who += fmt.Sprintf(" (%d endpoints looked at together)", n)
	}
	what := fmt.Sprintf(" %s %d of %d %ss, nodes and addresses", verb, len(list), total, a.report.Query.By)
	if len(list) == 0 {
		what = fmt.Sprintf(" %s nothing", verb)
	}
	if ports := a.report.Query.Ports; len(ports) > 0 {
		what += " on " + strings.Join(ports, ", ")
	}
	text := printer.Concat(printer.Styled(printer.RoleHeading, who+what))
	if a.report.Incomplete {
		text = printer.Concat(text, printer.Styled(printer.RoleWarn, " (as far as it could be evaluated)"))
	}
	b := printer.Block{Paragraphs: []printer.Paragraph{{Text: text}}}
	if a.coarser {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, "there are too many workloads: this is by namespace; --by workload lists them all the same")})
	}
	return b
}

// section is a heading of the table, the riskiest first.
type section struct {
	title string
	has   func(v1alpha1.Reached) bool
}

func (a *answer) sections() []section {
	namespace := a.endpoint.Namespace
	if a.endpoint.Type == "Namespace" {
		namespace = a.endpoint.Name
	}
	own := func(r v1alpha1.Reached) bool {
		return r.Kind == string(netpol.PodEndpoint) && r.Namespace == namespace
	}
	outside := func(r v1alpha1.Reached) bool { return r.Kind == string(netpol.ExternalEndpoint) }
	return []section{
		{"internet", func(r v1alpha1.Reached) bool { return outside(r) && r.Internet }},
		{"other addresses", outside},
		{"other namespaces", func(r v1alpha1.Reached) bool {
			return r.Kind == string(netpol.PodEndpoint) && !own(r) && namespace != ""
		}},
		{"nodes", func(r v1alpha1.Reached) bool { return r.Kind == string(netpol.NodeEndpoint) }},
		{"namespace " + namespace, own},
		{"namespaces", func(v1alpha1.Reached) bool { return true }},
	}
}

// table lists in sections; each entry is in the first that has it.
func (a *answer) table(end string, list []v1alpha1.Reached) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: end, Shrink: 2, Cut: printer.CutMiddle, Role: printer.RoleName}, {Name: "ports", Shrink: 1},
	}}
	rest := slices.Clone(list)
	for _, s := range a.sections() {
		var here, others []v1alpha1.Reached
		for _, r := range rest {
			if s.has(r) {
				here = append(here, r)
			} else {
				others = append(others, r)
			}
		}
		rest = others
		if len(here) == 0 {
			continue
		}
		table.AddGroup(printer.Plain(s.title))
		for _, l := range a.lines(here) {
			table.Add(printer.Plain(l.name), l.ports)
		}
	}
	return table
}

type line struct {
	name  string
	ports printer.Text
}

// maxRanges is how many ranges with equal ports are listed one by one.
const maxRanges = 8

// lines makes one line of a namespace whose workloads are all alike, and of
// many ranges that are.
func (a *answer) lines(list []v1alpha1.Reached) []line {
	var lines []line
	for i := 0; i < len(list); {
		first := list[i]
		n := 1
		for i+n < len(list) && list[i+n].Namespace == first.Namespace && first.Name != netpol.Internet && portKey(list[i+n]) == portKey(first) {
			n++
		}
		switch {
		case first.Namespace != "" && n > 1 && n == a.total[first.Namespace] && !a.printer.Wide():
			lines = append(lines, line{fmt.Sprintf("%s: all %d %ss", first.Namespace, n, a.report.Query.By), a.portText(first)})
		case first.Kind == string(netpol.ExternalEndpoint) && n > maxRanges && !a.printer.Wide():
			ranges := 0
			for _, r := range list[i : i+n] {
				ranges += r.Members
			}
			lines = append(lines, line{fmt.Sprintf("%d ranges that policies name", ranges), a.portText(first)})
		default:
			n = 1
			lines = append(lines, line{network.ShortRanges(first.Name, a.printer.Wide()), a.portText(first)})
		}
		i += n
	}
	return lines
}

func portKey(r v1alpha1.Reached) string { return fmt.Sprint(r.Allowed, r.Partly, r.Undefined) }

// portText names the ports by their verdict.
func (a *answer) portText(r v1alpha1.Reached) printer.Text {
	var text printer.Text
	for _, part := range []struct {
		ports []string
		words string
		role  printer.Role
	}{
		{r.Allowed, "", printer.RolePlain},
		{r.Partly, "for some of them ", printer.RoleWarn},
		{r.Undefined, "undefined: ", printer.RoleWarn},
	} {
		if len(part.ports) == 0 {
			continue
		}
		if len(text) > 0 {
			text = printer.Concat(text, printer.Plain("; "))
		}
		text = printer.Concat(text, printer.Styled(part.role, part.words), printer.Plain(a.portList(part.ports)))
	}
	return text
}

// maxPorts is how many ranges a line names; -o wide names all.
const maxPorts = 8

func (a *answer) portList(ports []string) string {
	whole := len(ports) == len(netpol.Protocols())
	for _, p := range ports {
		whole = whole && strings.HasPrefix(p, "*/")
	}
	switch n := len(ports); {
	case whole:
		return "every port"
	case n > maxPorts && !a.printer.Wide():
		return strings.Join(ports[:maxPorts], ", ") + fmt.Sprintf(", %d more", n-maxPorts)
	}
	return strings.Join(ports, ", ")
}
