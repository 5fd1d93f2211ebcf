package rbac

import (
	"cmp"
	"slices"
)

// WhoCan returns every subject that the authorizer would allow the request,
// in the order users, groups, service accounts. Groups are evaluated alone;
// their known members have entries of their own. GroupMasters is always
// among them.
//
// With anywhere set, the request is asked in every namespace that has a
// RoleBinding, besides the whole cluster; its own Namespace is not looked at.
func (x *Index) WhoCan(r Request, anywhere bool) []Access {
	t := x.grants(r, anywhere)
	answer := make([]Access, 0, t.named())
	for id := range x.subjects.list {
		if scopes := t.scopes(int32(id)); len(scopes) > 0 {
			answer = append(answer, Access{Subject: x.subjects.list[id], Scopes: scopes})
		}
	}
	return answer
}

// grants finds every binding whose role allows the request and that counts
// for its scope.
func (x *Index) grants(r Request, anywhere bool) *grantTable {
	matching := x.rules.matching(r)
	ofRole := x.byRole(matching)
	t := &grantTable{
		x: x, masters: x.subjects.ids[Group(GroupMasters)],
		start: make([]int32, len(x.subjects.list)+1), through: map[int32][]Scope{},
	}
	if len(matching) == 0 {
		return t
	}
	// Counted first, so that each subject's grants stand together, in the
	// order of the bindings.
	inScope := x.inScope(r, anywhere)
	for _, bindings := range inScope {
		for i := bindings.from; i < bindings.to; i++ {
			if rules := x.rulesOf(i, ofRole); rules.from < rules.to {
				for _, subject := range x.columns.named(i) {
					t.start[subject+1] += rules.to - rules.from
				}
			}
		}
	}
	for id := 1; id < len(t.start); id++ {
		t.start[id] += t.start[id-1]
	}
	t.all = make([]grant, t.start[len(t.start)-1])
	next := slices.Clone(t.start)
	for _, bindings := range inScope {
		for i := bindings.from; i < bindings.to; i++ {
			rules := x.rulesOf(i, ofRole)
			for j := rules.from; j < rules.to; j++ {
				for _, subject := range x.columns.named(i) {
					t.all[next[subject]] = grant{i, matching[j].rule}
					next[subject]++
				}
			}
		}
	}
	return t
}

// span is a half-open range of positions.
type span struct{ from, to int32 }

// byRole returns for each role where its rules stand in matching, which is
// sorted by role.
func (x *Index) byRole(matching []ruleRef) []span {
	spans := make([]span, len(x.roles))
	for i, ref := range matching {
		if spans[ref.role].to == 0 {
			spans[ref.role].from = int32(i)
		}
		spans[ref.role].to = int32(i) + 1
	}
	return spans
}

// rulesOf returns the matching rules of a binding's role.
func (x *Index) rulesOf(binding int32, ofRole []span) span {
	role := x.columns.role[binding]
	if role < 0 {
		return span{}
	}
	return ofRole[role]
}

// inScope returns the bindings that the authorizer looks at for the request.
// Source: VisitRulesFor in pkg/registry/rbac/validation/rule.go: cluster role
// bindings always, role bindings only of the request's namespace.
func (x *Index) inScope(r Request, anywhere bool) []span {
	cluster := span{0, x.firstInNamespace("\x00")} // their namespace is "", the least
	switch {
	case r.Path != "":
		return []span{cluster}
	case anywhere:
		return []span{{0, int32(len(x.bindings))}}
	case r.Namespace == "":
		return []span{cluster}
	default:
		return []span{cluster, {x.firstInNamespace(r.Namespace), x.firstInNamespace(r.Namespace + "\x00")}}
	}
}

// firstInNamespace returns the first binding whose namespace is not less.
func (x *Index) firstInNamespace(namespace string) int32 {
	i, _ := slices.BinarySearchFunc(x.bindings, namespace, func(b Binding, namespace string) int {
		return cmp.Compare(b.Namespace, namespace)
	})
	return int32(i)
}
