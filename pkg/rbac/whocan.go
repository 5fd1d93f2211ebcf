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
	var answer []Access
	for id := range x.subjects.list {
		if scopes := t.scopes(int32(id)); len(scopes) > 0 {
			answer = append(answer, Access{Subject: x.subjects.list[id], Scopes: scopes})
		}
	}
	return answer
}

// grant is one rule of one binding that allows a request.
type grant struct{ binding, rule int32 }

// grantTable has the grants of one request by the subject that the binding
// names.
type grantTable struct {
	x       *Index
	masters int32
	start   []int32 // grants of subject id are all[start[id]:start[id+1]]
	all     []grant // of one subject by binding and rule
	// through keeps the scopes that every member of a group without other
	// grants has: they are the same for all of them.
	through map[int32][]Scope
	// spareVia and spareScopes are cut into the answer's slices: thousands of
	// short ones would each be an allocation.
	spareVia    []Via
	spareScopes []Scope
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
				for _, subject := range x.bindings[i].subjectIDs {
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
				for _, subject := range x.bindings[i].subjectIDs {
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
	role := x.roleOf[binding]
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

func (t *grantTable) of(subject int32) []grant { return t.all[t.start[subject]:t.start[subject+1]] }

// scopes returns where the subject is allowed: its own grants and those of
// the groups that it is in.
func (t *grantTable) scopes(subject int32) []Scope {
	if subject == t.masters {
		return []Scope{{Via: []Via{{}}}}
	}
	own := t.of(subject)
	var sources []int32
	for _, group := range t.x.subjects.groupsOf[subject] {
		if group == t.masters || len(t.of(group)) > 0 {
			sources = append(sources, group)
		}
	}
	switch {
	case len(own) == 0 && len(sources) == 0:
		return nil
	case len(sources) == 0:
		return t.build([]source{{grants: own}})
	case len(own) == 0 && len(sources) == 1:
		group := sources[0]
		if _, done := t.through[group]; !done {
			t.through[group] = t.build([]source{t.fromGroup(group)})
		}
		return t.through[group]
	}
	from := []source{{grants: own}}
	for _, group := range sources {
		from = append(from, t.fromGroup(group))
	}
	return t.build(from)
}

// source is a list of grants that a subject has, itself or through a group.
type source struct {
	through string
	builtin bool
	grants  []grant
}

func (t *grantTable) fromGroup(group int32) source {
	if group == t.masters {
		return source{through: GroupMasters, builtin: true}
	}
	return source{through: t.x.subjects.list[group].Name, grants: t.of(group)}
}

// build makes scopes of grants. Bindings are numbered by namespace and name,
// so their order is the order of the answer.
func (t *grantTable) build(from []source) []Scope {
	total := 0
	for _, src := range from {
		total += len(src.grants)
	}
	vias := t.takeVia(total)
	scopes := t.takeScopes(total + 1)
	for _, src := range from {
		if src.builtin {
			scopes = append(scopes, Scope{Via: []Via{{Through: src.through}}})
		}
	}
	for {
		next := earliest(from)
		if next < 0 {
			break
		}
		g := from[next].grants[0]
		from[next].grants = from[next].grants[1:]
		binding := &t.x.bindings[g.binding]
		vias = append(vias, Via{Binding: binding, Rule: int(g.rule), Through: from[next].through})
		if n := len(scopes); n == 0 || scopes[n-1].Namespace != binding.Namespace {
			scopes = append(scopes, Scope{Namespace: binding.Namespace, Via: vias[len(vias)-1 : len(vias) : len(vias)]})
			continue
		}
		last := &scopes[len(scopes)-1]
		if last.Via[0].Builtin() {
			last.Via = append(last.Via, vias[len(vias)-1])
			continue
		}
		last.Via = vias[len(vias)-1-len(last.Via) : len(vias) : len(vias)]
	}
	return scopes
}

// earliest returns the source whose first grant is of the lowest binding, the
// first such source, or -1.
func earliest(from []source) int {
	best := -1
	for i, src := range from {
		if len(src.grants) > 0 && (best < 0 || src.grants[0].binding < from[best].grants[0].binding) {
			best = i
		}
	}
	return best
}

// takeVia returns an empty slice with room for n.
func (t *grantTable) takeVia(n int) []Via {
	if cap(t.spareVia) < n {
		t.spareVia = make([]Via, 0, max(n, len(t.all)))
	}
	taken := t.spareVia[:0:n]
	t.spareVia = t.spareVia[n:n:cap(t.spareVia)]
	return taken
}

// takeScopes returns an empty slice with room for n.
func (t *grantTable) takeScopes(n int) []Scope {
	if cap(t.spareScopes) < n {
		t.spareScopes = make([]Scope, 0, max(n, len(t.all)))
	}
	taken := t.spareScopes[:0:n]
	t.spareScopes = t.spareScopes[n:n:cap(t.spareScopes)]
	return taken
}
