package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// CheckReport says which assertions about permissions hold.
type CheckReport struct {
	Meta     `json:",inline"`
	Coverage `json:",inline"`
	// Strict says that doubts about what an assertion means make it fail.
	Strict bool `json:"strict"`
	Passed int  `json:"passed"`
	Failed int  `json:"failed"`
	// Unproven counts outcomes, passed or failed, that a gap may turn.
	Unproven   int         `json:"unproven"`
	Assertions []Assertion `json:"assertions"`
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *CheckReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// Assertion is one assertion and its outcome.
type Assertion struct {
	Text     string `json:"text"` // in words
	File     string `json:"file"`
	Line     int    `json:"line"`
	Why      string `json:"why"` // the author's reason
	Passed   bool   `json:"passed"`
	Unproven bool   `json:"unproven"`
	// Violations are the ways in which it does not hold.
	Violations []Violation `json:"violations"`
	// ByName are subjects that are allowed it for some names only, and should
	// not be at all.
	ByName []NamedAccess `json:"byName"`
	// Notes are remarks on what the assertion asks for, and on what it leaves
	// out.
	Notes []string `json:"notes"`
	// Doubts are those of the notes which say that the assertion may not mean
	// what it says, or is about nobody.
	Doubts []string `json:"doubts"`
}

// Violation is a subject that is allowed what it should not be (with scopes),
// or is not allowed what it should be (without).
type Violation struct {
	Query   Query   `json:"query"`
	Subject Subject `json:"subject"`
	Scopes  []Scope `json:"scopes"`
}

// Add appends an assertion, of which all is known but its outcome.
func (r *CheckReport) Add(a Assertion, o rbac.Outcome) {
	doubtful := r.Strict && len(a.Doubts) > 0
	a.Passed, a.Unproven = o.Holds() && !doubtful, o.Unproven
	a.Violations, a.ByName = []Violation{}, NewNamedAccess(o.ByName)
	a.Notes, a.Doubts = orEmpty(a.Notes), orEmpty(a.Doubts)
	for _, v := range o.Violations {
		a.Violations = append(a.Violations, Violation{
			Query:   NewQuery(rbac.Plan{Request: v.Request, Anywhere: v.Anywhere}),
			Subject: NewSubject(v.Subject),
			Scopes:  NewScopes(v.Scopes),
		})
	}
	r.Assertions = append(r.Assertions, a)
	if a.Passed {
		r.Passed++
	} else {
		r.Failed++
	}
	if a.Unproven {
		r.Unproven++
	}
}
