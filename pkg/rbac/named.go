package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// NamedAccess is a subject that may do something only to objects of certain
// names.
type NamedAccess struct {
	Subject Subject
	Names   []string // sorted
}

// NamedOnly returns the subjects that a binding names and that would be
// allowed a request without a name if only it had one: rules with
// resourceNames allow it for those names. Subjects that are allowed the
// request as it is are left out.
func (x *Index) NamedOnly(r Request, anywhere bool) []NamedAccess {
	if r.Path != "" || r.Name != "" || r.Verb == "create" && r.Subresource == "" || r.Verb == "deletecollection" {
		return nil
	}
	ofRole := map[int32][]string{} // names that rules of a role allow
	for _, ref := range x.rules.candidates(r) {
		if rule := &x.roles[ref.role].Rules[ref.rule]; allowsSomeName(rule, r) {
			ofRole[ref.role] = append(ofRole[ref.role], rule.ResourceNames...)
		}
	}
	allowed := x.grants(r, anywhere)
	names := x.ofOwnNamespace(r, allowed)
	spans := x.inScope(r, anywhere)
	if len(ofRole) == 0 {
		spans = nil
	}
	for _, bindings := range spans {
		for i := bindings.from; i < bindings.to; i++ {
			list := ofRole[x.columns.role[i]]
			for _, subject := range x.columns.named(i) {
				if len(list) > 0 && subject != allowed.masters && len(allowed.of(subject)) == 0 {
					names[subject] = append(names[subject], list...)
				}
			}
		}
	}
	var found []NamedAccess
	for id, subject := range x.subjects.list {
		if list := names[int32(id)]; len(list) > 0 {
			slices.Sort(list)
			found = append(found, NamedAccess{subject, slices.Compact(list)})
		}
	}
	return found
}

// ofOwnNamespace returns the subjects, by id, that RoleBindings allow a
// request for the very namespace that the binding is in: such a request is in
// it.
// Source: requestInfo.Namespace of "namespaces" in
// apiserver/pkg/endpoints/request/requestinfo.go.
func (x *Index) ofOwnNamespace(r Request, allowed *grantTable) map[int32][]string {
	names := map[int32][]string{}
	if !r.isOfNamespaces() {
		return names
	}
	candidates := map[int32][]int32{} // rules by role
	for _, ref := range x.rules.candidates(r) {
		candidates[ref.role] = append(candidates[ref.role], ref.rule)
	}
	for i := range x.bindings {
		b := &x.bindings[i]
		if b.Namespace == "" || b.Role == nil {
			continue
		}
		own := r
		own.Namespace, own.Name = b.Namespace, b.Namespace
		if !slices.ContainsFunc(candidates[b.Role.id], func(rule int32) bool { return Allows(&b.Role.Rules[rule], own) }) {
			continue
		}
		for _, subject := range x.columns.named(int32(i)) {
			if len(allowed.of(subject)) == 0 {
				names[subject] = append(names[subject], b.Namespace)
			}
		}
	}
	return names
}

// isOfNamespaces reports whether a request without a name is about namespaces
// that real requests name.
func (r Request) isOfNamespaces() bool {
	return r.Path == "" && r.APIGroup == "" && r.Resource == "namespaces" && r.Namespace == "" && r.Name == "" &&
		!slices.Contains([]string{"create", "list", "watch", "deletecollection"}, r.Verb)
}

// allowsSomeName reports whether the rule allows the request for the names
// that it lists, and only for them.
func allowsSomeName(rule *rbacv1.PolicyRule, r Request) bool {
	if len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, "") {
		return false
	}
	r.Name = rule.ResourceNames[0]
	return Allows(rule, r)
}
