package rbac

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

func readVerbs() []string { return []string{"get", "list", "watch"} }

func writeVerbs() []string {
	return []string{"create", "update", "patch", "delete", "deletecollection"}
}

// Extent says how much of a verb on a type is allowed.
type Extent uint8

// The extents, from nothing to everything.
const (
	Nothing  Extent = iota
	SomeOf          // objects of some names only
	Wildcard        // every object, because a rule says "*" for the verb, group or resource
	Every           // every object, because a rule names verb, group and resource
)

// Cell is what a subject may do with one verb on one type.
type Cell struct {
	Extent Extent
	Names  []string // with SomeOf, sorted; "" stands for requests without a name
}

// Row is a type as rules write it, wildcards included, and what the subject
// may do with it.
type Row struct {
	APIGroup string // "*" for every group
	Resource string // pods, pods/exec, *, */scale
	Cells    []Cell // by Matrix.Verbs
	// Through are the groups that allow it, where every grant is a group's.
	Through []string
}

// Matrix is what a subject may do in one scope.
type Matrix struct {
	Verbs []string // read and write verbs, then the others that rules name; "*" last where a rule says it
	Rows  []Row
}

// Matrix returns what bindings in the namespace ("" for cluster-wide ones)
// allow: a row for each type that their rules name. The cells also count what
// is allowed cluster-wide, since that counts in the namespace too. Parts of
// rules that grant nothing are left out.
func (p *Permissions) Matrix(namespace string, types *apiresource.Catalog) Matrix {
	counting := p.In(namespace)
	parts := make([][]Permission, len(counting))
	m := Matrix{}
	for i, g := range counting {
		rule := g.Rule()
		parts[i] = slices.DeleteFunc(livingParts(&rule, g.Namespace, types), func(p Permission) bool { return p.URL != "" })
		if g.Namespace == namespace {
			m.addRows(parts[i], g.Via.Through)
		}
	}
	m.addVerbs(parts)
	for i := range m.Rows {
		row := &m.Rows[i]
		row.Cells = make([]Cell, len(m.Verbs))
		for j, verb := range m.Verbs {
			row.Cells[j] = cellOf(Permission{Verb: verb, APIGroup: row.APIGroup, Resource: row.Resource}, parts)
		}
	}
	slices.SortFunc(m.Rows, compareRows)
	return m
}

func (m *Matrix) addRows(parts []Permission, through string) {
	for _, p := range parts {
		i := slices.IndexFunc(m.Rows, func(r Row) bool { return r.APIGroup == p.APIGroup && r.Resource == p.Resource })
		switch {
		case i < 0:
			m.Rows = append(m.Rows, Row{APIGroup: p.APIGroup, Resource: p.Resource})
			if through != "" {
				m.Rows[len(m.Rows)-1].Through = []string{through}
			}
		case through == "":
			m.Rows[i].Through = nil
		case m.Rows[i].Through != nil:
			m.Rows[i].Through = unique(append(m.Rows[i].Through, through))
		}
	}
}

func (m *Matrix) addVerbs(parts [][]Permission) {
	m.Verbs = append(readVerbs(), writeVerbs()...)
	var special []string
	for _, rule := range parts {
		for _, p := range rule {
			if !slices.Contains(m.Verbs, p.Verb) && p.Verb != all {
				special = append(special, p.Verb)
			}
		}
	}
	slices.Sort(special)
	m.Verbs = append(m.Verbs, slices.Compact(special)...)
	if slices.ContainsFunc(parts, func(rule []Permission) bool {
		return slices.ContainsFunc(rule, func(p Permission) bool { return p.Verb == all })
	}) {
		m.Verbs = append(m.Verbs, all)
	}
}

// cellOf finds how much of what is wanted the parts of rules allow.
func cellOf(wanted Permission, parts [][]Permission) Cell {
	var cell Cell
	for _, rule := range parts {
		for _, p := range rule {
			switch {
			case !p.onType(wanted), p.Named && p.Name != "" && wanted.Verb == "deletecollection": // carries no name
			case p.Named:
				cell.Extent = max(cell.Extent, SomeOf)
				cell.Names = append(cell.Names, p.Name)
			case p == wanted:
				cell.Extent = Every
			default:
				cell.Extent = max(cell.Extent, Wildcard)
			}
		}
	}
	if cell.Extent != SomeOf {
		cell.Names = nil
	}
	slices.Sort(cell.Names)
	cell.Names = slices.Compact(cell.Names)
	return cell
}

// onType reports whether p allows the wanted verb on at least some objects of
// the wanted type.
func (p Permission) onType(wanted Permission) bool {
	return (p.Verb == all || p.Verb == wanted.Verb) && (p.APIGroup == all || p.APIGroup == wanted.APIGroup) &&
		typeCovered([]string{p.Resource}, wanted.Resource)
}

// compareRows orders wildcards first, then by group and type.
func compareRows(a, b Row) int {
	wild := func(r Row) int {
		if r.APIGroup == all || strings.HasPrefix(r.Resource, all) {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(wild(a), wild(b)), cmp.Compare(a.APIGroup, b.APIGroup), cmp.Compare(a.Resource, b.Resource))
}

// TypeName returns the group and resource of a rule as one name: pods/log,
// deployments.apps/scale, *.apps. Every type of every group is *.*, those of
// the core group are * (core).
func TypeName(group, resource string) string {
	name, sub, isSub := strings.Cut(resource, "/")
	everySub := isSub && group == all && name == all
	if group != "" && !everySub {
		name += "." + group
	}
	if isSub {
		name += "/" + sub
	}
	if group == "" && strings.HasPrefix(name, all) {
		name += " (core)"
	}
	return name
}
