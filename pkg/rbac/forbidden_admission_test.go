package rbac_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestAdmissionIsNotAuthorization(t *testing.T) {
	for _, tt := range []struct{ name, text, by string }{
		{"pod security", `Error from server (Forbidden): pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)`, "PodSecurity"},
		{"quota", `pods "x" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=1, limited: cpu=2`, "ResourceQuota compute"},
		{"quota without requests", `pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: c`, "ResourceQuota compute"},
		{"limits", `pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2`, "LimitRanger"},
		{"terminating", `pods "x" is forbidden: unable to create new content in namespace dev because it is being terminated`, "NamespaceLifecycle"},
		{"webhook", `Error from server (Forbidden): error when creating "p.yaml": admission webhook "v.example.org" denied the request: no`, "admission webhook v.example.org"},
		{"policy", `The pods "x" is invalid: : ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`, "ValidatingAdmissionPolicy p"},
		{"service account", `pods "x" is forbidden: error looking up service account dev/app: serviceaccount "app" not found`, "ServiceAccount"},
		{"node", `nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"`, "NodeRestriction n1"},
		{"approval", `certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "example.org/x"`, "CertificateApproval example.org/x"},
		{"owner", `pods "x" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`, "OwnerReferencesPermissionEnforcement"},
		{"OpenShift", `pods "x" is forbidden: unable to validate against any security context constraint: []`, "SecurityContextConstraint"},
		{"escaped", `{"message":"pods \"x\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces"}`, "PodSecurity"},
		{"unknown plugin", `widgets.example.org "x" is forbidden: not on a Friday`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rbac.ParseForbidden(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Kind != rbac.DeniedByAdmission || got[0].By != tt.by || got[0].Reason == "" {
				t.Errorf("%+v, want admission by %q", got, tt.by)
			}
		})
	}
}

// An authorizer's message wins over words in it that admission uses too, in
// whatever layer of quotes it is.
func TestAuthorizationBeforeAdmission(t *testing.T) {
	text := `{"a":"pods \"violates PodSecurity\" is forbidden: x","log":"pods \"exceeded quota: q,\" is forbidden: User \"bob\" cannot get resource \"pods\" in API group \"\" in the namespace \"dev\""}`
	got, err := rbac.ParseForbidden(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []rbac.Denial{{Kind: rbac.DeniedByAuthorizer, User: "bob", Request: rbac.Request{Verb: "get", Resource: "pods", Name: "exceeded quota: q,", Namespace: "dev"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoDenial(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"empty", ""},
		{"something else", "connection refused"},
		{"unauthorized", "error: You must be logged in to the server (Unauthorized)"},
		{"half a message", `pods is forbidden: User "bob" cannot list resource "pods"`},
		{"no user", `pods is forbidden: User "" cannot list resource "pods" in API group "" in the namespace "x"`},
		{"a path that is none", `forbidden: User "bob" cannot get path "metrics"`},
		{"only the word", "403 forbidden: go away"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := rbac.ParseForbidden(tt.text); !errors.Is(err, rbac.ErrNoDenial) {
				t.Errorf("%+v, %v, want ErrNoDenial", got, err)
			}
		})
	}
}

func TestLooksForbidden(t *testing.T) {
	for _, tt := range []struct {
		text string
		want bool
	}{
		{`pods is forbidden: User "x" cannot list resource "pods" in API group ""`, true},
		{`Error from server (Forbidden): x`, true},
		{`User bob cannot get path /metrics`, true},
		{"user/forbidden get pods", false},
		{"sa/app cannot pods", false},
		{"user/bob forbidden pods", false},
	} {
		if got := rbac.LooksForbidden(tt.text); got != tt.want {
			t.Errorf("LooksForbidden(%q) = %v", tt.text, got)
		}
	}
}
