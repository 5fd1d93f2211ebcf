package rbac

import (
	"cmp"
	"slices"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Role is a Role or ClusterRole with the rules that count (those of
// aggregated ClusterRoles filled in).
type Role struct {
	Kind      string // "Role" or "ClusterRole"
	Namespace string // "" for a ClusterRole
	Name      string
	Rules     []rbacv1.PolicyRule

	id      int32   // position in Index.roles
	boundBy []int32 // positions in Index.bindings
}

// Binding is a RoleBinding or ClusterRoleBinding.
type Binding struct {
	Kind      string // "RoleBinding" or "ClusterRoleBinding"
	Namespace string // "" for a ClusterRoleBinding
	Name      string
	RoleRef   rbacv1.RoleRef
	// Role is nil where roleRef names a role that is not in the snapshot.
	Role *Role
	// Subjects are whom the binding names, resolved; those that match nobody
	// are left out.
	Subjects []Subject
}

// Index answers questions about one snapshot. It is immutable and safe for
// concurrent use.
type Index struct {
	snap     *snapshot.Snapshot
	known    Membership
	subjects *subjects
	bindings []Binding // by namespace ("" first) and name
	columns  columns   // of the bindings
	ofBy     [][]int32 // subject id → positions of the bindings that name it
	roles    []*Role
	roleAt   map[roleKey]*Role
	rules    ruleIndex
	warnings []string

	unsettled []unsettledRole
	settled   func() *Index // as it is once these are; nil for none
}

// NewIndex prepares a snapshot for questions. The membership tells who is in
// groups that come from outside of Kubernetes; it may be nil. also are
// subjects that exist beside those that the snapshot names: they may be
// members of groups that Kubernetes fills.
func NewIndex(s *snapshot.Snapshot, known Membership, also ...Subject) *Index {
	rules, unsettled, warnings := clusterRolesOf(s)
	x := newIndex(s, known, also, rules)
	x.warnings, x.unsettled = warnings, unsettled
	if len(unsettled) > 0 {
		x.settled = sync.OnceValue(func() *Index { return newIndex(s, known, also, settledRules(rules, unsettled)) })
	}
	return x
}

func newIndex(s *snapshot.Snapshot, known Membership, also []Subject, rules map[string][]rbacv1.PolicyRule) *Index {
	x := &Index{snap: s, known: known}
	x.collectRoles(rules)
	x.collectBindings()
	x.subjects = collectSubjects(s, x.bindings, known, also)
	x.columns = newColumns(x.bindings, x.subjects.ids)
	x.ofBy = make([][]int32, len(x.subjects.list))
	for i := range x.bindings {
		for _, id := range x.columns.named(int32(i)) {
			x.ofBy[id] = append(x.ofBy[id], int32(i))
		}
		if role := x.bindings[i].Role; role != nil {
			role.boundBy = append(role.boundBy, int32(i))
		}
	}
	x.rules = indexRules(x.roles)
	return x
}

// Snapshot returns the snapshot that the index was made of.
func (x *Index) Snapshot() *snapshot.Snapshot { return x.snap }

// Warnings returns remarks about the roles and bindings of the input.
func (x *Index) Warnings() []string { return x.warnings }

// Bindings returns all bindings, cluster-wide ones first, then by namespace
// and name. The slice must not be changed.
func (x *Index) Bindings() []Binding { return x.bindings }

// Roles returns all roles: ClusterRoles, then Roles by namespace and name.
// The slice must not be changed.
func (x *Index) Roles() []*Role { return x.roles }

// Subjects returns every known subject: users, groups, then service accounts.
// The slice must not be changed.
func (x *Index) Subjects() []Subject { return x.subjects.list }

// Role returns the Role or ClusterRole (namespace ""), nil if there is none.
func (x *Index) Role(kind, namespace, name string) *Role {
	return x.roleAt[roleKey{kind, namespace, name}]
}

// Known reports whether the input or the membership names the subject.
func (x *Index) Known(s Subject) bool {
	_, ok := x.subjects.ids[s]
	return ok
}

// Members returns the known members of a group. Whether there are others is
// known only for groups that Kubernetes itself fills with service accounts.
func (x *Index) Members(group string) []Subject {
	id, ok := x.subjects.ids[Group(group)]
	if !ok {
		return nil
	}
	members := make([]Subject, 0, len(x.subjects.members[id]))
	for _, member := range x.subjects.members[id] {
		members = append(members, x.subjects.list[member])
	}
	return members
}

type roleKey struct{ kind, namespace, name string }

func (x *Index) collectRoles(rules map[string][]rbacv1.PolicyRule) {
	count := snapshot.Count[rbacv1.ClusterRole](x.snap) + snapshot.Count[rbacv1.Role](x.snap)
	x.roleAt = make(map[roleKey]*Role, count)
	x.roles = make([]*Role, 0, count)
	add := func(r *Role) {
		r.id = int32(len(x.roles))
		x.roleAt[roleKey{r.Kind, r.Namespace, r.Name}] = r
		x.roles = append(x.roles, r)
	}
	for role := range snapshot.Each[rbacv1.ClusterRole](x.snap) {
		add(&Role{Kind: "ClusterRole", Name: role.Name, Rules: rules[role.Name]})
	}
	for role := range snapshot.Each[rbacv1.Role](x.snap) {
		add(&Role{Kind: "Role", Namespace: role.Namespace, Name: role.Name, Rules: role.Rules})
	}
}

// collectBindings resolves roleRefs as GetRoleReferenceRules does: a Role is
// looked for in the binding's namespace, so a ClusterRoleBinding cannot name
// one; roleRef.apiGroup is not looked at.
func (x *Index) collectBindings() {
	add := func(kind, namespace, name string, ref rbacv1.RoleRef, named []rbacv1.Subject) {
		b := Binding{Kind: kind, Namespace: namespace, Name: name, RoleRef: ref, Subjects: make([]Subject, 0, len(named))}
		key := roleKey{ref.Kind, "", ref.Name}
		if ref.Kind == "Role" {
			key.namespace = namespace
		}
		b.Role = x.roleAt[key]
		for _, s := range named {
			if subject, ok := resolveSubject(s, namespace); ok && !slices.Contains(b.Subjects, subject) {
				b.Subjects = append(b.Subjects, subject)
			}
		}
		x.bindings = append(x.bindings, b)
	}
	x.bindings = make([]Binding, 0, snapshot.Count[rbacv1.ClusterRoleBinding](x.snap)+snapshot.Count[rbacv1.RoleBinding](x.snap))
	for b := range snapshot.Each[rbacv1.ClusterRoleBinding](x.snap) {
		add("ClusterRoleBinding", "", b.Name, b.RoleRef, b.Subjects)
	}
	for b := range snapshot.Each[rbacv1.RoleBinding](x.snap) {
		add("RoleBinding", b.Namespace, b.Name, b.RoleRef, b.Subjects)
	}
}

// ruleRef is a rule by the position of its role and its own index there.
type ruleRef struct{ role, rule int32 }

// ruleIndex finds the rules that may allow a request without reading all.
type ruleIndex struct {
	roles []*Role
	// byResource has every rule under each of its resources as written:
	// "pods", "pods/log", "*", "*/scale".
	byResource map[string][]ruleRef
	withURLs   []ruleRef
}

func indexRules(roles []*Role) ruleIndex {
	x := ruleIndex{roles: roles, byResource: map[string][]ruleRef{}}
	for i, role := range roles {
		for j := range role.Rules {
			ref := ruleRef{int32(i), int32(j)}
			for _, resource := range role.Rules[j].Resources {
				x.byResource[resource] = append(x.byResource[resource], ref)
			}
			if len(role.Rules[j].NonResourceURLs) > 0 {
				x.withURLs = append(x.withURLs, ref)
			}
		}
	}
	return x
}

// candidates returns the rules that name the request's resource in some way;
// a rule may be among them more than once.
func (x ruleIndex) candidates(r Request) []ruleRef {
	switch {
	case r.Path != "":
		return x.withURLs
	case r.Subresource == "":
		return slices.Concat(x.byResource[r.combined()], x.byResource[all])
	default:
		return slices.Concat(x.byResource[r.combined()], x.byResource[all], x.byResource["*/"+r.Subresource])
	}
}

// matching returns the rules that allow the request, scope aside, by role and
// rule, each once.
func (x ruleIndex) matching(r Request) []ruleRef {
	var found []ruleRef
	for _, ref := range x.candidates(r) {
		if Allows(&x.roles[ref.role].Rules[ref.rule], r) {
			found = append(found, ref)
		}
	}
	slices.SortFunc(found, func(a, b ruleRef) int {
		return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.rule, b.rule))
	})
	return slices.Compact(found)
}
