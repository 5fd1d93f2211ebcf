package apiresource

import "strings"

// authenticationGroup holds the types that impersonation checks beside the
// core ones.
const authenticationGroup = "authentication.k8s.io"

// virtual returns the types that only RBAC rules name: no server serves them,
// authorization checks ask for them.
// Sources: apiserver/pkg/endpoints/filters/impersonation (impersonation),
// kubernetes plugin/pkg/admission/certificates (signers).
func virtual() []Resource {
	impersonate := []string{"impersonate"}
	signers := []string{"approve", "sign", "attest"}
	return []Resource{
		{Name: "users", Singular: "user", Kind: "User", Verbs: impersonate, Virtual: true},
		{Name: "groups", Singular: "group", Kind: "Group", Verbs: impersonate, Virtual: true},
		{Group: authenticationGroup, Name: "uids", Singular: "uid", Kind: "UID", Verbs: impersonate, Virtual: true},
		{Group: authenticationGroup, Name: "userextras", Singular: "userextra", Kind: "UserExtra", Verbs: impersonate, Virtual: true},
		{Group: "certificates.k8s.io", Name: "signers", Singular: "signer", Kind: "Signer", Verbs: signers, Virtual: true},
	}
}

// ForVerb returns the resource that an authorization check with this verb
// asks for. Only constrained impersonation differs (KEP-5284): its
// "impersonate:MODE" checks ask for users, groups, serviceaccounts and nodes
// in the group authentication.k8s.io, where "impersonate" asks for the core
// ones.
func (r Resource) ForVerb(verb string) Resource {
	if !strings.HasPrefix(verb, "impersonate:") || r.Group != "" {
		return r
	}
	switch r.Name {
	case "users", "groups", "serviceaccounts", "nodes":
		r.Group = authenticationGroup
		r.Verbs = []string{verb}
		r.Virtual = true
	}
	return r
}
