package rbac

// Request is what an authorizer sees of a request
// (apiserver/pkg/authorization/authorizer.Attributes, without the user).
type Request struct {
	Verb        string
	APIGroup    string
	Resource    string // plural
	Subresource string
	Name        string
	// Namespace is "" for cluster-scoped resources and for requests across
	// all namespaces. RoleBindings count only in the namespace named here.
	Namespace string
	// Path is set for a request that is not for a resource, as /healthz. The
	// fields above but Verb are not looked at then.
	Path string
}

// combined returns RESOURCE or RESOURCE/SUBRESOURCE, as rules write it.
func (r Request) combined() string {
	if r.Subresource == "" {
		return r.Resource
	}
	return r.Resource + "/" + r.Subresource
}
