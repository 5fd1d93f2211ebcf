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
	g := x.grants(r, anywhere)
	var answer []Access
	for id := range x.subjects.list {
		if scopes := g.scopes(int32(id)); len(scopes) > 0 {
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
	all     []grant
	// through keeps the scopes that every member of a group without other
	// grants has: they are the same for all of them.
	through map[int32][]Scope
}

// grants finds every binding whose role allows the request and that counts
// for its scope.
// Source: VisitRulesFor in pkg/registry/rbac/validation/rule.go: cluster role
// bindings always, role bindings only of the request's namespace.
func (x *Index) grants(r Request, anywhere bool) *grantTable {
	type found struct {
		grant
		subject int32
	}
	var hits []found
	counts := make([]int32, len(x.subjects.list)+1)
	matching := x.rules.matching(r)
	for len(matching) > 0 {
		n := 1
		for n < len(matching) && matching[n].role == matching[0].role {
			n++
		}
		for _, i := range x.inScope(x.roles[matching[0].role].boundBy, r, anywhere) {
			for _, subject := range x.bindings[i].subjectIDs {
				for _, ref := range matching[:n] {
					hits = append(hits, found{grant{i, ref.rule}, subject})
					counts[subject]++
				}
			}
		}
		matching = matching[n:]
	}
	t := &grantTable{x: x, masters: x.subjects.ids[Group(GroupMasters)], all: make([]grant, len(hits)), through: map[int32][]Scope{}}
	next := int32(0)
	for id, count := range counts {
		counts[id] = next
		next += count
	}
	t.start = slices.Clone(counts)
	for _, hit := range hits {
		t.all[counts[hit.subject]] = hit.grant
		counts[hit.subject]++
	}
	return t
}

// inScope returns those of a role's bindings (positions in x.bindings,
// ascending) that the authorizer looks at for the request.
func (x *Index) inScope(boundBy []int32, r Request, anywhere bool) []int32 {
	if anywhere && r.Path == "" {
		return boundBy
	}
	cluster, _ := slices.BinarySearchFunc(boundBy, "\x00", x.compareNamespace)
	if r.Namespace == "" || r.Path != "" {
		return boundBy[:cluster]
	}
	from, _ := slices.BinarySearchFunc(boundBy, r.Namespace, x.compareNamespace)
	to, _ := slices.BinarySearchFunc(boundBy, r.Namespace+"\x00", x.compareNamespace)
	if cluster == 0 {
		return boundBy[from:to]
	}
	return slices.Concat(boundBy[:cluster], boundBy[from:to])
}

func (x *Index) compareNamespace(binding int32, namespace string) int {
	return cmp.Compare(x.bindings[binding].Namespace, namespace)
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

// build sorts grants into scopes. Bindings are numbered by namespace and
// name, so their order is the order of the answer.
func (t *grantTable) build(from []source) []Scope {
	type item struct {
		grant
		source int
	}
	var items []item
	var scopes []Scope
	for i, src := range from {
		if src.builtin {
			scopes = []Scope{{Via: []Via{{Through: src.through}}}}
		}
		for _, g := range src.grants {
			items = append(items, item{g, i})
		}
	}
	slices.SortFunc(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.binding, b.binding), cmp.Compare(a.source, b.source), cmp.Compare(a.rule, b.rule))
	})
	for _, it := range items {
		binding := &t.x.bindings[it.binding]
		if n := len(scopes); n == 0 || scopes[n-1].Namespace != binding.Namespace {
			scopes = append(scopes, Scope{Namespace: binding.Namespace})
		}
		last := &scopes[len(scopes)-1]
		last.Via = append(last.Via, Via{Binding: binding, Rule: int(it.rule), Through: from[it.source].through})
	}
	return scopes
}
