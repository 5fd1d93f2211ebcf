package access

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// ClusterScope is how the whole cluster is named in a SCOPE column.
const ClusterScope = "cluster"

// ScopeName returns how a scope is named in a table.
func ScopeName(namespace string) string {
	if namespace == "" {
		return ClusterScope
	}
	return namespace
}

// ChainLegend explains the short forms of Chain.
func ChainLegend() printer.Text {
	return printer.Plain("CRB = ClusterRoleBinding, RB = RoleBinding, CR = ClusterRole")
}

// More counts further grants behind a Chain.
func More(n int) printer.Text {
	if n == 0 {
		return nil
	}
	return printer.Text{{Role: printer.RoleDim, Text: fmt.Sprintf(" (+%d more)", n), Short: fmt.Sprintf(" (+%d)", n)}}
}

// Chain shows a grant: binding → role, and through which group.
func Chain(via v1alpha1.Via) printer.Text {
	text := printer.Plain("built in")
	if via.Builtin == "" {
		role := object(*via.Role)
		if via.Role.Name == via.Binding.Name {
			role[1].Short = " of that name"
		}
		text = printer.Chain(object(*via.Binding), role)
	}
	if via.Through != nil && *via.Through != "" {
		return printer.Concat(printer.Plain("group/"+*via.Through), printer.Sign(printer.RolePlain, printer.GlyphArrow), text)
	}
	return text
}

// Question names what was asked, as authorizers see it.
func Question(q v1alpha1.Query) string {
	if q.NonResourceURL != "" {
		return q.Verb + " " + q.NonResourceURL
	}
	what := q.Resource
	if q.APIGroup != "" {
		what += "." + q.APIGroup
	}
	if q.Subresource != "" {
		what += "/" + q.Subresource
	}
	text := q.Verb + " " + what
	if q.Name != "" {
		text += fmt.Sprintf(" named %s", q.Name)
	}
	switch {
	case q.AllNamespaces:
		return text + " in any namespace"
	case q.Resource == "namespaces" && q.Name == q.Namespace && q.Name != "":
		return text // the namespace itself: its name says where
	case q.Namespace != "":
		return text + " in namespace " + q.Namespace
	default:
		return text + " (cluster-scoped)"
	}
}

// ChainText is Chain as plain text, for formats without style.
func ChainText(via v1alpha1.Via) string {
	text := "built in"
	if via.Builtin == "" {
		text = via.Binding.Kind + "/" + via.Binding.Name + " → " + via.Role.Kind + "/" + via.Role.Name
	}
	if via.Through != nil && *via.Through != "" {
		return "group/" + *via.Through + " → " + text
	}
	return text
}

// object shows KIND/NAME; a Role is in its binding's namespace, which the
// scope tells.
func object(ref v1alpha1.ObjectRef) printer.Text {
	short := map[string]string{"ClusterRoleBinding": "CRB", "RoleBinding": "RB", "ClusterRole": "CR"}[ref.Kind]
	kind := printer.Part{Text: ref.Kind, Short: short}
	return printer.Text{kind, {Text: "/" + ref.Name}}
}

// orNone joins a list; an empty one, which matches nothing, is told in words.
func orNone(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ",")
}

// Rule shows a rule as people read it: verbs, then what they are for.
func Rule(rule rbacv1.PolicyRule) string {
	verbs := orNone(rule.Verbs, "no verb")
	if len(rule.NonResourceURLs) > 0 {
		return fmt.Sprintf("%s %s", verbs, strings.Join(rule.NonResourceURLs, ","))
	}
	groups := make([]string, 0, len(rule.APIGroups))
	for _, group := range rule.APIGroups {
		if group == "" {
			group = `""`
		}
		groups = append(groups, group)
	}
	text := fmt.Sprintf("%s %s in %s", verbs, orNone(rule.Resources, "no type"), orNone(groups, "no API group"))
	if len(rule.ResourceNames) > 0 {
		names := make([]string, 0, len(rule.ResourceNames))
		for _, name := range rule.ResourceNames {
			if name == "" {
				name = `""`
			}
			names = append(names, name)
		}
		text += " named " + strings.Join(names, ",")
	}
	return text
}
