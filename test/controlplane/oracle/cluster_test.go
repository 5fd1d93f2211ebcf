package oracle

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// cluster is one random cluster.
type cluster struct {
	roles               []*rbacv1.Role
	clusterRoles        []*rbacv1.ClusterRole // aggregated ones without rules
	roleBindings        []*rbacv1.RoleBinding
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
	accounts            []*corev1.ServiceAccount
	members             map[string][]string // group → user names
	namespaces          []string            // every one that anything is in
	// filled are the rules of the aggregated ClusterRoles by name.
	filled map[string][]rbacv1.PolicyRule
}

// index builds the engine's index of the cluster as a server stored it not:
// aggregated roles are empty there and the engine has to fill them.
func (c *cluster) index() (*rbac.Index, error) {
	b := snapshot.NewBuilder()
	for _, o := range c.roles {
		b.Add(o.DeepCopy())
	}
	for _, o := range c.clusterRoles {
		b.Add(o.DeepCopy())
	}
	for _, o := range c.roleBindings {
		b.Add(o.DeepCopy())
	}
	for _, o := range c.clusterRoleBindings {
		b.Add(o.DeepCopy())
	}
	for _, o := range c.accounts {
		b.Add(o.DeepCopy())
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		return nil, err
	}
	return rbac.NewIndex(s, rbac.Membership(c.members)), nil
}

// stored returns the ClusterRoles as the controller would have filled them.
func (c *cluster) stored() []*rbacv1.ClusterRole {
	stored := make([]*rbacv1.ClusterRole, 0, len(c.clusterRoles))
	for _, role := range c.clusterRoles {
		if role.AggregationRule != nil {
			role = role.DeepCopy()
			role.Rules = c.filled[role.Name]
		}
		stored = append(stored, role)
	}
	return stored
}

// rulesOf returns the rules behind a roleRef of a binding in the namespace
// ("" for a ClusterRoleBinding); nil where there are none.
func (c *cluster) rulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	switch ref.Kind {
	case "Role":
		i := slices.IndexFunc(c.roles, func(r *rbacv1.Role) bool { return r.Namespace == namespace && r.Name == ref.Name })
		if i >= 0 {
			return c.roles[i].Rules
		}
	case "ClusterRole":
		i := slices.IndexFunc(c.clusterRoles, func(r *rbacv1.ClusterRole) bool { return r.Name == ref.Name })
		if i >= 0 && c.clusterRoles[i].AggregationRule != nil {
			return c.filled[ref.Name]
		}
		if i >= 0 {
			return c.clusterRoles[i].Rules
		}
	}
	return nil
}

// bound is a binding of either kind.
type bound struct {
	kind, namespace, name string
	ref                   rbacv1.RoleRef
	subjects              []rbacv1.Subject
}

func (c *cluster) bindings() []bound {
	var all []bound
	for _, b := range c.clusterRoleBindings {
		all = append(all, bound{"ClusterRoleBinding", "", b.Name, b.RoleRef, b.Subjects})
	}
	for _, b := range c.roleBindings {
		all = append(all, bound{"RoleBinding", b.Namespace, b.Name, b.RoleRef, b.Subjects})
	}
	return all
}
