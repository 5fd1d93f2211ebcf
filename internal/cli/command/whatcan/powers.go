package whatcan

import (
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// gives returns how much of a power's verb on one of its types a row holds.
func (s section) gives(row rbac.Row, p rbac.Power, on rbac.PowerOn, verb string) rbac.Extent {
	_, sub, isSub := strings.Cut(on.Resource, "/")
	covered := row.Resource == "*" || row.Resource == on.Resource || isSub && row.Resource == "*/"+sub
	if !covered || p.ClusterOnly && len(s.namespaces) > 0 || row.APIGroup != "*" && row.APIGroup != on.APIGroup {
		return rbac.Nothing
	}
	cell := s.cell(row, verb)
	if cell.Extent == rbac.SomeOf && verb == "create" && !isSub && !slices.Contains(cell.Names, "") {
		return rbac.Nothing // a create by name is for server-side apply only, whose notes say so
	}
	return cell.Extent
}

// everything reports whether a row allows every verb on every type.
func (s section) everything(row rbac.Row) bool {
	return row.APIGroup == "*" && row.Resource == "*" && slices.Contains(s.matrix.Verbs, "*") && s.cell(row, "*").Extent == rbac.Every
}

// powerful reports whether a row holds a right that leads further.
func (s section) powerful(row rbac.Row) bool {
	return s.everything(row) || slices.ContainsFunc(rbac.Powers(), func(p rbac.Power) bool {
		return slices.ContainsFunc(p.On, func(on rbac.PowerOn) bool {
			return slices.ContainsFunc(on.Verbs, func(verb string) bool { return s.gives(row, p, on, verb) != rbac.Nothing })
		})
	})
}

// powerful lists before all else what leads further, so that nobody has to
// find it among ninety types.
func (v *view) powerful() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "powerful", Role: printer.RoleBad, Shrink: 1}, {Name: "scope", Shrink: 1}, {Name: "what it does", Shrink: 2, Below: true},
	}}
	for _, s := range v.sections {
		if slices.ContainsFunc(s.matrix.Rows, s.everything) {
			table.Add(printer.Plain("! everything"), printer.Plain(s.scope()), printer.Plain("every verb on every type"))
			continue
		}
		for _, p := range rbac.Powers() {
			if what := s.holds(p); what != "" {
				means := p.Means
				if strings.HasPrefix(what, "get pods/") {
					means += " (before Kubernetes 1.35)" // see rbac.SecondChecks
				}
				table.Add(printer.Plain("! "+what), printer.Plain(s.scope()), printer.Plain(means))
			}
		}
	}
	return table
}

// holds names what the section holds of the power, "" for nothing.
func (s section) holds(p rbac.Power) string {
	var verbs, types []string
	named := true
	for _, on := range p.On {
		for _, verb := range on.Verbs {
			most := rbac.Nothing
			for _, row := range s.matrix.Rows {
				most = max(most, s.gives(row, p, on, verb))
			}
			if most == rbac.Nothing {
				continue
			}
			named = named && most == rbac.SomeOf
			if !slices.Contains(verbs, verb) {
				verbs = append(verbs, verb)
			}
			if !slices.Contains(types, on.Resource) {
				types = append(types, on.Resource)
			}
		}
	}
	if len(verbs) == 0 {
		return ""
	}
	const most = 3
	if len(verbs) > most {
		verbs = append(verbs[:most:most], "…")
	}
	what := p.Name
	if what == "" || len(types) == 1 && len(p.On) > 1 {
		what = types[0]
	}
	text := strings.Join(verbs, ",") + " " + what
	if named {
		text += " (some names)"
	}
	return text
}
