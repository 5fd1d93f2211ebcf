package v1alpha1

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// WhyReport answers whether someone may do something, and why or why not.
type WhyReport struct {
	Meta     `json:",inline"`
	Query    Query `json:"query"`
	Coverage `json:",inline"`
	// Subject is who was asked about; empty where a message does not say.
	Subject Subject `json:"subject"`
	// Pod is the pod that stood for its service account.
	Pod *PodRef `json:"pod,omitempty"`
	// Groups are those that the subject was evaluated with.
	Groups []SubjectGroup `json:"groups"`
	// Allowed is RBAC's answer; null where RBAC was not asked, because what
	// refused was not an authorizer. With incomplete, false means "not found
	// to be allowed".
	Allowed *bool `json:"allowed"`
	// Scopes are where it is allowed, and every grant that allows it.
	Scopes []Scope `json:"scopes"`
	// NearMisses are, for a no, the grants that come nearest, nearest first.
	NearMisses []NearMiss `json:"nearMisses"`
	// RolesThatWouldDo hold a rule for the request, the smallest first.
	RolesThatWouldDo []ObjectRef `json:"rolesThatWouldDo"`
	// Fix is the smallest change that would allow it, checked by asking again.
	Fix *Fix `json:"fix,omitempty"`
	// Denial is what a pasted message says.
	Denial *Denial `json:"denial,omitempty"`
	// Verified is the API server's own word, where it was asked.
	Verified *Verified `json:"verified,omitempty"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *WhyReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// SubjectGroup is a group that a subject is in, and how that is known.
type SubjectGroup struct {
	Name   string `json:"name"`
	Source string `json:"source"` // builtin, known or given
}

// NearMiss is a grant that would allow the request, were it not for Failing.
type NearMiss struct {
	Binding ObjectRef  `json:"binding"`
	RoleRef RoleRef    `json:"roleRef"`
	Role    *ObjectRef `json:"role"` // null where roleRef names none that exists
	Rule    int        `json:"rule"` // index in the role's rules, -1 without a role
	// PolicyRule is that rule.
	PolicyRule *rbacv1.PolicyRule `json:"policyRule"`
	Through    string             `json:"through"`
	// Related says that the grant is about what was asked for, or something
	// that is easily taken for it.
	Related  bool   `json:"related"`
	Distance int    `json:"distance"` // how many dimensions fail
	Failing  []Miss `json:"failing"`
}

// RoleRef is the role that a binding names, which may not exist.
type RoleRef struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Miss is one dimension in which a grant fails.
type Miss struct {
	// Dimension is subject, scope, role, verb, apiGroup, resource,
	// resourceName or nonResourceURL.
	Dimension string `json:"dimension"`
	Detail    string `json:"detail"`
	Hint      string `json:"hint"` // what would be right, "" where the detail says it
}

// Fix is a change that allows a request.
type Fix struct {
	// Kind is bindExisting, extendRole or newRole.
	Kind string `json:"kind"`
	// Rule is the one that is added; of a role that is bound, what it gives.
	Rule rbacv1.PolicyRule `json:"rule"`
	// Objects are whole RBAC objects, to apply in this order.
	Objects Objects  `json:"objects"`
	Remarks []string `json:"remarks"`
}

// Denial is what a pasted error message says.
type Denial struct {
	Kind   string `json:"kind"`   // authorization, escalation or admission
	User   string `json:"user"`   // "" where it does not say
	By     string `json:"by"`     // the admission plugin, "" if unknown
	Reason string `json:"reason"` // the server's further words
}

// NewNearMisses converts the near misses of the analysis.
func NewNearMisses(misses []rbac.NearMiss) []NearMiss {
	out := make([]NearMiss, 0, len(misses))
	for _, m := range misses {
		b := m.Binding
		n := NearMiss{
			Binding: ObjectRef{Kind: b.Kind, Namespace: b.Namespace, Name: b.Name},
			RoleRef: RoleRef{Kind: b.RoleRef.Kind, Name: b.RoleRef.Name},
			Rule:    m.Rule, Through: m.Through, Related: m.Related(), Distance: m.Distance(),
			Failing: make([]Miss, 0, len(m.Misses)),
		}
		if b.Role != nil {
			ref := NewRoleRef(b.Role)
			n.Role = &ref
		}
		if m.Rule >= 0 {
			n.PolicyRule = &b.Role.Rules[m.Rule]
		}
		for _, miss := range m.Misses {
			n.Failing = append(n.Failing, Miss{Dimension: string(miss.Dimension), Detail: miss.Detail, Hint: miss.Hint})
		}
		out = append(out, n)
	}
	return out
}

// NewRoleRef names a role.
func NewRoleRef(role *rbac.Role) ObjectRef {
	return ObjectRef{Kind: role.Kind, Namespace: role.Namespace, Name: role.Name}
}

// NewSubjectGroups converts the groups of the analysis.
func NewSubjectGroups(groups []rbac.InGroup) []SubjectGroup {
	out := make([]SubjectGroup, 0, len(groups))
	for _, g := range groups {
		out = append(out, SubjectGroup{Name: g.Name, Source: string(g.Source)})
	}
	return out
}

// NewFix converts a change of the analysis.
func NewFix(fix *rbac.Fix) *Fix {
	return &Fix{Kind: string(fix.Kind), Rule: fix.Rule, Objects: orEmpty(fix.Objects), Remarks: orEmpty(fix.Remarks)}
}
