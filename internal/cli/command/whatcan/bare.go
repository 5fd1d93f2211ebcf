package whatcan

import (
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// bare is the answer for scripts, without headings: scope, type or URL, verbs
// and the names they are limited to, a row for each.
func (v *view) bare() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{{Name: "scope"}, {Name: "type"}, {Name: "verbs"}, {Name: "only these names"}}}
	add := func(scope, what string, verbs []string, names string) {
		if slices.Contains(verbs, "*") {
			verbs = []string{"*"}
		}
		table.Add(printer.Plain(scope), printer.Plain(what), printer.Plain(strings.Join(verbs, ",")), printer.Plain(names))
	}
	for _, s := range v.sections {
		namespaces := s.namespaces
		if len(namespaces) == 0 {
			namespaces = []string{""}
		}
		for _, namespace := range namespaces {
			for _, row := range s.matrix.Rows {
				name := rbac.TypeName(row.APIGroup, row.Resource)
				lists, verbs := s.byNames(row)
				for _, list := range lists {
					add(access.ScopeName(namespace), name, verbs[list], list)
				}
			}
		}
	}
	for _, u := range v.permissions.URLs() {
		add(access.ScopeName(""), u.URL, u.Verbs, "")
	}
	return table
}

// byNames groups the verbs of a row by the names that they are limited to, ""
// for those that are not.
func (s section) byNames(row rbac.Row) (lists []string, verbs map[string][]string) {
	verbs = map[string][]string{}
	for i, verb := range s.matrix.Verbs {
		cell := row.Cells[i]
		if cell.Extent == rbac.Nothing {
			continue
		}
		list := nameList(cell.Names)
		if verbs[list] == nil {
			lists = append(lists, list)
		}
		verbs[list] = append(verbs[list], verb)
	}
	return lists, verbs
}
