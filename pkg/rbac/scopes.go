package rbac

import "slices"

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

func (t *grantTable) of(subject int32) []grant { return t.all[t.start[subject]:t.start[subject+1]] }

// named returns how many subjects have grants of their own.
func (t *grantTable) named() int {
	n := 0
	for id := 1; id < len(t.start); id++ {
		if t.start[id] > t.start[id-1] {
			n++
		}
	}
	return n
}

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
	vias, scopes := t.reserve(from)
	for _, src := range from {
		if src.builtin {
			vias = append(vias, Via{Through: src.through})
			scopes = append(scopes, Scope{Via: vias[:1:1]})
		}
	}
	places := &t.x.columns
	place, begun := int32(0), 0 // of the last scope: its namespace, its first via
	for next := earliest(from); next >= 0; next = earliest(from) {
		g := from[next].grants[0]
		from[next].grants = from[next].grants[1:]
		vias = append(vias, Via{Binding: &t.x.bindings[g.binding], Rule: int(g.rule), Through: from[next].through})
		if at := places.place[g.binding]; at != place || len(scopes) == 0 {
			place, begun = at, len(vias)-1
			scopes = append(scopes, Scope{Namespace: places.places[at]})
		}
		scopes[len(scopes)-1].Via = vias[begun:len(vias):len(vias)]
	}
	t.spareVia, t.spareScopes = vias[len(vias):], scopes[len(scopes):]
	return slices.Clip(scopes)
}

// earliest returns the source whose first grant is of the lowest binding, the
// first such source, or -1.
func earliest(from []source) int {
	best := -1
	for i := range from {
		if len(from[i].grants) > 0 && (best < 0 || from[i].grants[0].binding < from[best].grants[0].binding) {
			best = i
		}
	}
	return best
}

// reserve returns empty slices that have room for what the sources give at
// most.
func (t *grantTable) reserve(from []source) ([]Via, []Scope) {
	const chunk = 512
	total := 0
	for i := range from {
		total += len(from[i].grants)
		if from[i].builtin {
			total++
		}
	}
	if cap(t.spareVia) < total {
		t.spareVia = make([]Via, 0, max(total, min(chunk, len(t.all))))
	}
	if cap(t.spareScopes) < total {
		t.spareScopes = make([]Scope, 0, max(total, min(chunk, len(t.all))))
	}
	return t.spareVia, t.spareScopes
}
