package requires

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Permission is one permission that commands need.
type Permission struct {
	rbac.Permission
	// Namespace is the one in which an object of a fixed place is read.
	Namespace string
	// Optional says that every command's answer is whole without it.
	Optional bool
	// For are the commands, with the flag or argument that asks for it.
	For []string
}

// Permissions returns what the commands need, each permission once, sorted by
// type.
func Permissions(commands []Command) []Permission {
	var list []Permission
	add := func(rule rbacv1.PolicyRule, namespace, use string, optional bool) {
		for _, part := range rbac.Breakdown(&rule) {
			i := slices.IndexFunc(list, func(p Permission) bool { return p.Permission == part })
			if i < 0 {
				i = len(list)
				list = append(list, Permission{Permission: part, Namespace: namespace, Optional: true})
			}
			list[i].Optional = list[i].Optional && optional
			if !slices.Contains(list[i].For, use) {
				list[i].For = append(list[i].For, use)
			}
		}
	}
	for _, command := range commands {
		for _, part := range command.Parts {
			use := command.Name
			if part.When != "" {
				use += " (" + part.When + ")"
			}
			for _, need := range part.Reads {
				if need.Name != "" && listed(part.Reads, need) {
					continue // the list has it
				}
				add(readRule(need), need.Namespace, use, need.Optional)
			}
			for _, rule := range part.Rules {
				add(rule, "", use, false)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Permission) int {
		return cmp.Or(
			cmp.Compare(a.URL, b.URL), cmp.Compare(a.APIGroup, b.APIGroup), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Name, b.Name),
		)
	})
	return list
}

// listed reports whether the whole type of the need is read anyway.
func listed(needs []snapshot.Need, need snapshot.Need) bool {
	return slices.ContainsFunc(needs, func(n snapshot.Need) bool {
		return n.Type == need.Type && n.Name == "" && (n.Namespace == "" || n.Namespace == need.Namespace)
	})
}

// readRule is what reading a need asks for: a list, or one object of a known
// place.
func readRule(need snapshot.Need) rbacv1.PolicyRule {
	if need.Name != "" {
		return named(rule("get", need.Type.Group, need.Type.Resource), need.Name)
	}
	return rule("list", need.Type.Group, need.Type.Resource)
}
