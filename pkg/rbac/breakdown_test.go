package rbac_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestDeadParts(t *testing.T) {
	tests := []struct {
		name      string
		rule      rbacv1.PolicyRule
		namespace string
		want      []string // beginnings of the reasons
	}{
		{"alive", testkit.Rule("get,list,create", "", "pods,pods/log,*,*/scale", "a"), "shop", nil},
		{"alive cluster-wide", testkit.Rule("*", "", "nodes"), "", nil},
		{"a cluster-scoped type", testkit.Rule("get,list", "", "nodes,pods"), "shop", []string{"cluster-scoped"}},
		{"every verb on a cluster-scoped type", testkit.Rule("*", "", "nodes"), "shop", []string{"cluster-scoped"}},
		{"virtual types have no namespace", testkit.Rule("impersonate", "", "users"), "shop", []string{"cluster-scoped"}},
		{"accounts have one", testkit.Rule("impersonate", "", "serviceaccounts"), "shop", nil},
		{"bind is checked in the namespace", testkit.Rule("bind", "rbac.authorization.k8s.io", "clusterroles"), "shop", nil},
		{"escalate is not", testkit.Rule("escalate", "rbac.authorization.k8s.io", "clusterroles"), "shop", []string{"cluster-scoped"}},
		{"every verb on cluster roles includes bind", testkit.Rule("*", "rbac.authorization.k8s.io", "clusterroles"), "shop", nil},
		{"one namespace", testkit.Rule("get,delete", "", "namespaces"), "shop", nil},
		{"all namespaces", testkit.Rule("get,list", "", "namespaces"), "shop", []string{"cluster-scoped"}},
		{"another namespace", testkit.Rule("get", "", "namespaces", "prod"), "shop", []string{`requests for namespace "prod"`}},
		{"a type that nobody knows", testkit.Rule("get", "example.org", "widgets"), "shop", nil},
		{"core is no group", testkit.Rule("get", "core", "pods"), "", []string{`"core" is not the core group`}},
		{"a version is no group", testkit.Rule("get", "apps/v1", "deployments"), "", []string{`"apps/v1" is not an API group`}},
		{"no wildcard of subresources", testkit.Rule("get", "", "pods/*"), "", []string{`"pods/*" matches no subresource`}},
		{"a kind is no resource", testkit.Rule("get", "", "Pods"), "", []string{`"Pods": rules name plurals`}},
		{"extra keys have case", testkit.Rule("impersonate", "authentication.k8s.io", "userextras/Scopes"), "", nil},
		{"case of verbs", testkit.Rule("Get,get", "", "pods"), "", []string{`the verb "Get"`}},
		{"empty strings", testkit.Rule(",get", "", "pods,"), "", []string{"an empty verb", "an empty resource"}},
		{"deletecollection has no name", testkit.Rule("deletecollection,delete", "", "pods", "a"), "", []string{"a deletecollection request"}},
		{"nameless deletecollection", rbacv1.PolicyRule{Verbs: []string{"deletecollection"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{""}}, "", nil},
		{"URLs", testkit.URLRule("get", "/healthz,*,/m*"), "", nil},
		{"URLs in a namespace", testkit.URLRule("get", "/healthz"), "shop", []string{"non-resource URLs do not count"}},
		{"malformed URLs", testkit.URLRule("get", "/m?x=1,metrics"), "", []string{"a query string", "the path of a request"}},
	}
	types := apiresource.NewCatalog()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dead := rbac.DeadParts(&tt.rule, tt.namespace, types)
			if len(dead) != len(tt.want) {
				t.Fatalf("dead = %+v, want %q", dead, tt.want)
			}
			for i, d := range dead {
				if !strings.HasPrefix(d.Why, tt.want[i]) {
					t.Errorf("reason %q, want %q", d.Why, tt.want[i])
				}
				if len(d.Verbs) == 0 || len(d.On) == 0 {
					t.Errorf("%q does not say which part: %+v", d.Why, d)
				}
			}
		})
	}
}

func TestDeadPartsSayWhichPart(t *testing.T) {
	rule := testkit.Rule("get,list,watch", "", "namespaces,nodes,persistentvolumes,pods")
	want := []rbac.DeadPart{
		{Verbs: []string{"list", "watch"}, On: []string{"namespaces"}, Why: "cluster-scoped: RoleBindings do not count"},
		{Verbs: []string{"get", "list", "watch"}, On: []string{"nodes", "persistentvolumes"}, Why: "cluster-scoped: RoleBindings do not count"},
	}
	got := rbac.DeadParts(&rule, "shop", apiresource.NewCatalog())
	slices.SortFunc(got, func(a, b rbac.DeadPart) int { return len(a.Verbs) - len(b.Verbs) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCoveredBy(t *testing.T) {
	tests := []struct {
		name string
		part rbac.Permission
		rule rbacv1.PolicyRule
		want bool
	}{
		{"itself", rbac.Permission{Verb: "get", Resource: "pods"}, testkit.Rule("get", "", "pods"), true},
		{"another verb", rbac.Permission{Verb: "list", Resource: "pods"}, testkit.Rule("get", "", "pods"), false},
		{"every verb", rbac.Permission{Verb: "*", Resource: "pods"}, testkit.Rule("get,list", "", "pods"), false},
		{"all subresources", rbac.Permission{Verb: "get", Resource: "pods/log"}, testkit.Rule("get", "", "*"), true},
		{"the subresource of all", rbac.Permission{Verb: "get", Resource: "pods/log"}, testkit.Rule("get", "", "*/log"), true},
		{"not of the resource", rbac.Permission{Verb: "get", Resource: "pods/log"}, testkit.Rule("get", "", "pods"), false},
		{"a wildcard of subresources", rbac.Permission{Verb: "get", Resource: "*/log"}, testkit.Rule("get", "", "pods/log"), false},
		{"the core group only", rbac.Permission{Verb: "get", APIGroup: "*", Resource: "pods"}, testkit.Rule("get", "", "pods"), false},
		{"all names by one", rbac.Permission{Verb: "get", Resource: "pods"}, testkit.Rule("get", "", "pods", "a"), false},
		{"one name by all", rbac.Permission{Verb: "get", Resource: "pods", Named: true, Name: "a"}, testkit.Rule("get", "", "pods"), true},
		{"a star is a name", rbac.Permission{Verb: "get", Resource: "pods", Named: true, Name: "a"}, testkit.Rule("get", "", "pods", "*"), false},
		{"a prefix", rbac.Permission{Verb: "get", URL: "/healthz/etcd"}, testkit.URLRule("get", "/healthz/*"), true},
		{"what is longer", rbac.Permission{Verb: "get", URL: "/healthz/etcd"}, testkit.URLRule("get", "/healthz"), false},
		{"not the prefix itself", rbac.Permission{Verb: "get", URL: "/healthz"}, testkit.URLRule("get", "/healthz/*"), false},
		{"a longer prefix", rbac.Permission{Verb: "get", URL: "/healthz/*"}, testkit.URLRule("get", "/heal*"), true},
		{"a shorter prefix", rbac.Permission{Verb: "get", URL: "/heal*"}, testkit.URLRule("get", "/healthz/*"), false},
		{"every URL", rbac.Permission{Verb: "get", URL: "*"}, testkit.URLRule("get", "/*"), true},
		{"resources are no URLs", rbac.Permission{Verb: "get", Resource: "pods"}, testkit.URLRule("*", "*"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.part.CoveredBy(&tt.rule); got != tt.want {
				t.Errorf("covered = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTypeName(t *testing.T) {
	names := map[[2]string]string{
		{"", "pods"}: "pods", {"", "pods/log"}: "pods/log", {"apps", "deployments/scale"}: "deployments.apps/scale",
		{"*", "*"}: "*.*", {"", "*"}: "* (core)", {"", "*/status"}: "*/status (core)", {"apps", "*"}: "*.apps", {"*", "*/scale"}: "*/scale", {"*", "pods"}: "pods.*",
	}
	got := map[[2]string]string{}
	for key := range names {
		got[key] = rbac.TypeName(key[0], key[1])
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
