package tables

import (
	discoveryv2 "k8s.io/api/apidiscovery/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// row is one line of the table of built-in types: a resource in the version
// that a server prefers.
type row struct {
	group, version string
	discoveryv2.APIResourceDiscovery
	defaultOff bool
}

// builtin merges what a server serves by default with what it serves when all
// versions and feature gates are on: one row for each group and resource, in
// the order of the groups. A version that is served by default wins over one
// that is not, else the group's own order of versions decides.
func builtin(on, all []discoveryv2.APIGroupDiscovery) []row {
	byDefault := map[schema.GroupResource]row{}
	for _, r := range preferred(on) {
		byDefault[r.groupResource()] = r
	}
	var out []row
	for _, r := range preferred(all) {
		if served, ok := byDefault[r.groupResource()]; ok {
			r = served
		} else {
			r.defaultOff = true
		}
		out = append(out, r)
	}
	return out
}

// preferred returns each resource once, in the first version that has it.
func preferred(groups []discoveryv2.APIGroupDiscovery) []row {
	seen := map[schema.GroupResource]bool{}
	var out []row
	for _, g := range groups {
		for _, v := range g.Versions {
			for _, r := range v.Resources {
				row := row{group: g.Name, version: v.Version, APIResourceDiscovery: r}
				if !seen[row.groupResource()] {
					seen[row.groupResource()] = true
					out = append(out, row)
				}
			}
		}
	}
	return out
}

func (r row) groupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.group, Resource: r.Resource}
}
