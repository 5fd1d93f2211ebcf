package why

import (
	"cmp"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const (
	maxNearMisses = 4 // shown to people; -o wide and -o json have all
	maxGrants     = 5
	maxRoles      = 4
	maxNamespaces = 5
)

// view renders a report for people.
type view struct {
	report  *v1alpha1.WhyReport
	index   *rbac.Index
	program string
	noFix   error // why there is no change to propose
	wide    bool
	unknown []string // that nothing knows the subject, and who may be meant
}

func (v *view) render() []printer.Printable {
	items := []printer.Printable{v.answer()}
	if *v.report.Allowed {
		return append(items, v.grants(), v.verification())
	}
	items = append(items, v.nearMisses(), v.verification())
	return append(items, v.change()...)
}

// answer is the answer in one sentence. It is wrapped and never cut.
func (v *view) answer() printer.Block {
	r := v.report
	who := r.Subject.Ref()
	word, sentence := printer.Styled(printer.RoleBad, "No"), who+" may not "+v.question()
	switch {
	case v.differs() && *r.Allowed:
		word, sentence = printer.Styled(printer.RoleWarn, "The API server refuses it, RBAC as read allows it"), who+" may not "+v.question()
	case v.differs() && !r.Incomplete:
		word, sentence = printer.Styled(printer.RoleWarn, "The API server allows it, RBAC as read does not"), who+" may "+v.question()
	case *r.Allowed, v.differs():
		word, sentence = printer.Styled(printer.RoleGood, "Yes"), who+" may "+v.question()
	case r.Incomplete && !v.agrees():
		word, sentence = printer.Styled(printer.RoleWarn, "Not found"), "nothing that could be read allows "+who+" to "+v.question()
	}
	b := printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Concat(word, printer.Styled(printer.RoleHeading, ": "+sentence))}}}
	if v.differs() {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Plain(v.serverSays())})
	}
	for _, text := range v.unknown {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleWarn, text)})
	}
	if r.Pod != nil {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleDim, fmt.Sprintf("pod %s in namespace %s runs as it", r.Pod.Name, r.Pod.Namespace))})
	}
	if groups := groupList(r.Groups); groups != "" {
		b.Paragraphs = append(b.Paragraphs, printer.Paragraph{Text: printer.Styled(printer.RoleDim, groups)})
	}
	return b
}

// groupList names the groups that the name of the subject does not tell.
func groupList(groups []v1alpha1.SubjectGroup) string {
	var names []string
	for _, g := range groups {
		if g.Source != string(rbac.GroupBuiltin) {
			names = append(names, cmp.Or(g.Name, `""`)) // certificates can have it
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "as a member of " + strings.Join(names, ", ")
}

// question names what was asked, as authorizers see it.
func (v *view) question() string {
	q := v.report.Query
	if q.NonResourceURL != "" {
		return q.Verb + " " + q.NonResourceURL
	}
	text := q.Verb + " " + q.Resource
	if q.APIGroup != "" {
		text += "." + q.APIGroup
	}
	if q.Subresource != "" {
		text += "/" + q.Subresource
	}
	if q.Name != "" {
		text += " named " + q.Name
	}
	switch {
	case q.AllNamespaces && *v.report.Allowed:
		return text + " " + v.where()
	case q.AllNamespaces:
		return text + " in any namespace"
	case q.Namespace != "":
		return text + " in namespace " + q.Namespace
	case v.index.Namespaced(q.APIGroup, q.Resource):
		return text + " in all namespaces at once"
	default:
		return text + " (cluster-scoped)"
	}
}

// where names the namespaces in which it is allowed: "any" would read as
// every one.
func (v *view) where() string {
	scopes := v.report.Scopes
	if scopes[0].Namespace == "" {
		return "in every namespace"
	}
	var names []string
	for i, scope := range scopes {
		if i == maxNamespaces && !v.wide {
			names = append(names, "…")
			break
		}
		names = append(names, scope.Namespace)
	}
	atLeast := ""
	if v.report.Incomplete {
		atLeast = "at least "
	}
	return fmt.Sprintf("in %s%s: %s", atLeast, count(len(scopes), "namespace"), strings.Join(names, ", "))
}

// count is a number of things with their noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// grants shows what allows it, a scope at a time: a root for each binding,
// its rules below.
func (v *view) grants() printer.Printable {
	var roots []printer.Node
	for _, scope := range v.report.Scopes {
		for i, via := range scope.Via {
			if i == 0 || !sameChain(via, scope.Via[i-1]) {
				roots = append(roots, printer.Node{Label: place(scope.Namespace, access.Chain(via))})
			}
			child := printer.Plain("members of system:masters pass before any authorizer is asked")
			if via.Binding != nil {
				child = ruleLine(*via.Rule, v.ruleText(v.rule(via)))
			}
			root := &roots[len(roots)-1]
			root.Children = append(root.Children, printer.Node{Label: child, Wrap: true})
		}
	}
	return printer.Tree{Roots: v.cut(roots, maxGrants, "grant")}
}

// sameChain reports whether two grants differ in their rule only.
func sameChain(a, b v1alpha1.Via) bool {
	return a.Binding != nil && b.Binding != nil && *a.Binding == *b.Binding && *a.Through == *b.Through
}

func (v *view) rule(via v1alpha1.Via) rbacv1.PolicyRule {
	return v.index.Role(via.Role.Kind, via.Role.Namespace, via.Role.Name).Rules[*via.Rule]
}

func ruleLine(index int, text string) printer.Text {
	return printer.Concat(printer.Styled(printer.RoleDim, fmt.Sprintf("rule [%d] ", index)), printer.Plain(text))
}

// place puts a scope before a grant.
func place(namespace string, chain printer.Text) printer.Text {
	return printer.Concat(printer.Styled(printer.RoleName, access.ScopeName(namespace)), printer.Plain(": "), chain)
}
