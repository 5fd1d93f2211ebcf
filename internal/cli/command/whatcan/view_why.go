package whatcan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// urls lists what is allowed on paths that are no resources, those of the
// same verbs and groups together.
func (v *view) urls() *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "url verbs", Shrink: 1}, {Name: "through", Shrink: 1}, {Name: "urls", Role: printer.RoleName, Shrink: 2},
	}}
	type key struct{ verbs, through string }
	var keys []key
	paths := map[key][]string{}
	for _, u := range v.permissions.URLs() {
		k := key{strings.Join(u.Verbs, ","), strings.Join(u.Through, ",")}
		if paths[k] == nil {
			keys = append(keys, k)
		}
		paths[k] = append(paths[k], u.URL)
	}
	for _, k := range keys {
		table.Add(printer.Plain(k.verbs), printer.Plain(k.through), printer.Plain(strings.Join(paths[k], " ")))
	}
	return table
}

// chains are the grants of the report, one for each binding and group.
func (v *view) chains() []rbac.Grant {
	var chains []rbac.Grant
	for _, g := range v.counting {
		if !slices.ContainsFunc(chains, func(o rbac.Grant) bool { return sameChain(o, g) }) {
			chains = append(chains, g)
		}
	}
	return chains
}

func sameChain(a, b rbac.Grant) bool {
	return a.Via.Binding == b.Via.Binding && a.Via.Through == b.Via.Through
}

// grants lists why: bindings and roles, with -o wide each of their rules.
func (v *view) grants() *printer.Table {
	table := &printer.Table{
		Legend:  access.ChainLegend(),
		Columns: []printer.Column{{Name: "scope", Shrink: 1}, {Name: "via", Shrink: 2, Below: true}},
	}
	for _, chain := range v.chains() {
		table.Add(printer.Plain(access.ScopeName(chain.Namespace)), access.Chain(v1alpha1.NewVia(chain.Via)))
		row := &table.Rows[len(table.Rows)-1]
		for _, g := range v.counting {
			if !v.wide || !sameChain(chain, g) {
				continue
			}
			text := "everything"
			if !g.Via.Builtin() {
				text = fmt.Sprintf("[%d] %s", g.Via.Rule, access.Rule(g.Rule()))
			}
			row.Children = append(row.Children, printer.Node{Label: printer.Plain(text)})
		}
	}
	return table
}

// dead lists parts of the rules that grant nothing, alike ones once.
func (v *view) dead() *printer.Table {
	type key struct{ part, why string }
	var keys []key
	scopes := map[key][]string{}
	for _, scope := range v.report.Scopes {
		for _, rule := range scope.Rules {
			for _, dead := range rule.Dead {
				k := key{strings.Join(dead.Verbs, ",") + " " + strings.Join(dead.On, ","), dead.Why}
				if scopes[k] == nil {
					keys = append(keys, k)
				}
				if name := access.ScopeName(scope.Namespace); !slices.Contains(scopes[k], name) {
					scopes[k] = append(scopes[k], name)
				}
			}
		}
	}
	table := &printer.Table{Columns: []printer.Column{{Name: "scope", Shrink: 1}, {Name: "grants nothing", Role: printer.RoleWarn, Shrink: 2}}}
	for _, k := range keys {
		where := strings.Join(scopes[k], ",")
		if n := len(scopes[k]); n > 2 {
			where = fmt.Sprintf("%d namespaces", n)
		}
		table.Add(printer.Plain(where), printer.Plain(k.part))
		table.Rows[len(table.Rows)-1].Children = []printer.Node{{Label: printer.Plain(k.why)}}
	}
	return table
}
