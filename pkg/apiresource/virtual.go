package apiresource

import (
	"slices"
	"strings"
)

// authenticationGroup holds the types that impersonation checks beside the
// core ones.
const authenticationGroup = "authentication.k8s.io"

// ChecksSubresource reports whether authorization checks ask for the
// subresource: the type serves it, or other code asks for it. The kubelet
// checks subresources of nodes that no API server serves; finalizers of any
// type are checked for owner references that block deletion.
// Sources: pkg/kubelet/server/auth.go, plugin/pkg/admission/gc.
func (r Resource) ChecksSubresource(name string) bool {
	if r.HasSubresource(name) || name == "finalizers" && !r.Virtual {
		return true
	}
	kubelet := []string{"checkpoint", "configz", "flagz", "healthz", "log", "metrics", "pods", "spec", "stats", "statusz"}
	return r.Group == "" && r.Name == "nodes" && slices.Contains(kubelet, name)
}

// virtual returns the types that only RBAC rules name: no server serves them,
// authorization checks ask for them.
// Sources: apiserver/pkg/endpoints/filters/impersonation (impersonation),
// kubernetes plugin/pkg/admission/certificates (signers). The policies of pods
// are those of Kubernetes before 1.25 and of OpenShift, which serve them.
func virtual() []Resource {
	impersonate := []string{"impersonate"}
	use := []string{"use"}
	signers := []string{"approve", "sign", "attest"}
	return []Resource{
		{Name: "users", Singular: "user", Kind: "User", Verbs: impersonate, Virtual: true},
		{Name: "groups", Singular: "group", Kind: "Group", Verbs: impersonate, Virtual: true},
		{Group: authenticationGroup, Name: "uids", Singular: "uid", Kind: "UID", Verbs: impersonate, Virtual: true},
		{Group: authenticationGroup, Name: "userextras", Singular: "userextra", Kind: "UserExtra", Verbs: impersonate, Virtual: true},
		{Group: "certificates.k8s.io", Name: "signers", Singular: "signer", Kind: "Signer", Verbs: signers, Virtual: true},
		{Group: "policy", Name: "podsecuritypolicies", Singular: "podsecuritypolicy", Kind: "PodSecurityPolicy", ShortNames: []string{"psp"}, Verbs: use, Virtual: true},
		{Group: "security.openshift.io", Name: "securitycontextconstraints", Singular: "securitycontextconstraints", Kind: "SecurityContextConstraints", ShortNames: []string{"scc"}, Verbs: use, Virtual: true},
	}
}

// AnyName reports whether names of the type may be any text, with slashes too:
// identities and signers are no objects, whose names are parts of URLs.
func (r Resource) AnyName() bool { return r.Virtual && !slices.Contains(r.Verbs, "use") }

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
