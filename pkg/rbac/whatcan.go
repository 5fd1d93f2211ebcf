package rbac

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Permissions are all rules that count for one subject, its own and those of
// the groups that it is in.
type Permissions struct {
	Subject Subject
	// Groups are the groups that the subject was evaluated with.
	Groups []InGroup
	// Grants are in the order of the bindings: cluster-wide ones first, then
	// by namespace.
	Grants []Grant
	// Dangling are the bindings that name the subject or one of its groups and
	// whose role is not in the snapshot.
	Dangling []*Binding
}

// Grant is one rule that a subject has through one binding.
type Grant struct {
	Namespace string // where the rule counts, "" for the whole cluster
	Via       Via
}

// Rule returns what is granted. A built-in right grants everything.
func (g Grant) Rule() rbacv1.PolicyRule {
	if g.Via.Builtin() {
		every := []string{all}
		return rbacv1.PolicyRule{Verbs: every, APIGroups: every, Resources: every, NonResourceURLs: every}
	}
	return g.Via.Binding.Role.Rules[g.Via.Rule]
}

// WhatCan returns everything that RBAC allows the identity, which need not be
// known to the snapshot.
func (x *Index) WhatCan(id Identity) *Permissions {
	p := &Permissions{Subject: id.Subject, Groups: x.GroupsOf(id)}
	type held struct {
		binding int32
		through string
	}
	var from []held
	collect := func(named Subject, through string) {
		if id, ok := x.subjects.ids[named]; ok {
			for _, binding := range x.ofBy[id] {
				from = append(from, held{binding, through})
			}
		}
	}
	switch {
	case id.Subject == Group(GroupMasters):
		p.Grants = []Grant{{}}
		return p
	case slices.ContainsFunc(p.Groups, func(g InGroup) bool { return g.Name == GroupMasters }):
		p.Grants = []Grant{{Via: Via{Through: GroupMasters}}}
	}
	collect(id.Subject, "")
	for _, group := range p.Groups {
		collect(Group(group.Name), group.Name)
	}
	slices.SortStableFunc(from, func(a, b held) int { return cmp.Compare(a.binding, b.binding) })
	for i, h := range from {
		b := &x.bindings[h.binding]
		if b.Role == nil {
			if i == 0 || from[i-1].binding != h.binding {
				p.Dangling = append(p.Dangling, b)
			}
			continue
		}
		for rule := range b.Role.Rules {
			p.Grants = append(p.Grants, Grant{Namespace: b.Namespace, Via: Via{Binding: b, Rule: rule, Through: h.through}})
		}
	}
	return p
}

// Namespaces returns the namespaces in which RoleBindings grant anything,
// sorted.
func (p *Permissions) Namespaces() []string {
	var names []string
	for _, g := range p.Grants {
		if g.Namespace != "" && (len(names) == 0 || names[len(names)-1] != g.Namespace) {
			names = append(names, g.Namespace)
		}
	}
	return names
}

// Allows returns the grants that allow the request: those of the whole
// cluster and those of its namespace.
// Source: VisitRulesFor in pkg/registry/rbac/validation/rule.go.
func (p *Permissions) Allows(r Request) []Grant {
	var allowing []Grant
	for _, g := range p.Grants {
		if g.Namespace != "" && (g.Namespace != r.Namespace || r.Path != "") {
			continue
		}
		rule := g.Rule()
		if Allows(&rule, r) {
			allowing = append(allowing, g)
		}
	}
	return allowing
}

// In returns the grants that count in the namespace: its own and those of the
// whole cluster.
func (p *Permissions) In(namespace string) []Grant {
	var counting []Grant
	for _, g := range p.Grants {
		if g.Namespace == "" || g.Namespace == namespace {
			counting = append(counting, g)
		}
	}
	return counting
}
