package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// CheckReport says which assertions about permissions hold.
type CheckReport struct {
	Meta     `json:",inline"`
	Coverage `json:",inline"`
	Passed   int `json:"passed"`
	Failed   int `json:"failed"`
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
}

// Violation is a subject that is allowed what it should not be (with scopes),
// or is not allowed what it should be (without).
type Violation struct {
	Query   Query   `json:"query"`
	Subject Subject `json:"subject"`
	Scopes  []Scope `json:"scopes"`
}

// Add appends an assertion with its outcome.
func (r *CheckReport) Add(file string, line int, text, why string, notes []string, o rbac.Outcome) {
	a := Assertion{
		Text: text, File: file, Line: line, Why: why, Passed: o.Holds(), Unproven: o.Unproven,
		Violations: []Violation{}, ByName: NewNamedAccess(o.ByName), Notes: orEmpty(notes),
	}
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
