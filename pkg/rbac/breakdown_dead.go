package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// Dead returns why no request can ever be allowed by the permission where it
// is granted through a binding in the namespace ("" for a
// ClusterRoleBinding); "" for a permission that counts.
func (p Permission) Dead(namespace string, types *apiresource.Catalog) string {
	if why := p.deadVerb(); why != "" {
		return why
	}
	if p.URL != "" {
		return p.deadURL(namespace)
	}
	if why := p.deadType(); why != "" {
		return why
	}
	if why := p.deadName(); why != "" {
		return why
	}
	resource, known := p.lookup(types)
	if namespace == "" || !known || resource.Namespaced || p.checkedInNamespace() {
		return ""
	}
	if resource.Name == "namespaces" && resource.Group == "" {
		return p.deadNamespace(namespace)
	}
	return clusterScoped
}

const clusterScoped = "cluster-scoped: RoleBindings do not count"

func (p Permission) deadVerb() string {
	switch lower := strings.ToLower(p.Verb); {
	case p.Verb == "":
		return "an empty verb matches no request"
	case p.Verb != lower && (slices.Contains(readVerbs(), lower) || slices.Contains(writeVerbs(), lower)):
		return fmt.Sprintf("the verb %q is not %q: case counts", p.Verb, lower)
	default:
		return ""
	}
}

func (p Permission) deadURL(namespace string) string {
	switch {
	case namespace != "":
		return "non-resource URLs do not count through a RoleBinding"
	case strings.Contains(p.URL, "?"):
		return "a query string is not part of what is authorized"
	case !strings.HasPrefix(p.URL, "/") && p.URL != all:
		return "the path of a request begins with a slash"
	default:
		return ""
	}
}

func (p Permission) deadType() string {
	switch {
	case p.APIGroup == "core":
		return `"core" is not the core group, which is ""`
	case strings.Contains(p.APIGroup, "/"):
		return fmt.Sprintf("%q is not an API group: rules name no versions", p.APIGroup)
	case p.Resource == "":
		return "an empty resource matches no request"
	case strings.HasSuffix(p.Resource, "/*"):
		return fmt.Sprintf("%q matches no subresource: only * and */SUBRESOURCE are wildcards", p.Resource)
	case p.Resource != strings.ToLower(p.Resource) && !strings.HasPrefix(p.Resource, "userextras/"):
		return fmt.Sprintf("%q: rules name plurals in lower case", p.Resource)
	default:
		return ""
	}
}

// deadName: these requests carry no name. (Server-side apply asks for a named
// create when it makes an object, so names do count for create.)
// Source: apiserver/pkg/endpoints/request/requestinfo.go.
func (p Permission) deadName() string {
	if p.Named && p.Name != "" && p.Verb == "deletecollection" {
		return "a deletecollection request carries no name"
	}
	return ""
}

// deadNamespace: a request for a Namespace object is in that namespace, a
// request for the collection in none.
func (p Permission) deadNamespace(namespace string) string {
	switch {
	case slices.Contains([]string{"list", "watch", "create", "deletecollection"}, p.Verb):
		return clusterScoped
	case p.Named && p.Name != namespace:
		return fmt.Sprintf("requests for namespace %q ask for the RoleBindings there", p.Name)
	default:
		return ""
	}
}

// lookup finds the type; wildcards and types that are not known have none.
func (p Permission) lookup(types *apiresource.Catalog) (apiresource.Resource, bool) {
	name, _, _ := strings.Cut(p.Resource, "/")
	return types.Lookup(schema.GroupResource{Group: p.APIGroup, Resource: name})
}

// checkedInNamespace: the right to bind a ClusterRole is asked in the
// namespace of the RoleBinding that is written, the right to use a security
// context constraint of OpenShift in that of the pod.
func (p Permission) checkedInNamespace() bool {
	bind := p.APIGroup == apiGroup && p.Resource == "clusterroles"
	use := p.Resource == "securitycontextconstraints"
	switch p.Verb {
	case "bind":
		return bind
	case "use":
		return use
	default:
		return p.Verb == all && (bind || use)
	}
}

// livingParts breaks a rule down and leaves out what grants nothing. In a
// namespace, the type namespaces means that one namespace, and every verb on
// a cluster-scoped type means those few that count there.
func livingParts(rule *rbacv1.PolicyRule, namespace string, types *apiresource.Catalog) []Permission {
	var living []Permission
	for _, p := range Breakdown(rule) {
		resource, known := p.lookup(types)
		narrow := namespace != "" && p.URL == "" && known && !resource.Namespaced
		candidates := []Permission{p}
		if narrow && p.Verb == all {
			candidates = nil
			for _, verb := range slices.Concat(readVerbs(), writeVerbs(), []string{"bind", "use"}) {
				p.Verb = verb
				if isRequest := verb != "bind" && verb != "use"; isRequest || p.checkedInNamespace() {
					candidates = append(candidates, p)
				}
			}
		}
		for _, c := range candidates {
			if c.Dead(namespace, types) != "" {
				continue
			}
			if narrow && resource.Name == "namespaces" {
				c.Named, c.Name = true, namespace
			}
			if !slices.Contains(living, c) {
				living = append(living, c)
			}
		}
	}
	return living
}

// DeadPart is a part of a rule that grants nothing: all of the verbs on all of
// the types or URLs.
type DeadPart struct {
	Verbs, On []string
	Why       string
}

// DeadParts returns what of a rule grants nothing, and why.
func DeadParts(rule *rbacv1.PolicyRule, namespace string, types *apiresource.Catalog) []DeadPart {
	var single []DeadPart // of one type or URL each
	for _, p := range Breakdown(rule) {
		why, on := p.Dead(namespace, types), p.What()
		if why == "" {
			continue
		}
		i := slices.IndexFunc(single, func(d DeadPart) bool { return d.Why == why && d.On[0] == on })
		if i < 0 {
			i = len(single)
			single = append(single, DeadPart{On: []string{on}, Why: why})
		}
		single[i].Verbs = unique(append(single[i].Verbs, p.Verb))
	}
	var dead []DeadPart
	for _, s := range single {
		i := slices.IndexFunc(dead, func(d DeadPart) bool { return d.Why == s.Why && slices.Equal(d.Verbs, s.Verbs) })
		if i < 0 {
			dead = append(dead, s)
			continue
		}
		dead[i].On = append(dead[i].On, s.On...)
	}
	return dead
}

// What names the type, with its group, or the URL.
func (p Permission) What() string {
	if p.URL != "" {
		return p.URL
	}
	return TypeName(p.APIGroup, p.Resource)
}
