package generate

import (
	"fmt"
	"slices"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
)

// Selectable divides workloads into those that a policy can select without
// isolating others, and why not the rest.
func Selectable(d *draft.Drafter, units []*draft.Unit) (subjects []*draft.Unit, refused []string) {
	subjects = slices.Clone(units)
	for changed := true; changed; {
		changed = false
		all := slices.Clone(subjects)
		subjects = slices.DeleteFunc(subjects, func(u *draft.Unit) bool {
			reason := refusalOf(d, u, all)
			if reason != "" {
				refused = append(refused, fmt.Sprintf("%s %s", u, reason))
				changed = true
			}
			return reason != ""
		})
	}
	slices.Sort(refused)
	return subjects, refused
}

func refusalOf(d *draft.Drafter, u *draft.Unit, subjects []*draft.Unit) string {
	if !slices.ContainsFunc(u.Pods, func(pod *netpol.Endpoint) bool { return !pod.HostNetwork }) {
		return "uses the network of its nodes, where policies do not apply"
	}
	if len(u.Labels) == 0 {
		return "has no label: no policy can select it alone"
	}
	for _, pod := range u.Also {
		if other := d.Unit(pod); !pod.HostNetwork && !slices.Contains(subjects, other) {
			return fmt.Sprintf("has no label that %s lacks: a policy for it would isolate that, too", other)
		}
	}
	return ""
}
