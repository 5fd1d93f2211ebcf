package whatcan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// view renders a report for people.
type view struct {
	report        *v1alpha1.WhatCanReport
	permissions   *rbac.Permissions
	types         *apiresource.Catalog
	namespace     string
	allNamespaces bool
	wide          bool
	noHeaders     bool
	unknown       []string // that nothing knows the subject

	counting []rbac.Grant // of the scopes that were asked for
	sections []section
	implied  int // rows left out because everything is allowed
}

// section is a part of the matrix: the rows of one scope, or of several
// namespaces in which the same is allowed.
type section struct {
	namespaces []string // empty for the whole cluster
	matrix     rbac.Matrix
	// through are the groups of Kubernetes by which alone everyone in them is
	// allowed these rows; nil for the other rows.
	through []string
}

// collect works out the sections.
func (v *view) collect() {
	scopes := []string{""}
	if v.allNamespaces {
		scopes = append(scopes, v.permissions.Namespaces()...)
		v.counting = v.permissions.Grants
	} else {
		scopes = append(scopes, v.namespace)
		v.counting = v.permissions.In(v.namespace)
	}
	var common []section
	for _, scope := range scopes {
		for _, s := range split(v.permissions.Matrix(scope, v.types)) {
			if s.through != nil {
				if scope != "" {
					s.namespaces = []string{scope}
				}
				common = append(common, s)
				continue
			}
			v.addSection(s, scope)
		}
	}
	v.sections = append(v.sections, common...)
	v.keepEverything()
}

// keepEverything leaves the row of every type alone where it says that every
// verb is allowed in the whole cluster: all others add nothing to it.
func (v *view) keepEverything() {
	for _, s := range v.sections {
		for _, row := range s.matrix.Rows {
			if len(s.namespaces) == 0 && s.everything(row) {
				for _, other := range v.sections {
					v.implied += len(other.matrix.Rows)
				}
				v.implied--
				s.matrix.Rows = []rbac.Row{row}
				v.sections = []section{s}
				return
			}
		}
	}
}

// addSection adds rows of a scope, to another namespace's if they are alike.
func (v *view) addSection(s section, scope string) {
	if scope == "" {
		v.sections = append(v.sections, s)
		return
	}
	for i := range v.sections {
		other := &v.sections[i]
		if len(other.namespaces) > 0 && reflect.DeepEqual(other.matrix, s.matrix) {
			other.namespaces = append(other.namespaces, scope)
			return
		}
	}
	s.namespaces = []string{scope}
	v.sections = append(v.sections, s)
}

// split separates the rows that only groups of Kubernetes allow: they are the
// same for everyone, and mostly about the API server itself.
func split(m rbac.Matrix) []section {
	own, common := section{matrix: rbac.Matrix{Verbs: m.Verbs}}, section{matrix: rbac.Matrix{Verbs: m.Verbs}, through: []string{}}
	for _, row := range m.Rows {
		builtin := len(row.Through) > 0 && !slices.ContainsFunc(row.Through, func(group string) bool {
			filled, _ := rbac.FilledByKubernetes(group)
			return !filled || group == rbac.GroupMasters // that one says it all
		})
		if !builtin {
			own.matrix.Rows = append(own.matrix.Rows, row)
			continue
		}
		common.matrix.Rows = append(common.matrix.Rows, row)
		for _, group := range row.Through {
			if !slices.Contains(common.through, group) {
				common.through = append(common.through, group)
			}
		}
	}
	return slices.DeleteFunc([]section{own, common}, func(s section) bool { return len(s.matrix.Rows) == 0 })
}

const maxNamespaces = 5 // named in a heading

// title is the heading of the section's rows.
func (s section) title() string {
	title := "in the whole cluster"
	switch n := len(s.namespaces); {
	case n == 1:
		title = "in namespace " + s.namespaces[0]
	case n > maxNamespaces:
		title = fmt.Sprintf("in %d namespaces: %s, …", n, strings.Join(s.namespaces[:maxNamespaces], ", "))
	case n > 1:
		title = fmt.Sprintf("in %d namespaces: %s", n, strings.Join(s.namespaces, ", "))
	}
	if s.through != nil {
		title += ", through " + strings.Join(s.through, ", ")
	}
	return title
}

// cell returns what the section says of a row and verb. A verb that no rule
// of the section names is covered by "*" where one says that.
func (s section) cell(row rbac.Row, verb string) rbac.Cell {
	if i := slices.Index(s.matrix.Verbs, verb); i >= 0 {
		return row.Cells[i]
	}
	if i := slices.Index(s.matrix.Verbs, "*"); i >= 0 {
		cell := row.Cells[i]
		if cell.Extent == rbac.Every {
			cell.Extent = rbac.Wildcard
		}
		return cell
	}
	return rbac.Cell{}
}

// partialNotes explain what limits by name mean for verbs whose requests
// mostly carry none.
func (v *view) partialNotes() []string {
	byName := func(verbs ...string) bool {
		for _, s := range v.sections {
			for _, row := range s.matrix.Rows {
				for _, verb := range verbs {
					cell := s.cell(row, verb)
					if cell.Extent == rbac.SomeOf && !strings.Contains(row.Resource, "/") && !slices.Equal(cell.Names, []string{""}) {
						return true
					}
				}
			}
		}
		return false
	}
	var notes []string
	if v.implied > 0 {
		notes = append(notes, fmt.Sprintf("everything is allowed in the whole cluster: %s for single types left out, since they add nothing to that (-o wide shows the rules)", count(v.implied, "row")))
	}
	if byName("create") {
		notes = append(notes, "create by name counts for server-side apply only: a plain create request carries no name")
	}
	if byName("list", "watch") {
		notes = append(notes, "list and watch by name count for requests with the field selector metadata.name=NAME only")
	}
	return notes
}

// secondNotes tell of streams to pods that a server asks a second permission
// for.
func (v *view) secondNotes(version string) []string {
	var notes []string
	for _, s := range v.sections {
		for _, row := range s.matrix.Rows {
			base, sub, _ := strings.Cut(row.Resource, "/")
			for _, check := range rbac.SecondChecks(rbac.Request{Verb: "get", APIGroup: row.APIGroup, Resource: base, Subresource: sub}, version) {
				if s.cell(row, "get").Extent == rbac.Nothing || s.cell(row, check.Request.Verb).Extent != rbac.Nothing {
					continue
				}
				note := fmt.Sprintf("get %s: %s, which this subject may not", row.Resource, check.Reason)
				if !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	return notes
}
