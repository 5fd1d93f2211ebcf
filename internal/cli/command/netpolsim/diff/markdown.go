package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxMarkdown is how many rows a comment gets: GitHub takes 65,536 characters.
const maxMarkdown = 100

// writeMarkdown writes a comment for a review.
func writeMarkdown(w io.Writer, r *v1alpha1.FlowDiffReport) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", markdown(upper(answer(r))))
	if r.Incomplete {
		b.WriteString(" (as far as it could be evaluated)")
	}
	b.WriteString("\n")
	for i, p := range r.Policies {
		if i == 0 {
			b.WriteString("\n")
		}
		if i == maxMarkdown {
			fmt.Fprintf(&b, "- and %d more\n", len(r.Policies)-i)
			break
		}
		fmt.Fprintf(&b, "- %s: %s %s\n", strings.ToLower(p.Change), p.Kind, code(policyName(p)))
	}
	if lines := rows(r); len(lines) > 0 {
		b.WriteString("\n| change | source | destination | ports | because |\n| --- | --- | --- | --- | --- |\n")
		for i, l := range lines {
			if i == maxMarkdown {
				fmt.Fprintf(&b, "\n%s not shown.\n", count(len(lines)-i, "more change is", "more changes are"))
				break
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", changeWord(l.change), code(ends(l.from, false)), code(ends(l.to, false)),
				code(portsText(l.ports, maxPorts)), markdown(strings.Join(l.causes, "; ")))
		}
	}
	for _, g := range r.Added {
		fmt.Fprintf(&b, "\n- new: %s: %s", code(groupName(g.FlowGroup, false)), isolation(g))
	}
	for _, g := range r.Gone {
		fmt.Fprintf(&b, "\n- gone: %s", code(groupName(g, false)))
	}
	if len(r.Added)+len(r.Gone) > 0 {
		b.WriteString("\n")
	}
	if o := r.Observed; o != nil {
		fmt.Fprintf(&b, "\n**%s**\n", markdown(upper(observedAnswer(o))))
		for i, f := range o.Results {
			if i == 0 {
				b.WriteString("\n| flow | source | destination | port | seen | because |\n| --- | --- | --- | --- | --- | --- |\n")
			}
			if i == maxMarkdown {
				fmt.Fprintf(&b, "\n%s not shown.\n", count(len(o.Results)-i, "more flow is", "more flows are"))
				break
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", outcomeWord(f.Outcome), code(f.From), code(f.To), code(f.Port), commas(f.Count), markdown(strings.Join(reasons(f), "; ")))
		}
	}
	for i, note := range append(slices.Clone(r.Notes), missed(r)...) {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- %s\n", markdown(note))
	}
	_, err := io.WriteString(w, b.String())
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// missed are lines about what could not be evaluated.
func missed(r *v1alpha1.FlowDiffReport) []string {
	var lines []string
	for _, gap := range r.Gaps {
		parts := []string{"not evaluated:", gap.Resource, gap.Namespace, string(gap.Reason), gap.Detail}
		lines = append(lines, strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " "))
	}
	return lines
}

// markdown escapes what Markdown and HTML give a meaning to, and mentions.
func markdown(s string) string {
	var b strings.Builder
	for _, c := range printer.Escape(s) {
		switch {
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '&':
			b.WriteString("&amp;")
		case c == '@': // would notify people
			b.WriteString("&#64;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~", c):
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// code is text as code in a cell of a table.
func code(s string) string {
	s = strings.NewReplacer("`", "'", "|", "\\|").Replace(printer.Escape(s))
	return "`" + s + "`"
}
