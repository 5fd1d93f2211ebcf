package oracle

import (
	"cmp"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// nobody is a user name that no cluster has: groups are evaluated for a user
// that is in them and is nothing else.
const nobody = "\x00nobody"

// principal is one for whom the verdict is compared.
type principal struct {
	subject rbac.Subject
	info    user.Info
}

// identity returns the subject that authenticates with the user name.
// Kubernetes' own parser says which names are those of service accounts.
func identity(name string) rbac.Subject {
	if ns, account, err := serviceaccount.SplitUsername(name); err == nil {
		return rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: account}
	}
	return rbac.Subject{Kind: rbacv1.UserKind, Name: name}
}

// groupsOf returns the groups that Kubernetes puts a user of that name in.
func groupsOf(name string) []string {
	if name == user.Anonymous {
		return []string{user.AllUnauthenticated}
	}
	groups := []string{user.AllAuthenticated}
	if ns, _, err := serviceaccount.SplitUsername(name); err == nil {
		return append(groups, serviceaccount.MakeGroupNames(ns)...)
	}
	const node = "system:node:"
	if len(name) > len(node) && name[:len(node)] == node {
		groups = append(groups, user.NodesGroup)
	}
	return groups
}

// principals returns every ServiceAccount of the input or named in a binding,
// every named user and every named group, and system:masters.
func (c *cluster) principals() []principal {
	users := map[string]bool{}
	groups := map[string]bool{user.SystemPrivilegedGroup: true}
	for _, account := range c.accounts {
		users[serviceaccount.MakeUsername(account.Namespace, account.Name)] = true
	}
	for _, b := range c.bindings() {
		for _, s := range b.subjects {
			switch ns := cmp.Or(s.Namespace, b.namespace); {
			case s.Kind == rbacv1.UserKind:
				users[s.Name] = true
			case s.Kind == rbacv1.GroupKind:
				groups[s.Name] = true
			case s.Kind == rbacv1.ServiceAccountKind && ns != "":
				users[serviceaccount.MakeUsername(ns, s.Name)] = true
			}
		}
	}
	for group, names := range c.members {
		groups[group] = true
		for _, name := range names {
			users[name] = true
		}
	}
	var all []principal
	for _, name := range slices.Sorted(maps.Keys(users)) {
		info := &user.DefaultInfo{Name: name, Groups: groupsOf(name)}
		for _, group := range slices.Sorted(maps.Keys(c.members)) {
			if slices.Contains(c.members[group], name) && !slices.Contains(info.Groups, group) {
				info.Groups = append(info.Groups, group)
			}
		}
		all = append(all, principal{identity(name), info})
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, principal{
			rbac.Subject{Kind: rbacv1.GroupKind, Name: name},
			&user.DefaultInfo{Name: nobody, Groups: []string{name}},
		})
	}
	return all
}
