package output

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const (
	maxNamespaces = 5  // named in one line about a gap
	maxGapLines   = 12 // lines of gaps printed for people; JSON has them all
)

// gapBlock is one warning for all gaps: a line for each type and reason.
func gapBlock(gaps []snapshot.Gap) printer.Block {
	lines := []printer.Text{printer.Plain("the answer may be incomplete, these could not be read:")}
	groups := groupGaps(gaps)
	for i, g := range groups {
		if i == maxGapLines {
			lines = append(lines, printer.Plain(fmt.Sprintf("… and %d more (-o json lists all)", len(groups)-i)))
			break
		}
		lines = append(lines, printer.Plain(g.String()))
	}
	return printer.Warning(lines...)
}

// gapGroup is what gaps of one type and reason have in common.
type gapGroup struct {
	snapshot.Gap
	namespaces []string
}

// groupGaps joins gaps that differ in their namespace only. Unparsable input
// and what is absent from it are not joined: each is a line.
func groupGaps(gaps []snapshot.Gap) []gapGroup {
	type key struct {
		group, resource string
		reason          snapshot.Reason
		detail          string
	}
	at := map[key]int{}
	var groups []gapGroup
	for _, gap := range gaps {
		k := key{gap.Group, gap.Resource, gap.Reason, ""}
		if isLine(gap) {
			k.detail = gap.Detail
		}
		i, seen := at[k]
		if !seen {
			i = len(groups)
			at[k] = i
			groups = append(groups, gapGroup{Gap: gap})
		}
		if gap.Namespace != "" {
			groups[i].namespaces = append(groups[i].namespaces, gap.Namespace)
		}
	}
	return groups
}

// isLine reports whether the detail of a gap is the whole line about it: it
// names a place, or what was asked where that is no type.
func isLine(g snapshot.Gap) bool {
	return g.Detail != "" && (g.Reason == snapshot.Unparsable || g.Reason == snapshot.Absent || g.Reason == snapshot.NotModelled || g.Resource == "" && g.Group == "")
}

// String returns the line about the group.
func (g gapGroup) String() string {
	if isLine(g.Gap) {
		return g.Detail
	}
	var b strings.Builder
	switch {
	case g.Resource == "" && g.Group == "":
		b.WriteString("a part that is not named")
	case g.Resource == "":
		b.WriteString("types of the API group " + g.Group)
	case g.Group == "":
		b.WriteString(g.Resource)
	default:
		b.WriteString(g.Resource + "." + g.Group)
	}
	in := " in other namespaces than "
	if g.Resource == "namespaces" && g.Group == "" {
		in = " other than "
	}
	switch n := len(g.namespaces); {
	case n == 0 && len(g.Except) > maxNamespaces:
		fmt.Fprintf(&b, "%s%s, …", in, strings.Join(g.Except[:maxNamespaces], ", "))
	case n == 0 && len(g.Except) > 0:
		fmt.Fprintf(&b, "%s%s", in, strings.Join(g.Except, ", "))
	case n == 1:
		fmt.Fprintf(&b, " in namespace %s", g.namespaces[0])
	case n > maxNamespaces:
		fmt.Fprintf(&b, " in %d namespaces (%s, …)", n, strings.Join(g.namespaces[:maxNamespaces], ", "))
	case n > 1:
		fmt.Fprintf(&b, " in namespaces %s", strings.Join(g.namespaces, ", "))
	}
	fmt.Fprintf(&b, ": %s", words(g.Reason))
	if g.Detail != "" && g.Reason != snapshot.Forbidden {
		fmt.Fprintf(&b, " (%s)", g.Detail)
	}
	return b.String()
}

func words(r snapshot.Reason) string {
	switch r {
	case snapshot.NotServed:
		return "not served"
	case snapshot.TimedOut:
		return "no answer in time"
	case snapshot.Expired:
		return "changed while it was read"
	case snapshot.Redacted:
		return "left out when the snapshot was saved, --include-config keeps it"
	default:
		return string(r)
	}
}
