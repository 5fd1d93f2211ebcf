package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// renderDiff shows a comparison to people: all that is gained first, since it
// is what an attacker wants, then all that is lost.
func renderDiff(r *v1alpha1.SnapshotDiffReport, wide bool) []printer.Printable {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "change"},
		{Name: "scope", Shrink: 1},
		{Name: "verbs", Role: printer.RoleName, Shrink: 2, Min: 12},
		{Name: "type", Role: printer.RoleName, Shrink: 2, Cut: printer.CutMiddle, Min: 14},
		{Name: "via", Shrink: 3, Min: 22, Cut: printer.CutMiddle},
	}}
	var gain, lose counted
	for _, s := range r.Subjects {
		gain.add(s.Gained)
		addChanges(table, s, s.Gained, gainedWords(), wide)
	}
	for _, s := range r.Subjects {
		lose.add(s.Lost)
		addChanges(table, s, s.Lost, lostWords(), wide)
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
}

func gainedWords() changeWords {
	return changeWords{printer.RoleBad, "+ gained", "had ", " before"}
}

func lostWords() changeWords {
	return changeWords{printer.RoleGood, "- lost", "still has ", ""}
}

// changeLine is what changes on one type, or its named objects, in the same
// way in some scopes.
type changeLine struct {
	changeText
	namespaces []string
	via        []v1alpha1.Via
}

// changeText is what a line says, without its scopes.
type changeText struct {
	verbs, what, shared string
	unproven            bool
}

// addChanges adds a subject with a row for each type, with all of its verbs,
// and the same changes in many namespaces as one.
func addChanges(table *printer.Table, s v1alpha1.SubjectChanges, changes []v1alpha1.PermissionChange, words changeWords, wide bool) {
	if len(changes) == 0 {
		return
	}
	table.AddGroup(printer.Plain(s.Ref()))
	for _, l := range changeLines(changes, wide) {
		sign := printer.Styled(words.role, words.sign)
		if l.unproven {
			sign = printer.Styled(printer.RoleWarn, words.sign+"?")
		}
		chains := distinct(l.via)
		chain := access.Chain(chains[0])
		if n := len(chains) - 1; n > 0 {
			chain = printer.Concat(chain, printer.Styled(printer.RoleDim, fmt.Sprintf(" (+%d)", n)))
		}
		table.Add(sign, printer.Plain(scopes(l.namespaces)), printer.Plain(l.verbs), printer.Plain(l.what), chain)
		row := &table.Rows[len(table.Rows)-1]
		if l.shared != "" {
			row.Children = append(row.Children, printer.Node{Label: printer.Plain(words.shared + l.shared + words.after)})
		}
		if wide && len(chains) > 1 {
			for _, via := range chains {
				row.Children = append(row.Children, printer.Node{Label: access.Chain(via)})
			}
		}
	}
}

// changeLines puts together the verbs of a type, then the scopes of a text.
func changeLines(changes []v1alpha1.PermissionChange, wide bool) []changeLine {
	type row struct {
		namespace, what string
		unproven        bool
		verbs           []string
		shared          []v1alpha1.SharedPermission
		via             []v1alpha1.Via
	}
	var rows []row
	for _, c := range changes {
		what := typeText(c, wide)
		i := slices.IndexFunc(rows, func(r row) bool { return r.namespace == c.Namespace && r.what == what && r.unproven == c.Unproven })
		if i < 0 {
			i = len(rows)
			rows = append(rows, row{namespace: c.Namespace, what: what, unproven: c.Unproven})
		}
		rows[i].verbs = append(rows[i].verbs, c.Verb)
		rows[i].shared = append(rows[i].shared, c.Shared...)
		rows[i].via = append(rows[i].via, c.Via...)
	}
	var lines []changeLine
	for _, row := range rows {
		text := changeText{shortVerbs(row.verbs), row.what, sharedText(row.shared, row.namespace, wide), row.unproven}
		i := slices.IndexFunc(lines, func(l changeLine) bool { return l.changeText == text })
		if i < 0 {
			i = len(lines)
			lines = append(lines, changeLine{changeText: text})
		}
		lines[i].namespaces = append(lines[i].namespaces, row.namespace)
		lines[i].via = append(lines[i].via, row.via...)
	}
	return lines
}

// shortVerbs writes "read" for get, list and watch, and "write" for all verbs
// that change objects.
func shortVerbs(verbs []string) string {
	text := strings.Join(verbs, ",") // in this order: see rbac.Compare
	for _, group := range [][2]string{{"get,list,watch", "read"}, {"create,update,patch,delete,deletecollection", "write"}} {
		text = strings.Replace(text, group[0], group[1], 1)
	}
	return text
}

const maxListed = 3 // names, or permissions, that one cell or line lists

// few joins the first of a list, or all of it.
func few(list []string, every bool) string {
	if n := len(list) - maxListed; n > 0 && !every {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:maxListed], ", "), n)
	}
	return strings.Join(list, ", ")
}

// typeText names what a permission is for.
func typeText(c v1alpha1.PermissionChange, wide bool) string {
	if len(c.Except) > 0 {
		return rbac.TypeName(c.APIGroup, c.Resource) + " beside those named " + few(c.Except, wide)
	}
	return partText(v1alpha1.SharedPermission{APIGroup: c.APIGroup, Resource: c.Resource, Name: c.Name, NonResourceURL: c.NonResourceURL})
}

func partText(p v1alpha1.SharedPermission) string {
	switch {
	case p.NonResourceURL != "":
		return "URL " + p.NonResourceURL
	case p.Name != nil && *p.Name == "":
		return rbac.TypeName(p.APIGroup, p.Resource) + " without a name"
	case p.Name != nil:
		return rbac.TypeName(p.APIGroup, p.Resource) + " named " + *p.Name
	default:
		return rbac.TypeName(p.APIGroup, p.Resource)
	}
}

// sharedText lists what of a change in the namespace both sides have.
func sharedText(parts []v1alpha1.SharedPermission, namespace string, wide bool) string {
	verbs := map[string][]string{}
	var order []string
	for _, p := range parts {
		what := partText(p)
		if p.Namespace != namespace {
			what += " in " + p.Namespace
		}
		if verbs[what] == nil {
			order = append(order, what)
		}
		if !slices.Contains(verbs[what], p.Verb) {
			verbs[what] = append(verbs[what], p.Verb)
		}
	}
	list := make([]string, 0, len(order))
	for _, what := range order {
		list = append(list, shortVerbs(verbs[what])+" "+what)
	}
	return few(list, wide)
}

const maxNamespaces = 3 // named in a SCOPE cell

func scopes(namespaces []string) string {
	if len(namespaces) > maxNamespaces {
		return fmt.Sprintf("%d namespaces", len(namespaces))
	}
	names := make([]string, 0, len(namespaces))
	for _, ns := range namespaces {
		names = append(names, access.ScopeName(ns))
	}
	return strings.Join(names, ",")
}

// distinct drops grants by another rule of the same binding.
func distinct(via []v1alpha1.Via) []v1alpha1.Via {
	var out []v1alpha1.Via
	for _, v := range via {
		if !slices.ContainsFunc(out, func(o v1alpha1.Via) bool { return *o.Binding == *v.Binding }) {
			out = append(out, v)
		}
	}
	return out
}
