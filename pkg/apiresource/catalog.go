package apiresource

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Catalog resolves what a person types to a Resource. It is immutable and
// safe for concurrent use.
type Catalog struct {
	resources []Resource
	byName    map[string]int // the first resource of a lower-case plural, singular, short name or kind
}

// NewCatalog returns a catalog of the built-in and virtual types and the
// given ones (of custom resource definitions or of discovery). A built-in
// type wins over another one of the same name; a given type with the group
// and plural of a built-in one replaces it.
func NewCatalog(extra ...Resource) *Catalog {
	given := make(map[schema.GroupResource]Resource, len(extra))
	for _, r := range extra {
		given[r.GroupResource()] = r
	}
	c := &Catalog{}
	for _, r := range append(builtin(), virtual()...) {
		if served, ok := given[r.GroupResource()]; ok {
			r = served
			delete(given, r.GroupResource())
		}
		c.resources = append(c.resources, r)
	}
	for _, r := range extra {
		if _, left := given[r.GroupResource()]; left {
			delete(given, r.GroupResource())
			c.resources = append(c.resources, r)
		}
	}
	c.index()
	return c
}

// index fills byName. Plurals and singulars come first so that no short name
// of another type can hide them.
func (c *Catalog) index() {
	c.byName = make(map[string]int, 4*len(c.resources))
	add := func(name string, i int) {
		name = strings.ToLower(name)
		if _, taken := c.byName[name]; name != "" && !taken {
			c.byName[name] = i
		}
	}
	for _, off := range []bool{false, true} {
		for i, r := range c.resources {
			if r.DefaultOff == off {
				add(r.Name, i)
				add(r.Singular, i)
				add(r.Kind, i)
			}
		}
		for i, r := range c.resources {
			if r.DefaultOff == off {
				for _, short := range r.ShortNames {
					add(short, i)
				}
			}
		}
	}
}

// Resources returns every type, in the order in which ambiguous names are
// resolved. The slice must not be changed.
func (c *Catalog) Resources() []Resource { return c.resources }

// Lookup returns the type of a group and plural.
func (c *Catalog) Lookup(gr schema.GroupResource) (Resource, bool) {
	for _, r := range c.resources {
		if r.Name == gr.Resource && r.Group == gr.Group {
			return r, true
		}
	}
	return Resource{}, false
}

// LookupKind returns the type of a group and kind.
func (c *Catalog) LookupKind(gk schema.GroupKind) (Resource, bool) {
	for _, r := range c.resources {
		if r.Kind == gk.Kind && r.Group == gk.Group && !r.Virtual {
			return r, true
		}
	}
	return Resource{}, false
}

// Resolve finds the type that arg names: a plural, singular, kind or short
// name in any case, TYPE.GROUP or TYPE.VERSION.GROUP. TYPE.GROUP always
// resolves: a type that is not known comes back with Unknown set and is taken
// as namespaced; where its group begins like TYPE.VERSION.GROUP, it has that
// Version. The type "*" stands for every type of every group. The error is an
// *UnknownTypeError.
func (c *Catalog) Resolve(arg string) (Resource, error) {
	if arg == "*" || arg == "*.*" {
		return Resource{Group: "*", Name: "*", Namespaced: true}, nil
	}
	if i, ok := c.byName[strings.ToLower(arg)]; ok {
		return c.resources[i], nil
	}
	name, group, dotted := strings.Cut(arg, ".")
	if !dotted || name == "" || strings.HasPrefix(group, ".") {
		return Resource{}, &UnknownTypeError{Type: arg, Similar: c.similar(arg)}
	}
	if r, ok := c.inGroup(name, group); ok {
		return r, nil
	}
	unknown := Resource{Group: strings.ToLower(group), Name: strings.ToLower(name), Namespaced: true, Unknown: true}
	// kubectl tries any first part of the group as a version
	// (schema.ParseResourceArg) and asks whether the server serves it; here the
	// look of it has to do.
	if version, rest, ok := strings.Cut(unknown.Group, "."); ok && rest != "" && isVersion(version) {
		if r, ok := c.inGroup(name, rest); ok {
			return r, nil
		}
		unknown.Group, unknown.Version = rest, version
	}
	return unknown, nil
}

func (c *Catalog) inGroup(name, group string) (Resource, bool) {
	for _, r := range c.resources {
		if strings.EqualFold(r.Group, group) && r.named(name) {
			return r, true
		}
	}
	return Resource{}, false
}

func (r Resource) named(name string) bool {
	if strings.EqualFold(r.Name, name) || strings.EqualFold(r.Singular, name) || strings.EqualFold(r.Kind, name) {
		return true
	}
	for _, short := range r.ShortNames {
		if strings.EqualFold(short, name) {
			return true
		}
	}
	return false
}

// isVersion reports whether s is a version as Kubernetes orders them: v1,
// v2beta1, v1alpha3.
// Source: kubeVersionRegex in apimachinery/pkg/version.
func isVersion(s string) bool {
	number, ok := strings.CutPrefix(s, "v")
	if !ok {
		return false
	}
	for _, stage := range []string{"alpha", "beta"} {
		if major, minor, staged := strings.Cut(number, stage); staged {
			return isNumber(major) && isNumber(minor)
		}
	}
	return isNumber(number)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// UnknownTypeError says that no known API type has a name, and which known
// names are near it.
type UnknownTypeError struct {
	Type    string
	Similar []string
}

// Error names the type.
func (e *UnknownTypeError) Error() string { return fmt.Sprintf("unknown resource type %q", e.Type) }
