package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// renderDiff shows a comparison to people: all that is gained first, since it
// is what an attacker wants, then all that is lost.
func renderDiff(r *v1alpha1.SnapshotDiffReport, wide bool) []printer.Printable {
	table := &printer.Table{
		Columns: []printer.Column{
			{Name: "change"},
			{Name: "scope", Shrink: 1, Below: true},
			{Name: "verbs", Role: printer.RoleName, Shrink: 1, Min: 12, Below: true},
			{Name: "type", Role: printer.RoleName, Shrink: 2, Min: 14, Below: true},
			{Name: "via", Shrink: 3, Min: 3, Below: true},
		},
		Legend: printer.Concat(access.ChainLegend(), printer.Plain("; API groups are without .k8s.io, and rbac = rbac.authorization.k8s.io")),
	}
	gained := func(s v1alpha1.SubjectChanges) []v1alpha1.PermissionChange { return s.Gained }
	lost := func(s v1alpha1.SubjectChanges) []v1alpha1.PermissionChange { return s.Lost }
	addSide(table, r.Subjects, gained, gainedWords(), wide)
	addSide(table, r.Subjects, lost, lostWords(), wide)
	var gain, lose counted
	for _, s := range r.Subjects {
		gain.add(s.Gained)
		lose.add(s.Lost)
	}
	atLeast := ""
	if r.Incomplete {
		atLeast = "at least "
	}
	aside := fmt.Sprintf("%s%s, %s", atLeast, gain.words("gains", "gain"), lose.words("loses", "lose"))
	title := fmt.Sprintf("Permissions from %s to %s", r.From.Name, r.To.Name)
	return []printer.Printable{printer.Heading{Title: printer.Plain(title), Aside: printer.Plain(aside)}, table, members(r), objects(r)}
}

// counted counts subjects: with a proven change, and with unproven ones only.
type counted struct{ proven, unproven int }

func (n *counted) add(changes []v1alpha1.PermissionChange) {
	switch {
	case len(changes) == 0:
	case slices.ContainsFunc(changes, func(c v1alpha1.PermissionChange) bool { return !c.Unproven }):
		n.proven++
	default:
		n.unproven++
	}
}

// words says how many subjects do what.
func (n counted) words(one, many string) string {
	text := count(n.proven, "subject") + " " + many
	if n.proven == 1 {
		text = "1 subject " + one
	}
	switch {
	case n.unproven > 0 && n.proven > 0:
		return fmt.Sprintf("%s (%d more may)", text, n.unproven)
	case n.unproven > 0:
		return fmt.Sprintf("%s (%d may)", text, n.unproven)
	default:
		return text
	}
}

// changeWords are how changes of one direction are named.
type changeWords struct {
	role          printer.Role
	sign          string
	shared, after string // around what the other side has too
	mark          string // of what leads further
	hidden        string // rows that are not shown
}

func gainedWords() changeWords {
	return changeWords{printer.RoleBad, "+ gained", "had ", " before", " !", "gained"}
}

func lostWords() changeWords {
	return changeWords{printer.RoleGood, "- lost", "still has ", "", "", "lost"}
}

// maxRows is how many rows people get of what is gained, and of what is lost,
// before they ask for all.
const maxRows = 40

// subjectLine is a row: a line of a subject.
type subjectLine struct {
	subject int
	changeLine
}

// addSide adds what is gained, or lost: of each subject a row for each type,
// with all of its verbs, and the same changes in many namespaces as one. What
// leads furthest comes first, and is shown where not all is.
func addSide(table *printer.Table, subjects []v1alpha1.SubjectChanges, changes func(v1alpha1.SubjectChanges) []v1alpha1.PermissionChange, words changeWords, wide bool) {
	var rows []subjectLine
	marked := 0
	grader := newGrader()
	for i, s := range subjects {
		for _, line := range changeLines(changes(s), grader, wide) {
			rows = append(rows, subjectLine{i, line})
			if line.grade.powerful() {
				marked++
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b subjectLine) int { return a.grade.compare(b.grade) })
	hidden := 0
	if len(rows) > maxRows && !wide {
		hidden = len(rows) - maxRows
		rows = rows[:maxRows]
	}
	var order []int
	of := map[int][]changeLine{}
	for _, row := range rows {
		if of[row.subject] == nil {
			order = append(order, row.subject)
		}
		of[row.subject] = append(of[row.subject], row.changeLine)
	}
	for _, subject := range order {
		table.AddGroup(printer.Plain(subjects[subject].Ref()))
		for _, line := range of[subject] {
			addLine(table, line, words, wide)
		}
	}
	if hidden > 0 {
		text := fmt.Sprintf("and %s of what is %s", count(hidden, "more row"), words.hidden)
		if n := marked - maxRows; n > 0 && words.mark != "" {
			text += fmt.Sprintf(", %d of them marked !", n)
		}
		table.AddGroup(printer.Styled(printer.RoleWarn, text+" (-o wide shows all)"))
	}
}

func addLine(table *printer.Table, l changeLine, words changeWords, wide bool) {
	sign := printer.Styled(words.role, words.sign)
	if l.unproven {
		sign = printer.Styled(printer.RoleWarn, words.sign+"?")
	}
	if l.grade.powerful() {
		sign = printer.Concat(sign, printer.Styled(printer.RoleBad, words.mark))
	}
	chains := distinct(l.via)
	chain := printer.Concat(access.Chain(chains[0]), access.More(len(chains)-1))
	table.Add(sign, printer.Plain(scopes(l.namespaces)), printer.Plain(l.verbs), typeCell(l.what), chain)
	row := &table.Rows[len(table.Rows)-1]
	if len(l.shared) > 0 {
		row.Children = append(row.Children, printer.Node{Label: printer.Plain(words.shared + l.shared + words.after), Wrap: true})
	}
	if wide && len(chains) > 1 {
		for _, via := range chains {
			row.Children = append(row.Children, printer.Node{Label: access.Chain(via), Wrap: true})
		}
	}
}

// typeCell can leave out the end of the API group, which is long and the same
// for most of the types of Kubernetes.
func typeCell(what string) printer.Text {
	name, rest, _ := strings.Cut(what, " ")
	short, ok := strings.CutSuffix(name, ".rbac.authorization.k8s.io")
	if ok {
		short += ".rbac"
	} else {
		short = strings.TrimSuffix(name, ".k8s.io")
	}
	if rest != "" {
		rest = " " + rest
	}
	if short == name {
		short = ""
	}
	return printer.Text{{Text: name, Short: short}, {Text: rest}}
}
