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

// renderDiff shows a comparison to people.
func renderDiff(r *v1alpha1.SnapshotDiffReport, wide bool) []printer.Printable {
	gain, lose := 0, 0
	table := &printer.Table{Columns: []printer.Column{
		{Name: "change"}, {Name: "scope", Shrink: 1}, {Name: "permission", Role: printer.RoleName, Shrink: 2}, {Name: "via", Shrink: 3, Min: 22, Cut: printer.CutMiddle},
	}}
	for _, s := range r.Subjects {
		table.AddGroup(printer.Plain(s.Ref()))
		if len(s.Gained) > 0 {
			gain++
		}
		if len(s.Lost) > 0 {
			lose++
		}
		addChanges(table, printer.Styled(printer.RoleBad, "+ gained"), s.Gained, wide)
		addChanges(table, printer.Styled(printer.RoleGood, "- lost"), s.Lost, wide)
	}
	atLeast := ""
	if r.Incomplete {
		atLeast = "at least "
	}
	aside := fmt.Sprintf("%s%s, %s", atLeast, subjects(gain, "gains", "gain"), subjects(lose, "loses", "lose"))
	title := fmt.Sprintf("Permissions from %s to %s", r.From.Name, r.To.Name)
	return []printer.Printable{printer.Heading{Title: printer.Plain(title), Aside: printer.Plain(aside)}, table, members(r), objects(r)}
}

// subjects says how many of them do what.
func subjects(n int, one, many string) string {
	if n == 1 {
		return "1 subject " + one
	}
	return fmt.Sprintf("%d subjects %s", n, many)
}

// changeRow is what changes on one type, or its named objects, in one scope.
type changeRow struct {
	namespace string
	what      string
	verbs     []string
	via       []v1alpha1.Via
}

// addChanges adds a row for each type, with all of its verbs, and the same
// changes in many namespaces as one.
func addChanges(table *printer.Table, sign printer.Text, changes []v1alpha1.PermissionChange, wide bool) {
	var rows []changeRow
	for _, c := range changes {
		what := changeText(c)
		i := slices.IndexFunc(rows, func(r changeRow) bool { return r.namespace == c.Namespace && r.what == what })
		if i < 0 {
			i = len(rows)
			rows = append(rows, changeRow{namespace: c.Namespace, what: what})
		}
		rows[i].verbs = append(rows[i].verbs, c.Verb)
		rows[i].via = append(rows[i].via, c.Via...)
	}
	type line struct {
		text       string
		namespaces []string
		via        []v1alpha1.Via
	}
	var lines []line
	for _, row := range rows {
		text := shortVerbs(row.verbs) + " " + row.what
		i := slices.IndexFunc(lines, func(l line) bool { return l.text == text })
		if i < 0 {
			i = len(lines)
			lines = append(lines, line{text: text})
		}
		lines[i].namespaces = append(lines[i].namespaces, row.namespace)
		lines[i].via = append(lines[i].via, row.via...)
	}
	for _, l := range lines {
		chains := distinct(l.via)
		chain := access.Chain(chains[0])
		if n := len(chains) - 1; n > 0 {
			chain = printer.Concat(chain, printer.Styled(printer.RoleDim, fmt.Sprintf(" (+%d)", n)))
		}
		table.Add(sign, printer.Plain(scopes(l.namespaces)), printer.Plain(l.text), chain)
		if wide && len(chains) > 1 {
			last := &table.Rows[len(table.Rows)-1]
			for _, via := range chains {
				last.Children = append(last.Children, printer.Node{Label: access.Chain(via)})
			}
		}
	}
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

// changeText names what a permission is for.
func changeText(c v1alpha1.PermissionChange) string {
	switch {
	case c.NonResourceURL != "":
		return "URL " + c.NonResourceURL
	case c.Name != nil && *c.Name == "":
		return rbac.TypeName(c.APIGroup, c.Resource) + " without a name"
	case c.Name != nil:
		return rbac.TypeName(c.APIGroup, c.Resource) + " named " + *c.Name
	case len(c.Except) > 0:
		return rbac.TypeName(c.APIGroup, c.Resource) + " beside those named " + strings.Join(c.Except, ", ")
	default:
		return rbac.TypeName(c.APIGroup, c.Resource)
	}
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

const maxAccounts = 20 // of new or gone service accounts, before they are counted

// members lists who came or left: service accounts, and members of groups.
func members(r *v1alpha1.SnapshotDiffReport) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "member", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle}, {Name: "change"}, {Name: "of", Shrink: 2},
	}}
	accounts := func(list []v1alpha1.Subject, change string) {
		for i, s := range list {
			if i == maxAccounts {
				table.Add(printer.Plain(fmt.Sprintf("%d more service accounts", len(list)-i)), printer.Plain(change), printer.Plain("groups of service accounts"))
				break
			}
			table.Add(printer.Plain(s.Ref()), printer.Plain(change), printer.Plain("system:serviceaccounts, system:serviceaccounts:"+s.Namespace))
		}
	}
	accounts(r.NewAccounts, "new")
	accounts(r.GoneAccounts, "gone")
	for _, m := range r.Members {
		for _, user := range m.Joined {
			table.Add(printer.Plain(user), printer.Plain("joined"), printer.Plain("group/"+m.Group))
		}
		for _, user := range m.Left {
			table.Add(printer.Plain(user), printer.Plain("left"), printer.Plain("group/"+m.Group))
		}
	}
	return table
}

// objects counts what else differs.
func objects(r *v1alpha1.SnapshotDiffReport) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "kind", Role: printer.RoleName},
		{Name: "api group", Shrink: 1},
		{Name: "added", Align: printer.AlignRight},
		{Name: "removed", Align: printer.AlignRight},
		{Name: "changed", Align: printer.AlignRight},
	}}
	for _, c := range r.Objects {
		table.Add(
			printer.Plain(c.Kind), printer.Plain(c.APIGroup),
			printer.Plain(fmt.Sprint(c.Added)), printer.Plain(fmt.Sprint(c.Removed)), printer.Plain(fmt.Sprint(c.Changed)),
		)
	}
	return table
}
