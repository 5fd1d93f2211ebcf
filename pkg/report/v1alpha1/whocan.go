package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// WhoCanReport answers who may do something.
type WhoCanReport struct {
	Meta     `json:",inline"`
	Query    Query `json:"query"`
	Coverage `json:",inline"`
	// Subjects has one entry for every principal that the authorizer would
	// allow: users, groups (each evaluated alone), then service accounts.
	Subjects []SubjectAccess `json:"subjects"`
	// ByName are subjects that are allowed this only for objects of certain
	// names, where the question names none.
	ByName []NamedAccess `json:"byName"`
	// Verification is there when the API server was asked to confirm.
	Verification *Verification `json:"verification,omitempty"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *WhoCanReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// Query is the request that was asked for, as authorizers see it.
type Query struct {
	Verb           string `json:"verb"`
	APIGroup       string `json:"apiGroup"`
	Resource       string `json:"resource"`
	Subresource    string `json:"subresource"`
	Name           string `json:"name"`
	Namespace      string `json:"namespace"` // "" for cluster scope, or with allNamespaces
	AllNamespaces  bool   `json:"allNamespaces"`
	NonResourceURL string `json:"nonResourceURL"`
}

// NewQuery converts a planned question.
func NewQuery(p rbac.Plan) Query {
	r := p.Request
	return Query{
		Verb: r.Verb, APIGroup: r.APIGroup, Resource: r.Resource, Subresource: r.Subresource,
		Name: r.Name, Namespace: r.Namespace, AllNamespaces: p.Anywhere, NonResourceURL: r.Path,
	}
}

// SubjectAccess is one subject, where it is allowed and why.
type SubjectAccess struct {
	Subject `json:",inline"`
	Scopes  []Scope `json:"scopes"`
	// Members are the known members of a Group.
	Members []Subject `json:"members,omitempty"`
	// MembersUnknown says that the group may have members that only the
	// authenticator knows.
	MembersUnknown bool `json:"membersUnknown,omitempty"`
	// Pods run as this ServiceAccount. From a live cluster they are read with
	// -o wide only; offline they are there where the input has pods.
	Pods []PodRef `json:"pods,omitempty"`
	// Notes are remarks on this subject's access, as a second permission that
	// the request needs.
	Notes []string `json:"notes,omitempty"`
	// Verified is the API server's own word, where it was asked.
	Verified *Verified `json:"verified,omitempty"`
}

// NamedAccess is a subject and the names of the objects that it may reach.
type NamedAccess struct {
	Subject       `json:",inline"`
	ResourceNames []string `json:"resourceNames"`
}

// NewNamedAccess converts what the analysis found; never nil.
func NewNamedAccess(found []rbac.NamedAccess) []NamedAccess {
	out := make([]NamedAccess, 0, len(found))
	for _, n := range found {
		out = append(out, NamedAccess{NewSubject(n.Subject), n.Names})
	}
	return out
}

// PodRef names a pod.
type PodRef struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// Verification sums up what the API server was asked.
type Verification struct {
	Asked    int `json:"asked"`    // SubjectAccessReviews sent
	Agreed   int `json:"agreed"`   // answers as in this report
	LeftOut  int `json:"leftOut"`  // known subjects beyond --verify-limit, not asked for
	NotAsked int `json:"notAsked"` // reviews that were not sent, since the server answered none before
	Failed   int `json:"failed"`   // reviews that got no answer
	Differed int `json:"differed"` // answers other than in this report
	// Others are subjects that the server allows and RBAC does not. In all
	// namespaces they are asked about cluster-wide only.
	Others []OtherAccess `json:"others"`
}

// Verdict is how the API server's answer compares with the report's.
type Verdict string

// The verdicts.
const (
	Agrees   Verdict = "agrees"
	Differs  Verdict = "differs"  // the server refuses what the report allows
	NoAnswer Verdict = "noAnswer" // the server did not answer the review
)

// Verified is the API server's answer for one subject: in every scope of the
// report, or the first in which it does not agree.
type Verified struct {
	Verdict   Verdict `json:"verdict"`
	Namespace string  `json:"namespace"` // the scope of the verdict, "" where all agree
	Detail    string  `json:"detail"`    // the server's reason or error, "" where all agree
}

// OtherAccess is a subject that the API server allows although RBAC does not.
type OtherAccess struct {
	Subject `json:",inline"`
	// ScopeNamespace is where it is allowed, "" for the whole cluster.
	ScopeNamespace string `json:"scopeNamespace"`
	Reason         string `json:"reason"` // the authorizer's words
}
