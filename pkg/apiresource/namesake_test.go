package apiresource_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

func custom(group, name, singular, kind string) apiresource.Resource {
	return apiresource.Resource{
		Group: group, Version: "v1", Name: name, Singular: singular, Kind: kind, Namespaced: true, Verbs: []string{"get", "list"},
	}
}

func TestResolveFor(t *testing.T) {
	openshift := []apiresource.Resource{custom("user.openshift.io", "users", "user", "User"), custom("user.openshift.io", "groups", "group", "Group")}
	acme := custom("acme.io", "users", "user", "User")
	signers := custom("acme.io", "signers", "signer", "Signer")
	tests := []struct {
		name, verb, typed string
		served            []apiresource.Resource
		want              string
		namesakes         []string
	}{
		{"alone", "list", "users", nil, "users", nil},
		{"with objects", "list", "users", openshift, "users.user.openshift.io", nil},
		{"its kind", "get", "Group", openshift, "groups.user.openshift.io", nil},
		{"its singular in any case", "delete", "USER", openshift, "users.user.openshift.io", nil},
		{"impersonation", "impersonate", "users", openshift, "users", []string{"users.user.openshift.io"}},
		{"constrained impersonation", "impersonate:user-info", "groups", openshift, "groups", []string{"groups.user.openshift.io"}},
		{"what one may do in another's name", "impersonate-on:user-info:list", "users", openshift, "users.user.openshift.io", nil},
		{"approval", "approve", "signers", []apiresource.Resource{signers}, "signers.certificates.k8s.io", []string{"signers.acme.io"}},
		{"signature", "sign", "signer", []apiresource.Resource{signers}, "signers.certificates.k8s.io", []string{"signers.acme.io"}},
		{"signers with objects", "watch", "signers", []apiresource.Resource{signers}, "signers.acme.io", nil},
		{"two with objects", "list", "user", append(openshift, acme), "users.user.openshift.io", []string{"users.acme.io"}},
		{"every verb", "*", "users", openshift, "users.user.openshift.io", []string{"users."}},
		{"in full", "impersonate", "users.user.openshift.io", openshift, "users.user.openshift.io", nil},
		{"the virtual one in full", "list", "users.", openshift, "users", nil},
		{"another type", "list", "pods", []apiresource.Resource{custom("acme.io", "pods", "pod", "Pod")}, "pods", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := apiresource.NewCatalog(tt.served...).ResolveFor(tt.verb, tt.typed)
			if err != nil || got.String() != tt.want {
				t.Fatalf("ResolveFor = %s, %v, want %s", got, err, tt.want)
			}
			if diff := cmp.Diff(tt.namesakes, got.Namesakes); diff != "" {
				t.Errorf("namesakes (-want +got):\n%s", diff)
			}
		})
	}
}

// What a namesake is called resolves to it.
func TestNamesakesResolve(t *testing.T) {
	catalog := apiresource.NewCatalog(custom("acme.io", "users", "user", "User"))
	for verb, want := range map[string]string{"impersonate": "users.acme.io", "*": "users"} {
		r, err := catalog.ResolveFor(verb, "users")
		if err != nil || len(r.Namesakes) != 1 {
			t.Fatalf("%s: %+v, %v", verb, r, err)
		}
		if other, err := catalog.ResolveFor(verb, r.Namesakes[0]); err != nil || other.String() != want {
			t.Errorf("%s: %q is %s, %v, want %s", verb, r.Namesakes[0], other, err, want)
		}
	}
}

func TestAnyName(t *testing.T) {
	for typed, want := range map[string]bool{
		"users": true, "groups": true, "uids": true, "userextras": true, "signers": true,
		"psp": false, "scc": false, "pods": false, "serviceaccounts": false, "users.acme.io": false,
	} {
		if got := resolve(t, typed).AnyName(); got != want {
			t.Errorf("%s: AnyName = %t", typed, got)
		}
	}
}
