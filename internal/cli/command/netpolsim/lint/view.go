package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/findings"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// view shows the findings by severity, then how far policies cover each
// namespace.
func view(r *v1alpha1.NetpolLintReport, wide bool) []printer.Printable {
	n := 0
	for _, space := range r.Namespaces {
		n += space.Policies
	}
	where := fmt.Sprintf("in %s with %s", count(len(r.Namespaces), "namespace"), count(n, "policy"))
	if len(r.Namespaces) == 1 {
		where = fmt.Sprintf("in namespace %s with %s", r.Namespaces[0].Name, count(n, "policy"))
	}
	files := r.Source.Kind == snapshot.FromFiles
	return []printer.Printable{
		findings.Table(r.Findings, findings.Options{Wide: wide, Files: files}),
		printer.Heading{Title: printer.Plain("isolated pods")},
		coverage(r.Namespaces),
		printer.Heading{Title: printer.Plain(findings.Summary(r.Findings, r.Ignored, where))},
	}
}

// coverage shows how many of the pods NetworkPolicies isolate, and how many
// others cluster-wide policies close.
func coverage(namespaces []v1alpha1.NamespaceCoverage) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "namespace", Role: printer.RoleName, Shrink: 1},
		{Name: "policies", Align: printer.AlignRight},
		{Name: "ingress", Align: printer.AlignRight},
		{Name: "egress", Align: printer.AlignRight},
		{Name: "default deny"},
		{Name: "host network", Align: printer.AlignRight},
	}}
	tiers := slices.ContainsFunc(namespaces, func(n v1alpha1.NamespaceCoverage) bool {
		return n.Ingress.ByClusterPolicies+n.Egress.ByClusterPolicies > 0
	})
	if tiers {
		table.Columns = append(table.Columns, printer.Column{Name: "by cluster policies"})
	}
	for _, n := range namespaces {
		name := printer.Plain(n.Name)
		if n.Incomplete {
			name = printer.Concat(name, printer.Sign(printer.RoleWarn, printer.GlyphUnknown))
		}
		cells := []printer.Text{name, number(n.Policies), part(n.Ingress.Isolated, n.Pods), part(n.Egress.Isolated, n.Pods), denies(n), number(n.HostNetwork)}
		if tiers {
			cells = append(cells, printer.Plain(fmt.Sprintf("%d in, %d out", n.Ingress.ByClusterPolicies, n.Egress.ByClusterPolicies)))
		}
		table.Add(cells...)
	}
	return table
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

func number(n int) printer.Text { return printer.Plain(fmt.Sprint(n)) }

// part shows whether all, some or none are isolated.
func part(n, of int) printer.Text {
	role := printer.RoleWarn
	switch {
	case of == 0:
		role = printer.RoleDim
	case n == of:
		role = printer.RoleGood
	case n == 0:
		role = printer.RoleBad
	}
	return printer.Styled(role, fmt.Sprintf("%d/%d", n, of))
}

func denies(n v1alpha1.NamespaceCoverage) printer.Text {
	switch {
	case n.Ingress.DefaultDeny && n.Egress.DefaultDeny:
		return printer.Styled(printer.RoleGood, "in and out")
	case n.Ingress.DefaultDeny:
		return printer.Styled(printer.RoleGood, "in")
	case n.Egress.DefaultDeny:
		return printer.Styled(printer.RoleGood, "out")
	case n.Incomplete:
		return printer.Styled(printer.RoleWarn, "not known")
	default:
		return printer.Styled(printer.RoleDim, "no")
	}
}
