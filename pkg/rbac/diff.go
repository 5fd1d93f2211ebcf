package rbac

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Change is a permission that a subject has on one side of a comparison and
// not on the other.
type Change struct {
	Permission Permission
	Namespace  string // where it counts, "" for the whole cluster
	Via        []Via  // the grants that give it on the side that has it
	// Except are the names for which the other side has the permission too;
	// they are named only where Permission is not limited to a name.
	Except []string
	// Shared are other parts of the permission that the other side has too:
	// single types next to a wildcard, or namespaces of the cluster.
	Shared []PlacedPermission
	// Unproven says that a gap of the other side can explain the difference:
	// the permission may be there and could not be read.
	Unproven bool
}

// PlacedPermission is a permission in a namespace, or "" for the cluster.
type PlacedPermission struct {
	Permission Permission
	Namespace  string
}

// SubjectDiff is what one subject gained and lost.
type SubjectDiff struct {
	Subject      Subject
	Gained, Lost []Change // by scope, type, verb and name
}

// MemberDiff is who came to be in a group or left it.
type MemberDiff struct {
	Group        string
	Joined, Left []string // user names, sorted
}

// Diff is what differs in the permissions of two snapshots.
type Diff struct {
	// Subjects have the changes of whom a binding names. What a group gains is
	// said of the group and not of each of its members.
	Subjects []SubjectDiff
	// NewAccounts and GoneAccounts are service accounts that one side has
	// only: they come with, or lose, what the groups of service accounts may.
	// Like Members they are left out where the other side could not read them.
	NewAccounts, GoneAccounts []Subject
	// Members are changes of groups that Kubernetes does not fill itself.
	Members []MemberDiff
}

// Empty reports whether there is no difference at all.
func (d Diff) Empty() bool {
	return len(d.Subjects)+len(d.NewAccounts)+len(d.GoneAccounts)+len(d.Members) == 0
}

// Compare returns what changed in the permissions from one snapshot to
// another. A permission counts as gained when a subject's own bindings give it
// in the second and neither they nor the subject's groups gave all of it in
// the first; the other way round it is lost.
func Compare(from, to *Index) Diff {
	d := Diff{}
	subjects := append(slices.Clone(from.Subjects()), to.Subjects()...)
	slices.SortFunc(subjects, compareSubjects)
	before, after := newComparedIndex(from), newComparedIndex(to)
	for _, s := range slices.Compact(subjects) {
		entry := SubjectDiff{Subject: s, Gained: only(after, before, s), Lost: only(before, after, s)}
		if len(entry.Gained)+len(entry.Lost) > 0 {
			d.Subjects = append(d.Subjects, entry)
		}
	}
	d.NewAccounts = accountsOnlyIn(to.snap, from.snap)
	d.GoneAccounts = accountsOnlyIn(from.snap, to.snap)
	d.Members = compareMembers(from, to)
	return d
}

// only returns what the bindings of one index that name the subject allow,
// and the other index does not allow the subject in any way.
func only(in, notIn *comparedIndex, s Subject) []Change {
	id, named := in.subjects.ids[s]
	if !named || len(in.ofBy[id]) == 0 {
		return nil
	}
	held := notIn.WhatCan(Identity{Subject: s})
	other := holdingOf(held)
	var changes []Change
	const covered = -1
	index := map[placed]int{} // positions in changes
	for _, binding := range in.ofBy[id] {
		b := &in.bindings[binding]
		if b.Role == nil {
			continue
		}
		for rule := range b.Role.Rules {
			via := Via{Binding: b, Rule: rule}
			for _, p := range in.livingParts(&b.Role.Rules[rule], b.Namespace) {
				at := placed{p, b.Namespace}
				i, seen := index[at]
				switch {
				case seen && i != covered:
					changes[i].Via = append(changes[i].Via, via)
				case seen:
				case other.covers(p, b.Namespace):
					index[at] = covered
				default:
					index[at] = len(changes)
					changes = append(changes, Change{Permission: p, Namespace: b.Namespace, Via: []Via{via}})
				}
			}
		}
	}
	changes = withoutCovered(changes)
	membersUnread := mayHideMembers(notIn.snap) && in.recordedGroups(s)
	hidden := map[string]bool{} // by namespace
	for i := range changes {
		c := &changes[i]
		c.Except = other.namesOf(c.Permission, c.Namespace)
		if c.Permission.hasParts(c.Namespace) {
			c.Shared = notIn.partsOf(held, c.Permission, c.Namespace)
		}
		if _, asked := hidden[c.Namespace]; !asked {
			hidden[c.Namespace] = membersUnread || notIn.mayHide(held, c.Namespace)
		}
		c.Unproven = hidden[c.Namespace]
	}
	slices.SortStableFunc(changes, compareChanges)
	return changes
}

// placed is a permission in a scope.
type placed struct {
	permission Permission
	namespace  string
}

// holding are the rules of a subject by the namespace in which they count.
type holding map[string][]rbacv1.PolicyRule

func holdingOf(p *Permissions) holding {
	h := holding{}
	for _, g := range p.Grants {
		h[g.Namespace] = append(h[g.Namespace], g.Rule())
	}
	return h
}

// counting are the rules that count in the namespace.
func (h holding) counting(namespace string) [][]rbacv1.PolicyRule {
	if namespace == "" {
		return [][]rbacv1.PolicyRule{h[""]}
	}
	return [][]rbacv1.PolicyRule{h[""], h[namespace]}
}

// covers reports whether the permission is held in the namespace, in full.
func (h holding) covers(wanted Permission, namespace string) bool {
	for _, rules := range h.counting(namespace) {
		for i := range rules {
			if wanted.CoveredBy(&rules[i]) {
				return true
			}
		}
	}
	return false
}

// namesOf returns the names for which a permission on all names is held.
func (h holding) namesOf(wanted Permission, namespace string) []string {
	if wanted.Named || wanted.URL != "" {
		return nil
	}
	var names []string
	for _, rules := range h.counting(namespace) {
		for _, rule := range rules {
			unnamed := rule
			unnamed.ResourceNames = nil
			if wanted.CoveredBy(&unnamed) {
				names = append(names, rule.ResourceNames...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// withoutCovered drops changes that another change includes: next to
// everything, single permissions say nothing. Only those with a wildcard are
// compared with all others, since there can be very many.
func withoutCovered(changes []Change) []Change {
	first := make(map[placed]int, len(changes))
	var wild []int
	rules := map[int]rbacv1.PolicyRule{} // of wild
	for i, c := range changes {
		key := placed{c.Permission, c.Namespace}
		if _, seen := first[key]; seen {
			continue
		}
		first[key] = i
		if c.Permission.isWild() {
			wild = append(wild, i)
			rules[i] = c.Permission.rule()
		}
	}
	includes := func(j, i int) bool {
		rule := rules[j]
		inScope := changes[j].Namespace == "" || changes[j].Namespace == changes[i].Namespace
		if i == j || !inScope || !changes[i].Permission.CoveredBy(&rule) {
			return false
		}
		// Of two that include each other the first stays.
		own, isWild := rules[i]
		mutual := changes[j].Namespace == changes[i].Namespace && isWild && changes[j].Permission.CoveredBy(&own)
		return !mutual || j < i
	}
	var kept []Change
	for i, c := range changes {
		again := first[placed{c.Permission, c.Namespace}] != i
		if !again && !includedPlainly(first, c) && !slices.ContainsFunc(wild, func(j int) bool { return includes(j, i) }) {
			kept = append(kept, c)
		}
	}
	return kept
}

// includedPlainly reports whether a change is there for the whole cluster too,
// or for all names.
func includedPlainly(changes map[placed]int, c Change) bool {
	unnamed := c.Permission
	unnamed.Named, unnamed.Name = false, ""
	for _, p := range []Permission{c.Permission, unnamed} {
		for _, namespace := range []string{"", c.Namespace} {
			same := p == c.Permission && namespace == c.Namespace
			if _, ok := changes[placed{p, namespace}]; ok && !same {
				return true
			}
		}
	}
	return false
}

// rule returns the rule of this one permission.
func (p Permission) rule() rbacv1.PolicyRule {
	if p.URL != "" {
		return rbacv1.PolicyRule{Verbs: []string{p.Verb}, NonResourceURLs: []string{p.URL}}
	}
	rule := rbacv1.PolicyRule{Verbs: []string{p.Verb}, APIGroups: []string{p.APIGroup}, Resources: []string{p.Resource}}
	if p.Named {
		rule.ResourceNames = []string{p.Name}
	}
	return rule
}

func compareChanges(a, b Change) int {
	p, q := a.Permission, b.Permission
	return cmp.Or(
		cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(p.URL, q.URL),
		cmp.Compare(p.APIGroup, q.APIGroup),
		cmp.Compare(p.Resource, q.Resource),
		cmp.Compare(p.Name, q.Name),
		cmp.Compare(verbRank(p.Verb), verbRank(q.Verb)),
		cmp.Compare(p.Verb, q.Verb),
	)
}

// verbRank orders read verbs first, then write verbs, then all others.
func verbRank(verb string) int {
	read, write := readVerbs(), writeVerbs()
	if i := slices.Index(read, verb); i >= 0 {
		return i
	}
	if i := slices.Index(write, verb); i >= 0 {
		return len(read) + i
	}
	return len(read) + len(write)
}

func accountsOnlyIn(in, notIn *snapshot.Snapshot) []Subject {
	var accounts []Subject
	for account := range snapshot.Each[corev1.ServiceAccount](in) {
		if snapshot.Get[corev1.ServiceAccount](notIn, account.Namespace, account.Name) == nil && !mayHideAccount(notIn, account.Namespace) {
			accounts = append(accounts, ServiceAccount(account.Namespace, account.Name))
		}
	}
	return accounts
}

func compareMembers(from, to *Index) []MemberDiff {
	var diffs []MemberDiff
	noneJoin, noneLeave := mayHideMembers(from.snap), mayHideMembers(to.snap)
	union := from.known.Merge(to.known)
	groups := make([]string, 0, len(union))
	for group := range union {
		groups = append(groups, group)
	}
	slices.Sort(groups)
	for _, group := range groups {
		d := MemberDiff{Group: group}
		for _, user := range union[group] {
			was, is := slices.Contains(from.known[group], user), slices.Contains(to.known[group], user)
			switch {
			case is && !was && !noneJoin:
				d.Joined = append(d.Joined, user)
			case was && !is && !noneLeave:
				d.Left = append(d.Left, user)
			}
		}
		if len(d.Joined)+len(d.Left) > 0 {
			diffs = append(diffs, d)
		}
	}
	return diffs
}
