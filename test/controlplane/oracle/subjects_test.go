package oracle

import (
	rbacv1 "k8s.io/api/rbac/v1"
)

// subjects makes the subjects of a binding in the namespace ("" for a
// ClusterRoleBinding).
func (g *generator) subjects(namespace string) []rbacv1.Subject {
	d := g.dice
	list := make([]rbacv1.Subject, d.n(4))
	if len(list) == 0 {
		g.hit("binding without subjects")
	}
	for i := range list {
		switch n := d.n(100); {
		case n < 35:
			list[i] = g.account(namespace)
		case n < 60:
			list[i] = g.user()
		case n < 95:
			list[i] = g.group()
		default:
			list[i] = rbacv1.Subject{Kind: pick(d, []string{"Robot", "user", "", "serviceaccount"}), Name: "alice", Namespace: "dev"}
			g.hit("subject of unknown kind")
		}
		if d.percent(5) {
			list[i].APIGroup = "example.org"
			g.hit("subject of wrong group")
		}
	}
	if len(list) > 1 && d.percent(10) {
		list[1] = list[0]
		g.hit("duplicate subject")
	}
	return list
}

func (g *generator) account(namespace string) rbacv1.Subject {
	d := g.dice
	s := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: pick(d, accountWords()), Namespace: pick(d, g.c.namespaces)}
	switch n := d.n(100); {
	case n < 25:
		s.Namespace = ""
		if namespace == "" {
			g.hit("account without namespace in a ClusterRoleBinding")
		} else {
			g.hit("account without namespace in a RoleBinding")
		}
	case n < 35:
		s.Namespace = "gone"
		g.hit("account that is not in the input")
	case n < 38:
		s.Name = "app:extra"
		g.hit("account with a malformed name")
	case s.Namespace != namespace && namespace != "":
		g.hit("account of another namespace")
	}
	return s
}

func (g *generator) user() rbacv1.Subject {
	d := g.dice
	s := rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: pick(d, userWords())}
	switch n := d.n(100); {
	case n < 15:
		s.Name = pick(d, []string{"system:serviceaccount:dev:app", "system:serviceaccount:prod:ci", "system:serviceaccount:gone:app"})
		g.hit("user that is an account")
	case n < 30:
		s.Name = pick(d, oddUserWords())
		g.hit("user of an odd name")
	case s.Name == "system:anonymous":
		g.hit("system:anonymous")
	case s.Name == "system:node:n1":
		g.hit("system:node")
	}
	return s
}

func (g *generator) group() rbacv1.Subject {
	s := rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: pick(g.dice, groupNameWords())}
	switch n := g.dice.n(100); {
	case n < 40:
		s.Name = pick(g.dice, []string{"system:authenticated", "system:serviceaccounts", "system:authenticated"})
		g.hit("group " + s.Name)
	case n < 75:
		s.Name = pick(g.dice, builtinGroupWords())
		g.hit("group " + s.Name)
	}
	return s
}
