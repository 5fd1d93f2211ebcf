package oracle

import (
	"strings"

	"sigs.k8s.io/yaml"
)

// String returns the cluster as YAML documents, to reproduce a difference
// with.
func (c *cluster) String() string {
	var out strings.Builder
	write := func(kind string, obj any) {
		text, err := yaml.Marshal(obj)
		if err != nil {
			text = []byte(err.Error())
		}
		out.WriteString("---\nkind: " + kind + "\n" + string(text))
	}
	for _, o := range c.clusterRoles {
		write("ClusterRole", o)
	}
	for _, o := range c.roles {
		write("Role", o)
	}
	for _, o := range c.clusterRoleBindings {
		write("ClusterRoleBinding", o)
	}
	for _, o := range c.roleBindings {
		write("RoleBinding", o)
	}
	for _, o := range c.accounts {
		write("ServiceAccount", o)
	}
	write("Members", c.members)
	return out.String()
}
