package rbac

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
)

// Question is what a person asks: may someone do Verb on Target?
type Question struct {
	Verb   string
	Target Target
	// Namespace is the one that -n or the context names. For cluster-scoped
	// types it does not matter, with one exception: bind (see Plan).
	Namespace string
	// NamespaceTyped says that the person named it, rather than a default.
	NamespaceTyped bool
	// AllNamespaces asks in every namespace.
	AllNamespaces bool
	// Apply asks for the check of server-side apply that creates an object:
	// unlike a plain create, it carries the name.
	Apply bool
}

// Plan is the request that the API server's authorizers see for a Question.
type Plan struct {
	Request Request
	// Anywhere asks the request in every namespace (see Index.WhoCan).
	Anywhere bool
	// Notes tell where the request differs from what the words may suggest.
	Notes []string
}

// RoleBindingsCount reports whether RoleBindings can allow the request: it is
// in a namespace, or about namespaces by name, which are in themselves.
func (p Plan) RoleBindingsCount() bool {
	return p.Anywhere || p.Request.Namespace != "" || p.Request.isOfNamespaces()
}

// Plan translates the question as the API server translates a request.
// Source: apiserver/pkg/endpoints/request/requestinfo.go.
func (q Question) Plan() Plan {
	if q.Target.Path != "" {
		return q.planURL()
	}
	resource := q.Target.Resource.ForVerb(q.Verb)
	p := Plan{Request: Request{
		Verb:        q.Verb,
		APIGroup:    resource.Group,
		Resource:    resource.Name,
		Subresource: q.Target.Subresource,
		Name:        q.Target.Name,
	}}
	for _, other := range q.Target.Resource.Namesakes {
		p.note("this is about %s; %q asks about another type of that name", resource, other)
	}
	p.Notes = append(p.Notes, q.typeNotes()...)
	p.Notes = append(p.Notes, q.checkNotes()...)
	q.placeName(&p)
	switch {
	case resource.Name == "namespaces" && !resource.Namespaced:
		q.placeNamespace(&p)
	case resource.Namespaced, q.checkedInNamespace():
		p.Request.Namespace = q.Namespace
		if q.AllNamespaces {
			p.Request.Namespace, p.Anywhere = "", true
		}
	case q.Verb == "bind":
		p.note("bind is checked in the namespace of the new binding: -n NAMESPACE asks for RoleBindings there, this answer is for ClusterRoleBindings")
	}
	return p
}

func (p *Plan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

func (q Question) planURL() Plan {
	p := Plan{Request: Request{Verb: q.Verb, Path: q.Target.Path}}
	if path, query, ok := strings.Cut(q.Target.Path, "?"); ok {
		p.Request.Path = path
		p.note("the query string %q is not part of what is authorized", "?"+query)
	}
	p.Notes = append(p.Notes, q.urlNotes()...)
	return p
}

// Doubts returns those notes of the plan that tell of a question which no
// request asks, mostly since a word of it is misspelt.
func (q Question) Doubts() []string {
	if q.Target.Path != "" {
		return q.urlNotes()
	}
	return q.typeNotes()
}

// urlNotes is typeNotes for URLs.
func (q Question) urlNotes() []string {
	var notes []string
	path, _, _ := strings.Cut(q.Target.Path, "?")
	if segments := strings.Split(strings.Trim(path, "/"), "/"); segments[0] == "api" && len(segments) > 2 || segments[0] == "apis" && len(segments) > 3 {
		notes = append(notes, fmt.Sprintf("a request to %s is one for a resource: ask for its type instead", path))
	}
	methods := []string{"get", "head", "post", "put", "patch", "delete", "options", all}
	if !slices.Contains(methods, q.Verb) {
		notes = append(notes, fmt.Sprintf("requests to URLs have the HTTP method in lower case as their verb, %q is none", q.Verb))
	}
	return notes
}

// placeName drops the name from requests that do not carry one.
func (q Question) placeName(p *Plan) {
	if q.Target.Name == "" {
		return
	}
	switch {
	case q.Verb == "create" && q.Target.Subresource == "" && !q.Apply:
		p.Request.Name = ""
		p.note("a create request carries no name, so rules with resourceNames do not allow it; --apply asks for the check of server-side apply, which does")
	case q.Verb == "deletecollection":
		p.Request.Name = ""
		p.note("a deletecollection request carries no name, so rules with resourceNames do not allow it")
	case (q.Verb == "list" || q.Verb == "watch") && len(content.IsPathSegmentName(q.Target.Name)) > 0:
		p.Request.Name = ""
		p.note("%q cannot be the name of an object, so a %s by it carries no name and rules with resourceNames do not allow it", q.Target.Name, q.Verb)
	case q.Verb == "list" || q.Verb == "watch":
		p.note("%s with a name means the field selector metadata.name=%s: no other selector is allowed by resourceNames", q.Verb, q.Target.Name)
	}
}

// placeNamespace sets the namespace of a request for a Namespace object:
// /api/v1/namespaces/NAME is in namespace NAME, so that RoleBindings there
// count; collections, also narrowed by a field selector, are in none.
func (q Question) placeNamespace(p *Plan) {
	collection := q.Verb == "list" || q.Verb == "watch" || p.Request.Name == ""
	pathPart := slices.Contains([]string{"", "status", "finalize"}, q.Target.Subresource)
	switch {
	case !collection && pathPart:
		p.Request.Namespace = p.Request.Name
	case q.Target.Name == "" && !slices.Contains([]string{"list", "watch", "create", "deletecollection"}, q.Verb):
		p.note("RoleBindings count for requests to one namespace: ask for namespaces/NAME")
	}
}

// checkedInNamespace: some rights on cluster-scoped objects are asked in the
// namespace in which the object takes effect: to bind a ClusterRole in that of
// the RoleBinding that is written, to use a pod security policy or security
// context constraints in that of the pod.
// Source: BindingAuthorized in pkg/registry/rbac/escalation_check.go.
func (q Question) checkedInNamespace() bool {
	switch q.Target.Resource.Name {
	case "clusterroles":
		return q.Verb == "bind" && (q.NamespaceTyped || q.AllNamespaces)
	case "podsecuritypolicies", "securitycontextconstraints":
		return q.Verb == "use"
	default:
		return false
	}
}

// typeNotes warns of questions that no request to an API server asks. They
// are answered all the same: rules may name anything.
func (q Question) typeNotes() []string {
	resource := q.Target.Resource
	switch {
	case resource.Unknown && resource.Version != "":
		return []string{fmt.Sprintf("%s is not known here and is taken as a namespaced type, and %s as its version", resource, resource.Version)}
	case resource.Unknown:
		return []string{fmt.Sprintf("%s is not known here and is taken as a namespaced type", resource)}
	case resource.AnyName() && q.Verb != all && !resource.IsCheckedWith(q.Verb):
		return []string{fmt.Sprintf("no check asks for the verb %q on %s, only for %s", q.Verb, resource, strings.Join(resource.Verbs, ", "))}
	case resource.Name == all || resource.Virtual:
		return nil
	case q.Target.Subresource != "" && resource.HasSubresource(q.Target.Subresource) != resource.ChecksSubresource(q.Target.Subresource):
		return nil // asked for by others than the API server's own requests
	case q.Target.Subresource != "" && !resource.HasSubresource(q.Target.Subresource):
		return []string{fmt.Sprintf("%s serves no subresource %q", resource, q.Target.Subresource)}
	case q.Verb != all && !resource.Serves(q.Verb, q.Target.Subresource) && !isSpecialVerb(q.Verb, resource.Name):
		return []string{fmt.Sprintf("no API server serves the verb %q on %s", q.Verb, Target{Resource: resource, Subresource: q.Target.Subresource})}
	}
	return nil
}

// checkNotes tells of checks that are asked together with this one.
// Sources: IsAuthorizedForSignerName in pkg/certauthorization, KEP-5284
// (constrained impersonation).
func (q Question) checkNotes() []string {
	resource := q.Target.Resource
	if domain, path, ok := strings.Cut(q.Target.Name, "/"); ok && resource.Virtual && resource.Name == "signers" && path != "*" {
		return []string{fmt.Sprintf("the right to %s signers/%s/* will do as well: ask for it too", q.Verb, domain)}
	}
	if mode, ok := strings.CutPrefix(q.Verb, "impersonate:"); ok {
		return []string{fmt.Sprintf("this is one half of constrained impersonation: impersonate-on:%s:VERB on the type is needed too", mode)}
	}
	if rest, ok := strings.CutPrefix(q.Verb, "impersonate-on:"); ok {
		mode, _, _ := strings.Cut(rest, ":")
		return []string{fmt.Sprintf("this is one half of constrained impersonation: impersonate:%s of the identity is needed too", mode)}
	}
	return nil
}

// isSpecialVerb reports whether authorization checks beside the request's own
// ask for the verb on the resource.
func isSpecialVerb(verb, resource string) bool {
	switch verb {
	case "bind", "escalate":
		return resource == "roles" || resource == "clusterroles"
	case "impersonate":
		return resource == "serviceaccounts"
	case "use":
		return resource == "podsecuritypolicies" || resource == "securitycontextconstraints"
	case "unsafe-delete-ignore-read-errors":
		return true
	}
	return strings.HasPrefix(verb, "impersonate-on:") || strings.HasPrefix(verb, "impersonate:")
}
