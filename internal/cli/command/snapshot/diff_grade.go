package snapshot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// grade orders changes: what leads further than it says comes first, of that
// what counts in the whole cluster, then the worst.
type grade struct {
	harmless, namespaced bool
	rank                 int // among the powers, the worst first
}

func (g grade) powerful() bool { return !g.harmless }

func (g grade) compare(other grade) int {
	last := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(last(g.harmless), last(other.harmless)),
		cmp.Compare(last(g.namespaced), last(other.namespaced)),
		cmp.Compare(g.rank, other.rank),
	)
}

// grader grades changes by the rights that lead further.
type grader struct{ powers []rbac.Power }

func newGrader() grader { return grader{rbac.Powers()} }

func (gr grader) grade(c v1alpha1.PermissionChange) grade {
	g := grade{namespaced: c.Namespace != ""}
	if c.Verb == "*" && c.Resource == "*" && c.APIGroup == "*" {
		return g
	}
	i := slices.IndexFunc(gr.powers, func(p rbac.Power) bool {
		counts := !p.ClusterOnly || !g.namespaced
		return counts && slices.ContainsFunc(p.On, func(on rbac.PowerOn) bool { return gives(c, on) })
	})
	switch {
	case i >= 0:
		g.rank = i + 1
	case c.Verb == "*" && c.Resource == "*":
		g.rank = len(gr.powers) + 1 // of one API group
	default:
		g.harmless = true
	}
	return g
}

// gives reports whether the permission holds a power on its type. A create by
// name is for server-side apply only.
func gives(c v1alpha1.PermissionChange, on rbac.PowerOn) bool {
	_, sub, isSub := strings.Cut(on.Resource, "/")
	inGroup := c.APIGroup == "*" || c.APIGroup == on.APIGroup
	onType := c.Resource == "*" || c.Resource == on.Resource || isSub && c.Resource == "*/"+sub
	if c.NonResourceURL != "" || !inGroup || !onType {
		return false
	}
	onlyNamed := c.Name != nil && *c.Name != ""
	return slices.ContainsFunc(on.Verbs, func(verb string) bool {
		forApply := onlyNamed && verb == "create" && !isSub
		return (c.Verb == "*" || c.Verb == verb) && !forApply
	})
}
