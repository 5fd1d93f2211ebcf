package apiresource

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is one API type: a plural in an API group, in the version that the
// server prefers.
type Resource struct {
	Group      string   `json:"group"`
	Version    string   `json:"version,omitempty"`
	Name       string   `json:"name"` // the plural, as in URLs and RBAC rules
	Singular   string   `json:"singular,omitempty"`
	Kind       string   `json:"kind,omitempty"`
	ShortNames []string `json:"shortNames,omitempty"`
	Categories []string `json:"categories,omitempty"`
	// Namespaced says whether requests for the type carry a namespace. It is
	// an assumption where Unknown is true.
	Namespaced   bool          `json:"namespaced"`
	Verbs        []string      `json:"verbs,omitempty"`
	Subresources []Subresource `json:"subresources,omitempty"`
	// DefaultOff marks built-in types that a server serves only when asked to
	// (alpha and most beta versions).
	DefaultOff bool `json:"-"`
	// Virtual marks types that exist only in RBAC rules (users, signers, …):
	// no server serves them.
	Virtual bool `json:"-"`
	// Unknown marks a TYPE.GROUP that neither the built-in table nor the
	// input defines; its scope is not known.
	Unknown bool `json:"-"`
	// Namesakes are other types that the typed word may mean, as one types
	// them to mean those. Only ResolveFor tells.
	Namesakes []string `json:"-"`
}

// Subresource is a part of an object with permissions of its own, as log of
// pods.
type Subresource struct {
	Name  string   `json:"name"`
	Verbs []string `json:"verbs,omitempty"`
}

// GroupResource returns the type's group and plural.
func (r Resource) GroupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.Group, Resource: r.Name}
}

// GroupKind returns the type's group and kind.
func (r Resource) GroupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

// String returns the plural, followed by the group where there is one: the
// form that Resolve reads back.
func (r Resource) String() string { return r.GroupResource().String() }

// HasSubresource reports whether the type serves the subresource.
func (r Resource) HasSubresource(name string) bool {
	return slices.ContainsFunc(r.Subresources, func(s Subresource) bool { return s.Name == name })
}

// Serves reports whether the type, or its subresource when one is named, can
// be asked for with the verb.
func (r Resource) Serves(verb, subresource string) bool {
	if subresource == "" {
		return slices.Contains(r.Verbs, verb)
	}
	for _, s := range r.Subresources {
		if s.Name == subresource {
			return slices.Contains(s.Verbs, verb)
		}
	}
	return false
}
