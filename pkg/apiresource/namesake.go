package apiresource

import (
	"slices"
	"strings"
)

// ResolveFor is Resolve for a question with the verb. A virtual type shares
// its name with types that have objects, such as users.user.openshift.io of
// OpenShift. The word means the virtual one with the verbs that authorization
// checks ask of it (impersonate users), and the other one with all others
// (list users). Namesakes has those that it could mean as well.
func (c *Catalog) ResolveFor(verb, arg string) (Resource, error) {
	r, err := c.Resolve(arg)
	if err != nil || !r.Virtual || strings.Contains(arg, ".") {
		return r, err
	}
	var others []Resource
	for _, other := range c.resources {
		if !other.Virtual && other.named(arg) {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return r, nil
	}
	if !r.IsCheckedWith(verb) {
		if verb == "*" {
			others = append(others, r)
		}
		r, others = others[0], others[1:]
	}
	for _, other := range others {
		r.Namesakes = append(r.Namesakes, other.typed())
	}
	return r, nil
}

// IsCheckedWith reports whether authorization checks ask for the virtual type
// with the verb. Constrained impersonation has a verb for each mode.
func (r Resource) IsCheckedWith(verb string) bool {
	return slices.Contains(r.Verbs, verb) || strings.HasPrefix(verb, "impersonate:") && slices.Contains(r.Verbs, "impersonate")
}

// typed is what one types to mean this type and no other of its name: the dot
// alone stands for the core group.
func (r Resource) typed() string { return r.Name + "." + r.Group }
