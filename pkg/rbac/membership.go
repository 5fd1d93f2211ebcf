package rbac

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Membership names the members of groups that Kubernetes does not fill
// itself: group → users (service accounts by their user name).
type Membership map[string][]string

// subjects are all subjects of a snapshot, sorted by compareSubjects, and who
// is in which group. A subject is known by its position, its id.
type subjects struct {
	list     []Subject
	ids      map[Subject]int32
	groupsOf [][]int32 // ids of the groups that a subject is in, sorted
	members  [][]int32 // ids of the members of a group, sorted
}

// collectSubjects gathers every ServiceAccount of the input, every subject
// that a binding or the membership names, and those that are given.
func collectSubjects(s *snapshot.Snapshot, bindings []Binding, known Membership, also []Subject) *subjects {
	set := map[Subject]struct{}{Group(GroupMasters): {}}
	for _, subject := range also {
		set[subject] = struct{}{}
	}
	for a := range snapshot.Each[corev1.ServiceAccount](s) {
		set[account(a.Namespace, a.Name)] = struct{}{}
	}
	for i := range bindings {
		for _, subject := range bindings[i].Subjects {
			set[subject] = struct{}{}
		}
	}
	for group, users := range known {
		set[Group(group)] = struct{}{}
		for _, user := range users {
			set[User(user)] = struct{}{}
		}
	}
	t := &subjects{list: make([]Subject, 0, len(set)), ids: make(map[Subject]int32, len(set))}
	for subject := range set {
		t.list = append(t.list, subject)
	}
	slices.SortFunc(t.list, compareSubjects)
	for id, subject := range t.list {
		t.ids[subject] = int32(id)
	}
	t.link(known)
	return t
}

// link fills groupsOf and members for the groups that anything names.
func (t *subjects) link(known Membership) {
	extra := map[Subject][]string{}
	for group, users := range known {
		for _, user := range users {
			extra[User(user)] = append(extra[User(user)], group)
		}
	}
	t.groupsOf = make([][]int32, len(t.list))
	t.members = make([][]int32, len(t.list))
	for id, subject := range t.list {
		t.groupsOf[id] = t.groupIDs(append(subject.BuiltinGroups(), extra[subject]...))
		for _, group := range t.groupsOf[id] {
			t.members[group] = append(t.members[group], int32(id))
		}
	}
}

// groupIDs returns the ids of the groups that are known here, sorted.
func (t *subjects) groupIDs(names []string) []int32 {
	var ids []int32
	for _, name := range names {
		if id, ok := t.ids[Group(name)]; ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// KnownGroups returns all groups that a subject is known to be in, sorted:
// those that Kubernetes puts it in and those of the membership.
func (x *Index) KnownGroups(s Subject) []string {
	groups := s.BuiltinGroups()
	if id, ok := x.subjects.ids[s]; ok {
		for _, group := range x.subjects.groupsOf[id] {
			groups = append(groups, x.subjects.list[group].Name)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}
