package oracle

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// generator makes one cluster and counts what it put in.
type generator struct {
	dice *dice
	mix  mix
	c    *cluster
}

func (g *generator) hit(feature string) { g.mix.hit(feature) }

// newGenerator makes a cluster of a few namespaces, about which the generator
// can then ask.
func newGenerator(d *dice, m mix) *generator {
	g := &generator{dice: d, mix: m, c: &cluster{filled: map[string][]rbacv1.PolicyRule{}}}
	words := namespaceWords()
	g.c.namespaces = words[:2+d.n(len(words)-1)]
	g.addAccounts()
	g.addRoles()
	g.addAggregated()
	g.addMembers()
	for i := range 2 + d.n(6) {
		g.addClusterRoleBinding(i)
	}
	for i := range 3 + d.n(10) {
		g.addRoleBinding(i)
	}
	if d.percent(85) { // else hardly anyone may do anything
		b := g.c.clusterRoleBindings[0]
		b.Subjects = append(b.Subjects, rbacv1.Subject{Kind: rbacv1.GroupKind, Name: "system:authenticated"})
	}
	return g
}

func (g *generator) addAccounts() {
	for _, ns := range g.c.namespaces {
		for _, name := range accountWords() {
			if g.dice.percent(40) {
				g.c.accounts = append(g.c.accounts, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}})
			}
		}
	}
}

// addRoles gives Roles and ClusterRoles the same names, so that mixing them
// up shows.
func (g *generator) addRoles() {
	rules := func() []rbacv1.PolicyRule {
		list := make([]rbacv1.PolicyRule, g.dice.n(8)*2/3)
		for i := range list {
			list[i] = g.rule()
		}
		if len(list) > 1 && g.dice.percent(5) {
			list[1] = list[0]
			g.hit("repeated rule")
		}
		return list
	}
	for _, name := range []string{"r0", "r1", "r2", "view"} {
		inCluster := g.dice.percent(80)
		if inCluster {
			g.c.clusterRoles = append(g.c.clusterRoles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: g.labels()}, Rules: rules()})
		}
		for _, ns := range g.c.namespaces {
			if !g.dice.percent(40) {
				continue
			}
			g.c.roles = append(g.c.roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Rules: rules()})
			if inCluster {
				g.hit("Role and ClusterRole of one name")
			}
		}
	}
}

// addMembers says who is in which group, as a --groups file does.
func (g *generator) addMembers() {
	if g.dice.percent(50) {
		return
	}
	g.c.members = map[string][]string{}
	for range 1 + g.dice.n(3) {
		group := mostly(g.dice, 15, groupNameWords(), []string{"system:masters", "system:nodes", "outside"})
		g.c.members[group] = append(g.c.members[group], some(g.dice, 0, 3, append(userWords(), "carol", "system:serviceaccount:dev:app", "system:serviceaccount:dev:app:extra"))...)
		g.hit("known members of group " + map[bool]string{true: "system:masters", false: "others"}[group == "system:masters"])
	}
}

func (g *generator) addClusterRoleBinding(i int) {
	b := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("b%d", i)}, RoleRef: g.roleRef()}
	if b.RoleRef.Kind == "Role" {
		g.hit("ClusterRoleBinding naming a Role")
	}
	b.Subjects = g.subjects("")
	g.c.clusterRoleBindings = append(g.c.clusterRoleBindings, b)
}

func (g *generator) addRoleBinding(i int) {
	ns := pick(g.dice, g.c.namespaces)
	b := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("b%d", i)}, RoleRef: g.roleRef()}
	b.Subjects = g.subjects(ns)
	g.c.roleBindings = append(g.c.roleBindings, b)
}

func (g *generator) roleRef() rbacv1.RoleRef {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: pick(g.dice, []string{"r0", "r1", "r2", "view", "agg0", "agg1"})}
	if g.dice.percent(35) {
		ref.Kind = "Role"
	}
	switch n := g.dice.n(100); {
	case n < 4:
		ref.Name = "gone"
		g.hit("dangling roleRef")
	case n < 8:
		ref.Kind = pick(g.dice, []string{"", "clusterrole", "Group"})
		g.hit("roleRef of invalid kind")
	case n < 11:
		ref.APIGroup = "example.org"
		g.hit("roleRef of wrong group")
	}
	return ref
}
