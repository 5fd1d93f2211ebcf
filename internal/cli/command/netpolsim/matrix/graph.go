package matrix

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

const (
	maxDrawn        = 300 // nodes of a graph that was not asked for by --by
	maxMermaidEdges = 500 // its own default: beyond it renders an error
)

// graph is what a drawing shows.
type graph struct {
	*view
	edges []graphEdge
	shown []bool // parties that have an edge, or were asked for
}

type graphEdge struct {
	from, to int
	label    string
	unsure   bool // of some members only, or undefined
}

// draw prints the parties and what passes from or to pods: policies are about
// nothing else.
func (a *answer) draw(format string) error {
	v := &view{answer: a}
	limit := maxDrawn
	if a.by != "" {
		limit = 1 << 30 // as was asked for
	}
	v.layout, v.fits = a.chosen(cmp.Or(a.by, netpol.ByWorkload), limit)
	between := a.m.Between(v.parties, v.parties)
	between.WithoutNear = true
	g := &graph{view: v, shown: make([]bool, len(v.parties))}
	for from, p := range v.parties {
		g.shown[from] = g.shown[from] || p.Kind == netpol.PodEndpoint && (a.matrix.Namespace == "" || v.isOwn(p))
		for _, c := range between.Row(from) {
			if to := v.parties[c.To]; isPair(c) && c.Reach != netpol.ReachNone && (p.Kind == netpol.PodEndpoint || to.Kind == netpol.PodEndpoint) {
				g.shown[from], g.shown[c.To] = true, true
				unsure := c.Reach == netpol.ReachMixed || c.Reach == netpol.ReachUndefined
				g.edges = append(g.edges, graphEdge{c.From, c.To, g.edgeLabel(c), unsure})
			}
		}
	}
	if err := g.hint(format); err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.env.Out, bufferSize)
	if format == formatDOT {
		g.dot(out)
	} else {
		g.mermaid(out)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print the answer: %w", err)
	}
	return nil
}

// hint tells of a graph that is not what was asked for, or cannot be drawn.
func (g *graph) hint(format string) error {
	var notes []printer.Text
	if g.by == "" && g.own != netpol.ByWorkload {
		notes = append(notes, printer.Plain("there are too many workloads to draw: this is by namespace; --by workload draws them all the same"))
	}
	if format == formatMermaid && len(g.edges) > maxMermaidEdges {
		notes = append(notes, printer.Plain(fmt.Sprintf("mermaid draws %d edges unless maxEdges says more, and there are %d: use -n NAMESPACE, --port or --by namespace", maxMermaidEdges, len(g.edges))))
	}
	if len(notes) == 0 {
		return nil
	}
	return g.printer.Hints(printer.Note(notes...))
}

// edgeLabel is short: a drawing has no room.
func (g *graph) edgeLabel(c netpol.Crossing) string {
	var label strings.Builder
	for _, part := range g.portText(c) {
		label.WriteString(part.Text)
	}
	return label.String()
}

// nodes writes the parties that are shown, by their groups. open and node are
// formats of a number and a text, which quote makes of a name.
func (g *graph) nodes(out io.Writer, open, node, end string, quote func(string) string) {
	group := ""
	for i, p := range g.parties {
		if !g.shown[i] {
			continue
		}
		if name := g.group(p); name != group {
			if group != "" {
				fmt.Fprint(out, end)
			}
			group = name
			fmt.Fprintf(out, open, i, quote(group))
		}
		fmt.Fprintf(out, node, i, quote(g.label(p)))
	}
	if group != "" {
		fmt.Fprint(out, end)
	}
}

// dot writes Graphviz' language.
func (g *graph) dot(out io.Writer) {
	fmt.Fprintln(out, "digraph reachability {")
	fmt.Fprintln(out, "  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];")
	g.nodes(out, "  subgraph cluster_%d {\n    label=%s;\n", "    n%d [label=%s];\n", "  }\n", dotText)
	for _, e := range g.edges {
		style := ""
		if e.unsure {
			style = ", style=dashed"
		}
		fmt.Fprintf(out, "  n%d -> n%d [label=%s%s];\n", e.from, e.to, dotText(e.label), style)
	}
	fmt.Fprintln(out, "}")
}

// dotText is a quoted string: backslashes begin escapes there, and names are
// hostile.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printer.Escape(s)) + `"`
}

// mermaid writes a flowchart.
func (g *graph) mermaid(out io.Writer) {
	fmt.Fprintln(out, "flowchart LR")
	g.nodes(out, "  subgraph g%d[%s]\n", "    n%d[%s]\n", "  end\n", mermaidText)
	for _, e := range g.edges {
		arrow := "-->"
		if e.unsure {
			arrow = "-.->"
		}
		fmt.Fprintf(out, "  n%d %s|%s| n%d\n", e.from, arrow, mermaidText(e.label), e.to)
	}
}

// mermaidText is a quoted string. Whatever its grammar, Markdown or HTML may
// take for something else is written as a character code.
func mermaidText(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range printer.Escape(s) {
		switch {
		case r == ' ' || r == '-' || r == '.' || r == ',' || r == '/' || r == ':' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
