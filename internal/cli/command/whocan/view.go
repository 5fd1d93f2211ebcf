package whocan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxScopeRows is how many namespaces of one subject get a row each before
// they are collapsed to a count.
const maxScopeRows = 3

// view renders a report for people.
type view struct {
	report *v1alpha1.WhoCanReport
	index  *rbac.Index
	expand bool
	wide   bool
	bare   bool   // rows and nothing else: scripts read them
	lacks  string // what subjects with notes lack, for the column NOTE
}

func (v *view) render() []printer.Printable {
	table := &printer.Table{
		Wide:   v.wide,
		Legend: access.ChainLegend(),
		Columns: []printer.Column{
			{Name: "subject", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle, Min: 24},
			{Name: "scope", Shrink: 1},
			{Name: "via", Shrink: 2, Below: true},
		},
	}
	if v.noted() {
		table.Columns = append(table.Columns, printer.Column{Name: "note", Role: printer.RoleWarn, Blank: !v.bare})
	}
	if v.report.Verification != nil {
		table.Columns = append(table.Columns, printer.Column{Name: "verified"})
	}
	table.Columns = append(table.Columns,
		printer.Column{Name: "rule", Wide: true, Shrink: 3, Min: 20},
		printer.Column{Name: "pods", Wide: true, Shrink: 3},
	)
	for _, subject := range v.shown() {
		v.addRows(table, subject)
	}
	if v.bare {
		return []printer.Printable{table}
	}
	items := []printer.Printable{v.heading()}
	if v.report.Incomplete && len(v.index.Bindings()) == 0 {
		items = append(items, printer.Warning(printer.Plain("no binding could be read: this is only what holds in every cluster")))
	}
	return append(append(items, table, v.byName()), v.verification()...)
}

// byName shows who may reach only some objects: a question without a name
// does not count them.
func (v *view) byName() printer.Printable {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "only by name", Role: printer.RoleName}, {Name: v.report.Query.Resource, Shrink: 1},
	}}
	for _, n := range v.report.ByName {
		table.Add(printer.Plain(n.Ref()), printer.Plain(strings.Join(n.ResourceNames, ",")))
	}
	return table
}

// shown are the subjects with rows: those that a binding names, and with
// --expand also those that only a group allows. Those that stand for everyone
// come first.
func (v *view) shown() []v1alpha1.SubjectAccess {
	var shown []v1alpha1.SubjectAccess
	for _, subject := range v.report.Subjects {
		if v.expand || isDirect(subject) {
			shown = append(shown, subject)
		}
	}
	rank := func(s v1alpha1.SubjectAccess) int {
		switch {
		case s.Ref() == "group/"+rbac.GroupMasters:
			return 0
		case everyone(s.Subject) != "":
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(shown, func(a, b v1alpha1.SubjectAccess) int { return cmp.Compare(rank(a), rank(b)) })
	return shown
}

// everyone tells whom a subject stands for that is no single one, "" for
// others. Source: user.AllAuthenticated and its neighbours in apiserver.
func everyone(s v1alpha1.Subject) string {
	switch s.Ref() {
	case "group/system:authenticated":
		return "everyone with valid credentials, service accounts too"
	case "group/system:unauthenticated", "user/" + rbac.UserAnonymous:
		return "everyone, also without credentials"
	case "group/system:serviceaccounts":
		return "every service account of every namespace"
	default:
		return ""
	}
}

// noted reports whether a subject has notes.
func (v *view) noted() bool {
	return v.lacks != "" && slices.ContainsFunc(v.shown(), func(s v1alpha1.SubjectAccess) bool { return len(s.Notes) > 0 })
}

func isDirect(subject v1alpha1.SubjectAccess) bool {
	for _, scope := range subject.Scopes {
		for _, via := range scope.Via {
			if via.Through == nil || *via.Through == "" {
				return true
			}
		}
	}
	return false
}

func (v *view) heading() printer.Heading {
	q := v.report.Query
	all := v.report.Subjects // the same count as in JSON
	clusterWide := 0
	for _, subject := range all {
		if subject.Scopes[0].Namespace == "" {
			clusterWide++
		}
	}
	atLeast := ""
	if v.report.Incomplete {
		atLeast = "at least "
	}
	aside := fmt.Sprintf("%s%d %s, %d cluster-wide", atLeast, len(all), plural(len(all), "subject"), clusterWide)
	if hidden := len(all) - len(v.shown()); hidden > 0 {
		aside += fmt.Sprintf(", %d only by their groups (--expand)", hidden)
	}
	return printer.Heading{Title: printer.Plain("Who can " + access.Question(q)), Aside: printer.Plain(aside)}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// addRows adds a row for each scope of the subject; many namespaces are one
// row unless everything is asked for.
func (v *view) addRows(table *printer.Table, subject v1alpha1.SubjectAccess) {
	scopes := subject.Scopes
	first := 0
	if scopes[0].Namespace == "" {
		first = 1
	}
	if namespaces := scopes[first:]; len(namespaces) > maxScopeRows && !v.wide {
		for _, scope := range scopes[:first] {
			v.addRow(table, subject, access.ScopeName(scope.Namespace), scope.Via)
		}
		var via []v1alpha1.Via
		for _, scope := range namespaces {
			via = append(via, scope.Via...)
		}
		v.addRow(table, subject, fmt.Sprintf("%d namespaces", len(namespaces)), via)
		v.addNotes(table, subject)
		return
	}
	for _, scope := range scopes {
		v.addRow(table, subject, access.ScopeName(scope.Namespace), scope.Via)
	}
	v.addNotes(table, subject)
}

func (v *view) addRow(table *printer.Table, subject v1alpha1.SubjectAccess, scope string, via []v1alpha1.Via) {
	chain := access.Chain(via[0])
	chain = printer.Concat(chain, access.More(chains(via)-1))
	cells := []printer.Text{printer.Plain(subject.Ref()), printer.Plain(scope), chain}
	if v.noted() {
		note := ""
		if len(subject.Notes) > 0 {
			note = v.lacks
		}
		cells = append(cells, printer.Plain(note))
	}
	if v.report.Verification != nil {
		cells = append(cells, verified(subject.Verified))
	}
	table.Add(append(cells, printer.Plain(v.rule(via[0])), printer.Plain(podList(subject.Pods)))...)
}

// chains counts the bindings and groups of grants: several rules of one role
// are a single thing to take away.
func chains(grants []v1alpha1.Via) int {
	type chain struct {
		binding v1alpha1.ObjectRef
		through string
	}
	seen := map[chain]bool{}
	for _, via := range grants {
		var c chain
		if via.Binding != nil {
			c.binding = *via.Binding
		}
		if via.Through != nil {
			c.through = *via.Through
		}
		seen[c] = true
	}
	return len(seen)
}

func (v *view) rule(via v1alpha1.Via) string {
	switch {
	case !v.wide:
		return "" // its column is not shown
	case via.Binding == nil:
		return "everything"
	}
	rules := v.index.Role(via.Role.Kind, via.Role.Namespace, via.Role.Name).Rules
	return fmt.Sprintf("[%d] %s", *via.Rule, access.Rule(rules[*via.Rule]))
}

// addNotes hangs the subject's notes under its last row.
func (v *view) addNotes(table *printer.Table, subject v1alpha1.SubjectAccess) {
	last := &table.Rows[len(table.Rows)-1]
	if checked := subject.Verified; checked != nil && checked.Verdict != v1alpha1.Agrees {
		last.Children = append(last.Children, printer.Node{Label: printer.Styled(printer.RoleBad, access.ScopeName(checked.Namespace)+": "+checked.Detail)})
	}
	if who := everyone(subject.Subject); who != "" && !v.bare {
		last.Children = append(last.Children, printer.Node{Label: printer.Styled(printer.RoleBad, who)})
	}
	for _, note := range subject.Notes {
		if v.wide { // else the column NOTE and a note on the whole answer tell
			last.Children = append(last.Children, printer.Node{Label: printer.Plain(note)})
		}
	}
}

func podList(pods []v1alpha1.PodRef) string {
	const most = 3
	var names []string
	for i, pod := range pods {
		if i == most {
			names = append(names, fmt.Sprintf("+%d", len(pods)-i))
			break
		}
		names = append(names, pod.Name)
	}
	return strings.Join(names, ",")
}
