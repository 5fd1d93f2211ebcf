package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// changeLine is what changes on one type, or its named objects, in the same
// way in some scopes.
type changeLine struct {
	changeText
	namespaces []string
	via        []v1alpha1.Via
	grade      grade
}

// changeText is what a line says, without its scopes.
type changeText struct {
	verbs, what, shared string
	unproven            bool
}

// changeLines puts together the verbs of a type, then the scopes of a text.
func changeLines(changes []v1alpha1.PermissionChange, grader grader, wide bool) []changeLine {
	type place struct {
		namespace, what string
		unproven        bool
	}
	type row struct {
		place
		verbs  []string
		shared []v1alpha1.SharedPermission
		via    []v1alpha1.Via
		grade  grade
	}
	var rows []row
	rowAt := map[place]int{}
	for _, c := range changes {
		at, g := place{c.Namespace, typeText(c, wide), c.Unproven}, grader.grade(c)
		i, known := rowAt[at]
		if !known {
			i = len(rows)
			rowAt[at] = i
			rows = append(rows, row{place: at, grade: g})
		}
		r := &rows[i]
		r.verbs, r.shared, r.via = append(r.verbs, c.Verb), append(r.shared, c.Shared...), append(r.via, c.Via...)
		if g.compare(r.grade) < 0 {
			r.grade = g
		}
	}
	var lines []changeLine
	lineAt := map[changeText]int{}
	for _, row := range rows {
		text := changeText{shortVerbs(row.verbs), row.what, sharedText(row.shared, row.namespace, wide), row.unproven}
		i, known := lineAt[text]
		if !known {
			i = len(lines)
			lineAt[text] = i
			lines = append(lines, changeLine{changeText: text, grade: row.grade})
		}
		l := &lines[i]
		l.namespaces, l.via = append(l.namespaces, row.namespace), append(l.via, row.via...)
		if row.grade.compare(l.grade) < 0 {
			l.grade = row.grade
		}
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
