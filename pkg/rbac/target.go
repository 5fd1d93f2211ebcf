package rbac

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// Target is what a question is about: a type or one object of it, or a
// non-resource URL.
type Target struct {
	Resource    apiresource.Resource
	Subresource string
	Name        string
	Path        string // with a leading "/"; everything else is zero then
}

// ParseTarget reads the target of a question as people type it, after the
// verb: TYPE, TYPE/SUBRESOURCE, TYPE/NAME, TYPE/NAME/SUBRESOURCE, TYPE NAME or
// /URL. TYPE/X is a subresource where the type serves one of that name, else a
// name. The subresource, where it is not "", is the explicit one. resolve
// finds a type by what was typed; its error is returned as it is.
func ParseTarget(words []string, subresource string, resolve func(string) (apiresource.Resource, error)) (Target, error) {
	switch {
	case len(words) == 0 || words[0] == "":
		return Target{}, fmt.Errorf("no resource type given")
	case strings.HasPrefix(words[0], "/"):
		if len(words) > 1 || subresource != "" {
			return Target{}, fmt.Errorf("a URL has neither a name nor a subresource")
		}
		return Target{Path: words[0]}, nil
	case len(words) > 2:
		return Target{}, fmt.Errorf("unexpected argument %q after the name", words[2])
	}
	typed, rest, slash := strings.Cut(words[0], "/")
	resource, err := resolve(typed)
	if err != nil {
		return Target{}, err
	}
	t := Target{Resource: resource, Subresource: subresource}
	if err := checkSlashes(resource, words[0], rest, slash); err != nil {
		return Target{}, err
	}
	if slash {
		t.Subresource, t.Name = splitRest(resource, rest, subresource)
	}
	if len(words) == 2 {
		if t.Name != "" {
			return Target{}, fmt.Errorf("two names given: %q and %q", t.Name, words[1])
		}
		t.Name = words[1]
	}
	return t, t.check()
}

// checkSlashes refuses what TYPE/NAME/SUBRESOURCE cannot be.
func checkSlashes(resource apiresource.Resource, word, rest string, slash bool) error {
	parts := strings.Split(rest, "/")
	if resource.AnyName() {
		parts = []string{rest}
		if key, value := splitExtra(rest); value != "" && isExtra(resource) {
			parts = []string{key, value}
		}
	}
	switch {
	case slash && rest == "":
		return fmt.Errorf("nothing follows the slash in %q", word)
	case slash && slices.Contains(parts, ""):
		return fmt.Errorf("%q has a slash too many", word)
	case len(parts) > 2:
		return fmt.Errorf("%q has more parts than TYPE/NAME/SUBRESOURCE", word)
	}
	return nil
}

// splitExtra tells key and value of extra information about a user apart:
// KEY/VALUE, where keys of programs are DOMAIN/KEY.
// Source: "UserInfo.Extra" in k8s.io/api/authentication/v1.
func splitExtra(rest string) (key, value string) {
	key, value, _ = strings.Cut(rest, "/")
	if strings.Contains(key, ".") {
		own, rest, _ := strings.Cut(value, "/")
		return key + "/" + own, rest
	}
	return key, value
}

func isExtra(resource apiresource.Resource) bool {
	return resource.AnyName() && resource.Name == "userextras"
}

// check refuses names and subresources that no request can carry: they are
// segments of its path. Of a type that is not known the name may be another
// program's, which asks for what it likes (as cert-manager does for its
// signers).
func (t Target) check() error {
	if t.Resource.AnyName() {
		return nil
	}
	if wrong := content.IsPathSegmentName(t.Subresource); len(wrong) > 0 {
		return fmt.Errorf("no subresource is called %q: it %s", t.Subresource, wrong[0])
	}
	if wrong := content.IsPathSegmentName(t.Name); len(wrong) > 0 && !t.Resource.Unknown {
		return fmt.Errorf("no object of type %s is named %q: a name %s", t.Resource, t.Name, wrong[0])
	}
	return nil
}

// splitRest tells subresource and name apart in what follows "TYPE/". Extra
// keys of users are subresources by nature (userextras/KEY); names of signers
// and of other identities hold slashes themselves (signers/DOMAIN/PATH).
func splitRest(resource apiresource.Resource, rest, explicit string) (subresource, name string) {
	first, second, two := strings.Cut(rest, "/")
	switch {
	case explicit != "":
		return explicit, rest
	case isExtra(resource):
		return splitExtra(rest)
	case resource.AnyName():
		return "", rest
	case two && resource.ChecksSubresource(first):
		return first, second
	case two:
		return second, first
	case isSubresource(resource, first):
		return first, ""
	default:
		return "", first
	}
}

// isSubresource reports whether TYPE/X means a subresource. Of a type that is
// not known, status and scale are taken as such: custom resources serve no
// others.
func isSubresource(resource apiresource.Resource, x string) bool {
	return resource.ChecksSubresource(x) || (resource.Unknown || resource.Name == all) && (x == "status" || x == "scale")
}

// String returns the target as ParseTarget reads it.
func (t Target) String() string {
	switch {
	case t.Path != "":
		return t.Path
	case t.Name == "" && t.Subresource == "":
		return t.Resource.String()
	case t.Name == "":
		return t.Resource.String() + "/" + t.Subresource
	case t.Subresource == "":
		return t.Resource.String() + "/" + t.Name
	case isExtra(t.Resource):
		return t.Resource.String() + "/" + t.Subresource + "/" + t.Name
	default:
		return t.Resource.String() + "/" + t.Name + "/" + t.Subresource
	}
}
