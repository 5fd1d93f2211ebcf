package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// Whoever applies a change is told what it opens beyond the request.
func TestFixTellsDangers(t *testing.T) {
	bob := rbac.User("bob")
	pods := rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}
	in := func(verb, group, resource, subresource string) rbac.Request {
		return rbac.Request{Verb: verb, APIGroup: group, Resource: resource, Subresource: subresource, Namespace: "dev"}
	}
	for _, tt := range []struct {
		name string
		id   rbac.Subject
		r    rbac.Request
		want []string
	}{
		{"nothing", bob, pods, nil},
		{"anonymous", rbac.User("system:anonymous"), pods, []string{"careful, this allows it to everyone who reaches the API server, without any credentials"}},
		{"unauthenticated", rbac.Group("system:unauthenticated"), pods, []string{"careful, this allows it to everyone who reaches the API server, without any credentials"}},
		{"authenticated", rbac.Group("system:authenticated"), pods, []string{"careful, this allows it to everyone with credentials, every service account and so every pod included"}},
		{"service accounts", rbac.Group("system:serviceaccounts"), pods, []string{"careful, this allows it to every service account of the cluster, and so to every pod"}},
		{"service accounts of a namespace", rbac.Group("system:serviceaccounts:dev"), pods, []string{"careful, this allows it to every service account of namespace dev, and so to every pod there"}},
		{"the default account", rbac.ServiceAccount("dev", "default"), pods, []string{"careful, this allows it to every pod of namespace dev that names no service account"}},
		{"a user named default", rbac.User("default"), pods, nil},
		{"every verb", bob, in("*", "", "pods", ""), []string{"careful, the rule has a wildcard: it also covers what is added to the cluster later"}},
		{"every type", bob, in("get", "*", "*", ""), []string{"careful, the rule has a wildcard: it also covers what is added to the cluster later"}},
		{"secrets", bob, in("list", "", "secrets", ""), []string{"careful, this right leads further: it reads values of Secrets"}},
		{"secrets of another group", bob, in("list", "example.org", "secrets", ""), nil},
		{"shells", bob, in("create", "", "pods", "exec"), []string{"careful, this right leads further: it runs commands in pods"}},
		{"tokens", bob, in("create", "", "serviceaccounts", "token"), []string{"careful, this right leads further: it gets tokens of others"}},
		{"bind", bob, in("bind", "rbac.authorization.k8s.io", "roles", ""), []string{"careful, this right leads further: it gives away roles it does not have"}},
		{"impersonate", bob, in("impersonate", "", "serviceaccounts", ""), []string{"careful, this right leads further: it acts as others"}},
		{"both", rbac.ServiceAccount("dev", "default"), in("create", "", "pods", ""), []string{
			"careful, this allows it to every pod of namespace dev that names no service account",
			"careful, this right leads further: it runs as any account, mounts Secrets",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil)
			fix, err := x.Fix(x.Why(rbac.Identity{Subject: tt.id}, tt.r, false), tt.r, false)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, fix.Remarks, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
