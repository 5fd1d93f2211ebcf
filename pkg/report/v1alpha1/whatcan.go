package v1alpha1

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// WhatCanReport answers what a subject may do.
type WhatCanReport struct {
	Meta     `json:",inline"`
	Subject  Subject `json:"subject"`
	Coverage `json:",inline"`
	// Pod is the pod that stood for its service account.
	Pod *PodRef `json:"pod,omitempty"`
	// Groups are those that the subject was evaluated with.
	Groups []SubjectGroup `json:"groups"`
	// Namespace is the one that was asked about, "" with AllNamespaces. What
	// counts in it is the scope of the whole cluster and its own.
	Namespace     string `json:"namespace"`
	AllNamespaces bool   `json:"allNamespaces"`
	// Scopes are where anything is allowed, cluster-wide first.
	Scopes []RuleScope `json:"scopes"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *WhatCanReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// RuleScope is one place and the rules that bindings there give.
type RuleScope struct {
	Namespace string        `json:"namespace"` // "" for the whole cluster
	Rules     []GrantedRule `json:"rules"`
}

// GrantedRule is a rule as the role has it, and every grant that gives it.
type GrantedRule struct {
	Verbs           []string `json:"verbs"`
	APIGroups       []string `json:"apiGroups"`
	Resources       []string `json:"resources"`
	ResourceNames   []string `json:"resourceNames"` // empty for all names
	NonResourceURLs []string `json:"nonResourceURLs"`
	Via             []Via    `json:"via"`
	// Dead are parts of the rule that grant nothing in this scope.
	Dead []DeadPart `json:"dead"`
}

// DeadPart is a part of a rule that grants nothing, and why.
type DeadPart struct {
	Verbs []string `json:"verbs"`
	On    []string `json:"on"` // types or URLs
	Why   string   `json:"why"`
}

// NewRuleScopes converts the grants of the analysis, in their order. Rules
// that are equal within a scope are one entry.
func NewRuleScopes(grants []rbac.Grant, types *apiresource.Catalog) []RuleScope {
	scopes := []RuleScope{}
	index := map[string]int{}
	for _, g := range grants {
		if n := len(scopes); n == 0 || scopes[n-1].Namespace != g.Namespace {
			scopes = append(scopes, RuleScope{Namespace: g.Namespace, Rules: []GrantedRule{}})
			clear(index)
		}
		scope := &scopes[len(scopes)-1]
		rule := g.Rule()
		key := rule.String()
		i, seen := index[key]
		if !seen {
			i = len(scope.Rules)
			index[key] = i
			scope.Rules = append(scope.Rules, newGrantedRule(&rule, g.Namespace, types))
		}
		scope.Rules[i].Via = append(scope.Rules[i].Via, NewVia(g.Via))
	}
	return scopes
}

func newGrantedRule(rule *rbacv1.PolicyRule, namespace string, types *apiresource.Catalog) GrantedRule {
	granted := GrantedRule{
		Verbs: orEmpty(rule.Verbs), APIGroups: orEmpty(rule.APIGroups), Resources: orEmpty(rule.Resources),
		ResourceNames: orEmpty(rule.ResourceNames), NonResourceURLs: orEmpty(rule.NonResourceURLs), Dead: []DeadPart{},
	}
	for _, dead := range rbac.DeadParts(rule, namespace, types) {
		granted.Dead = append(granted.Dead, DeadPart{Verbs: dead.Verbs, On: dead.On, Why: dead.Why})
	}
	return granted
}
