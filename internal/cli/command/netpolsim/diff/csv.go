package diff

import (
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// writeCSV writes a line for each change, pair of groups and range of ports,
// and one for each observed flow that is not kept.
func writeCSV(w io.Writer, r *v1alpha1.FlowDiffReport, headers bool) error {
	out := output.NewCSV(w, headers, "change", "from", "to", "ports", "before", "after", "because")
	for _, l := range rows(r) {
		for _, p := range pairs(l) {
			for _, ports := range l.ports {
				out.Line(l.change, p[0], p[1], ports, l.before, l.after, strings.Join(l.causes, "; "))
			}
		}
	}
	if r.Observed != nil {
		for _, f := range r.Observed.Results {
			out.Line("Observed"+f.Outcome, f.From, f.To, f.Port, f.Before, f.After, strings.Join(reasons(f), "; "))
		}
	}
	return out.End()
}

// pairs are those of the groups of a row; where some of their members are
// exceptions, those of members.
func pairs(l row) [][2]string {
	excepted := map[v1alpha1.FlowPair]bool{}
	touched := map[string]bool{}
	for _, pair := range l.except {
		excepted[pair] = true
		touched[pair.From], touched[pair.To] = true, true
	}
	isTouched := func(g v1alpha1.FlowGroup) bool {
		return slices.ContainsFunc(members(g), func(m member) bool { return touched[m.id] })
	}
	var all [][2]string
	for _, from := range l.from {
		for _, to := range l.to {
			if !isTouched(from) || !isTouched(to) {
				if !isSelf(from, to) {
					all = append(all, [2]string{groupName(from, true), groupName(to, true)})
				}
				continue
			}
			for _, f := range members(from) {
				for _, t := range members(to) {
					if f.id != t.id && !excepted[v1alpha1.FlowPair{From: f.id, To: t.id}] {
						all = append(all, [2]string{f.name, t.name})
					}
				}
			}
		}
	}
	return all
}

// isSelf reports whether both are one pod.
func isSelf(from, to v1alpha1.FlowGroup) bool {
	return len(from.Members) == 1 && len(to.Members) == 1 && members(from)[0] == members(to)[0]
}

// member is an endpoint of a group, with the name that pairs have.
type member struct{ id, name string }

func members(g v1alpha1.FlowGroup) []member {
	var all []member
	for _, name := range g.Members {
		switch netpol.EndpointKind(g.Kind) {
		case netpol.PodEndpoint:
			all = append(all, member{"pod/" + g.Namespace + "/" + name, g.Namespace + "/" + name})
		case netpol.NodeEndpoint:
			all = append(all, member{"node/" + name, "node/" + name})
		default:
			all = append(all, member{name, name})
		}
	}
	if len(g.Members) == 0 {
		all = append(all, member{g.Namespace + "/" + g.Workload, groupName(g, true)})
	}
	return all
}
