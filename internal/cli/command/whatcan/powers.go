package whatcan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// power is a right that leads further than its rule says.
type power struct {
	apiGroup, resource string
	verbs              []string
	means              string
	clusterOnly        bool // RoleBindings do not count for it
}

// powers are the rights to look at first, the worst first.
// Source: "RBAC good practices" in the documentation of Kubernetes.
func powers() []power {
	const rbacGroup = "rbac.authorization.k8s.io"
	return []power{
		{rbacGroup, "clusterroles", []string{"escalate"}, "writes roles beyond its own rights", true},
		{rbacGroup, "roles", []string{"escalate"}, "writes roles beyond its own rights", false},
		{rbacGroup, "clusterroles", []string{"bind"}, "gives away roles it does not have", false},
		{rbacGroup, "roles", []string{"bind"}, "gives away roles it does not have", false},
		{"", "users", []string{"impersonate"}, "acts as others", true},
		{"", "groups", []string{"impersonate"}, "acts as others", true},
		{"", "serviceaccounts", []string{"impersonate"}, "acts as others", false},
		{"", "nodes/proxy", []string{"get", "create"}, "runs commands in pods", true},
		{"", "serviceaccounts/token", []string{"create"}, "gets tokens of others", false},
		{"", "secrets", []string{"get", "list", "watch"}, "reads values of Secrets", false},
		{"", "pods/exec", []string{"get", "create"}, "runs commands in pods", false},
		{"", "pods/attach", []string{"get", "create"}, "joins running processes", false},
		{"", "pods/ephemeralcontainers", []string{"update", "patch"}, "runs commands in pods", false},
	}
}

// gives returns how much of the right a row holds.
func (p power) gives(s section, row rbac.Row, verb string) rbac.Extent {
	_, sub, isSub := strings.Cut(p.resource, "/")
	covered := row.Resource == "*" || row.Resource == p.resource || isSub && row.Resource == "*/"+sub
	if !covered || p.clusterOnly && len(s.namespaces) > 0 || row.APIGroup != "*" && row.APIGroup != p.apiGroup {
		return rbac.Nothing
	}
	return s.cell(row, verb).Extent
}

// everything reports whether a row allows every verb on every type.
func (s section) everything(row rbac.Row) bool {
	return row.APIGroup == "*" && row.Resource == "*" && slices.Contains(s.matrix.Verbs, "*") && s.cell(row, "*").Extent == rbac.Every
}

// powerful reports whether a row holds a right that leads further.
func (s section) powerful(row rbac.Row) bool {
	return s.everything(row) || slices.ContainsFunc(powers(), func(p power) bool {
		return slices.ContainsFunc(p.verbs, func(verb string) bool { return p.gives(s, row, verb) != rbac.Nothing })
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
		for _, p := range powers() {
			if what := p.text(s); what != "" {
				means := p.means
				if strings.HasPrefix(what, "get pods/") {
					means += " (before Kubernetes 1.35)" // see rbac.SecondChecks
				}
				table.Add(printer.Plain("! "+what), printer.Plain(s.scope()), printer.Plain(means))
			}
		}
	}
	return table
}

// text names what the section holds of the power, "" for nothing.
func (p power) text(s section) string {
	var verbs []string
	named := true
	for _, verb := range p.verbs {
		most := rbac.Nothing
		for _, row := range s.matrix.Rows {
			most = max(most, p.gives(s, row, verb))
		}
		if most != rbac.Nothing {
			verbs = append(verbs, verb)
			named = named && most == rbac.SomeOf
		}
	}
	if len(verbs) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s %s", strings.Join(verbs, ","), p.resource)
	if named {
		text += " (some names)"
	}
	return text
}
