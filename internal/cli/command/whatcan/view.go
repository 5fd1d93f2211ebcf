package whatcan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func (v *view) render() []printer.Printable {
	if v.noHeaders {
		return []printer.Printable{v.bare()}
	}
	unknown := printer.Block{}
	for _, text := range v.unknown {
		unknown.Paragraphs = append(unknown.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, text)})
	}
	return []printer.Printable{v.heading(), unknown, v.powerful(), v.matrix(), v.names(), v.urls(), v.grants(), v.dead()}
}

func (v *view) heading() printer.Heading {
	title := "What " + v.report.Subject.Ref() + " can do in namespace " + v.namespace
	if v.allNamespaces {
		title = "What " + v.report.Subject.Ref() + " can do in all namespaces"
	}
	rules := 0
	for _, scope := range v.report.Scopes {
		rules += len(scope.Rules)
	}
	atLeast := ""
	if v.report.Incomplete {
		atLeast = "at least "
	}
	aside := fmt.Sprintf("%s%s through %s", atLeast, count(rules, "rule"), count(len(v.chains()), "grant"))
	switch {
	case rules == 0 && v.report.Incomplete:
		aside = "nothing that could be read"
	case rules == 0:
		aside = "nothing"
	}
	return printer.Heading{Title: printer.Plain(title), Aside: printer.Plain(aside)}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// matrix shows types by verbs. Verbs beside reading and writing have columns
// only where a rule names them; so has deletecollection, which is wide.
func (v *view) matrix() *printer.Matrix {
	read, write, other := v.verbs()
	m := &printer.Matrix{
		Corner: "type",
		Groups: []printer.MatrixGroup{{Name: "read", Columns: read}, {Name: "write", Columns: write}},
		Legend: map[printer.Mark]string{
			printer.MarkYes: "allowed", printer.MarkNo: "not allowed", printer.MarkPartial: "for some names (below)",
			printer.MarkWildcard: "allowed by a wildcard", printer.MarkNotApplicable: "not served",
		},
	}
	if len(other) > 0 {
		m.Groups = append(m.Groups, printer.MatrixGroup{Name: "other", Columns: other})
	}
	for _, s := range v.sections {
		m.Rows = append(m.Rows, printer.MatrixRow{Group: printer.Plain(s.title())})
		for _, row := range s.matrix.Rows {
			cells := printer.MatrixRow{Label: printer.Plain(rbac.TypeName(row.APIGroup, row.Resource))}
			if s.powerful(row) {
				cells.Label = printer.Concat(cells.Label, printer.Styled(printer.RoleBad, " !"))
			}
			for _, verb := range slices.Concat(read, write, other) {
				cells.Marks = append(cells.Marks, v.mark(row, verb, s.cell(row, verb)))
			}
			m.Rows = append(m.Rows, cells)
		}
	}
	return m
}

// verbs returns the columns: the verbs of every section.
func (v *view) verbs() (read, write, other []string) {
	read, write = []string{"get", "list", "watch"}, []string{"create", "update", "patch", "delete"}
	for _, s := range v.sections {
		for _, verb := range s.matrix.Verbs {
			switch {
			case slices.Contains(read, verb), slices.Contains(write, verb), slices.Contains(other, verb):
			case verb != "deletecollection", slices.ContainsFunc(s.matrix.Rows, func(row rbac.Row) bool { return s.cell(row, verb).Extent != rbac.Nothing }):
				other = append(other, verb)
			}
		}
	}
	slices.SortFunc(other, func(a, b string) int {
		last := map[string]int{"deletecollection": 1, "*": 2} // it is no news, and the wildcard comes last
		return cmp.Or(cmp.Compare(last[a], last[b]), cmp.Compare(a, b))
	})
	return read, write, other
}

func (v *view) mark(row rbac.Row, verb string, cell rbac.Cell) printer.Mark {
	switch cell.Extent {
	case rbac.Every:
		return printer.MarkYes
	case rbac.Wildcard:
		return printer.MarkWildcard
	case rbac.SomeOf:
		return printer.MarkPartial
	case rbac.Nothing:
	}
	name, subresource, _ := strings.Cut(row.Resource, "/")
	resource, known := v.types.Lookup(schema.GroupResource{Group: row.APIGroup, Resource: name})
	if known && verb != "*" && !rbac.Asked(verb, resource, subresource) {
		return printer.MarkNotApplicable
	}
	return printer.MarkNo
}

// names lists what the marks "for some names" stand for.
func (v *view) names() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "type", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle},
		{Name: "scope", Shrink: 2},
		{Name: "verbs", Shrink: 1},
		{Name: "only these names", Shrink: 3},
	}}
	for _, s := range v.sections {
		for _, row := range s.matrix.Rows {
			lists, verbs := s.byNames(row)
			for _, list := range lists {
				if list == "" {
					continue
				}
				table.Add(
					printer.Plain(rbac.TypeName(row.APIGroup, row.Resource)), printer.Plain(s.scope()),
					printer.Plain(strings.Join(verbs[list], ",")), printer.Plain(list),
				)
			}
		}
	}
	return table
}

func nameList(names []string) string {
	shown := slices.Clone(names)
	for i, name := range shown {
		if name == "" {
			shown[i] = `"" (requests without a name)`
		}
	}
	return strings.Join(shown, ", ")
}

// scope names the section in a SCOPE column.
func (s section) scope() string {
	switch len(s.namespaces) {
	case 0:
		return access.ClusterScope
	case 1:
		return s.namespaces[0]
	default:
		return fmt.Sprintf("%d namespaces", len(s.namespaces))
	}
}
