package check

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// remarks tell what an outcome rests on: an assertion may hold since it is
// about nothing.
type remarks struct {
	index      *rbac.Index
	version    string // of the server, "" when not known
	namespaces map[string]bool
}

func newRemarks(x *rbac.Index, version string) *remarks {
	r := &remarks{index: x, version: version, namespaces: map[string]bool{}}
	for obj := range x.Snapshot().All() {
		r.namespaces[obj.GetNamespace()] = true
	}
	for namespace := range snapshot.Each[corev1.Namespace](x.Snapshot()) {
		r.namespaces[namespace.Name] = true
	}
	return r
}

// doubts tell of names that may be misspelt: nothing that was read has them.
func (r *remarks) doubts(a assertion, outcome rbac.Outcome) []string {
	notes := r.ofNamespaces(a)
	for _, stranger := range outcome.Strangers {
		note := fmt.Sprintf("nothing that was read names %s: any name there gives the same outcome", ref(stranger))
		var similar []string
		for _, s := range r.index.Similar(stranger) {
			similar = append(similar, ref(s))
		}
		if len(similar) > 0 {
			note += " (did you mean " + strings.Join(similar, " or ") + "?)"
		}
		notes = append(notes, note)
	}
	return notes
}

// of returns all other remarks.
func (r *remarks) of(a assertion, outcome rbac.Outcome) []string {
	notes := r.ofRoles(outcome)
	if a.Allowed {
		return append(notes, r.ofSecondChecks(a)...)
	}
	return append(notes, r.ofRelated(a)...)
}

// ofRelated tell of verbs that have the same effect and that a "cannot"
// leaves out.
func (r *remarks) ofRelated(a assertion) []string {
	var notes []string
	for _, plan := range a.Plans {
		related := rbac.RelatedNotes(plan.Request, r.version)
		same := []string{"get", "create"}
		if plan.Request.Subresource == "" {
			same = []string{"get", "list", "watch"}
		}
		all := !slices.ContainsFunc(same, func(verb string) bool {
			return !slices.ContainsFunc(a.Plans, func(p rbac.Plan) bool {
				return p.Request.Verb == verb && p.Request.Resource == plan.Request.Resource && p.Request.Subresource == plan.Request.Subresource
			})
		})
		if len(related) > 0 && !all && !slices.Contains(notes, related[0]) {
			notes = append(notes, related[0])
		}
	}
	return notes
}

func (r *remarks) ofNamespaces(a assertion) []string {
	var notes []string
	for _, plan := range a.Plans {
		if namespace := plan.Request.Namespace; namespace != "" && !r.namespaces[namespace] {
			notes = append(notes, fmt.Sprintf("nothing that was read is in namespace %s: only what counts in every namespace was checked", namespace))
		}
	}
	return notes
}

func (r *remarks) ofRoles(outcome rbac.Outcome) []string {
	if len(r.index.AbsentRoles(outcome.Roleless)) > 0 {
		return []string{"roles that are not among the manifests may allow more: " + access.BindingNames(outcome.Roleless)}
	}
	return access.DanglingNotes(r.index, outcome.Roleless)
}

// ofSecondChecks tells what else servers ask for before they grant a request
// that should be allowed.
func (r *remarks) ofSecondChecks(a assertion) []string {
	var notes []string
	for _, plan := range a.Plans {
		checks := rbac.SecondChecks(plan.Request, r.version)
		for _, who := range a.Who {
			id := rbac.Identity{Subject: who}
			e := rbac.Explanation{Identity: id, Scopes: r.index.ScopesOf(id, plan.Request, plan.Anywhere)}
			for _, lacking := range r.index.LacksSecond(e, checks, plan.Anywhere) {
				query := v1alpha1.NewQuery(rbac.Plan{Request: lacking.Request})
				notes = append(notes, fmt.Sprintf("%s may not %s: %s", ref(who), access.Question(query), lacking.Reason))
			}
		}
	}
	return notes
}
