package rbac_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// said returns each near miss as "DIMENSION: detail / hint; …".
func said(misses []rbac.NearMiss) []string {
	out := []string{}
	for _, m := range misses {
		var parts []string
		for _, miss := range m.Misses {
			text := string(miss.Dimension) + ": " + miss.Detail
			if miss.Hint != "" {
				text += " / " + miss.Hint
			}
			parts = append(parts, text)
		}
		out = append(out, strings.Join(parts, "; "))
	}
	return out
}

func TestNearMissesInRules(t *testing.T) {
	pods := rbac.Request{Verb: "list", Resource: "pods", Namespace: "dev"}
	logs := rbac.Request{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "dev"}
	secret := rbac.Request{Verb: "get", Resource: "secrets", Name: "db", Namespace: "dev"}
	deploy := rbac.Request{Verb: "get", APIGroup: "apps", Resource: "deployments", Namespace: "dev"}
	for _, tt := range []struct {
		name string
		rule rbacv1.PolicyRule
		r    rbac.Request
		want string
	}{
		{"verb", testkit.Rule("get", "", "pods"), pods, "verb: the rule has get, not list"},
		{"verb in the wrong case", testkit.Rule("List", "", "pods"), pods, `verb: verb "List" is not "list" / verbs are case-sensitive`},
		{"verb with a blank", testkit.Rule("list ", "", "pods"), pods, `verb: verb "list " has blanks around it`},
		{"core", testkit.Rule("list", "core", "pods"), pods, `apiGroup: apiGroup core is not the core group / write ""`},
		{"version as group", testkit.Rule("list", "v1", "pods"), pods, `apiGroup: apiGroup v1 is not the core group / write ""`},
		{"group with a version", testkit.Rule("get", "apps/v1", "deployments"), deploy, "apiGroup: apiGroup apps/v1 holds a version / write apps"},
		{"old group", testkit.Rule("get", "extensions", "deployments"), deploy, "apiGroup: the rule is for apiGroup extensions, deployments is in apps"},
		{"no group", rbacv1.PolicyRule{Verbs: []string{"get"}, Resources: []string{"deployments"}}, deploy, "apiGroup: the rule names no apiGroup / write apps"},
		{"group of a namesake", testkit.Rule("list", "metrics.k8s.io", "pods"), pods, `apiGroup: the rule is for apiGroup metrics.k8s.io, pods is in "" (the core group)`},
		{"parent", testkit.Rule("get", "", "pods"), logs, "resource: resource pods does not cover pods/log"},
		{"another subresource", testkit.Rule("get", "", "pods/exec"), logs, "resource: the rule is for pods/exec, not pods/log"},
		{"subresource", testkit.Rule("list", "", "pods/log"), pods, "resource: resource pods/log does not cover pods"},
		{"star after the slash", testkit.Rule("get", "", "pods/*"), logs, "resource: resource pods/* matches nothing, it is no pattern / write pods/log"},
		{"star after the slash, parent", testkit.Rule("list", "", "pods/*"), pods, "resource: resource pods/* matches nothing, it is no pattern"},
		{"two stars", testkit.Rule("get", "", "*/*"), logs, "resource: resource */* matches nothing, it is no pattern / write pods/log (* alone covers everything)"},
		{"pattern", testkit.Rule("list", "", "po*"), pods, "resource: resource po* matches nothing, it is no pattern / write pods"},
		{"singular", testkit.Rule("list", "", "pod"), pods, "resource: resource pod is not the plural name / write pods"},
		{"short name", testkit.Rule("list", "", "po"), pods, "resource: resource po is not the plural name / write pods"},
		{"kind", testkit.Rule("get", "apps", "Deployment"), deploy, "resource: resource Deployment is not the plural name / write deployments"},
		{"case", testkit.Rule("list", "", "Pods"), pods, "resource: resource Pods is not pods / resources are case-sensitive"},
		{"group in the resource", testkit.Rule("get", "apps", "deployments.apps"), deploy, "resource: resource deployments.apps holds a group / write deployments, and the group in apiGroups"},
		{"misspelt", testkit.Rule("get", "apps", "deploymnets"), deploy, "resource: resource deploymnets does not exist / write deployments"},
		{"name", testkit.Rule("get", "", "secrets", "cache"), secret, "resourceName: resourceNames [cache] do not include db"},
		{"star as a name", testkit.Rule("get", "", "secrets", "*"), secret, `resourceName: resourceNames "*" is a literal name, no wildcard / leave resourceNames out to mean all`},
		{"list with names", testkit.Rule("list", "", "pods", "a", "b"), pods, "resourceName: a list carries no name, and the rule is for [a,b] / they allow it with --field-selector metadata.name=NAME only"},
		{"create with names", testkit.Rule("create", "", "pods", "a"), rbac.Request{Verb: "create", Resource: "pods", Namespace: "dev"}, "resourceName: a create carries no name, and the rule is for [a] / resourceNames never allow it"},
		{"no name asked", testkit.Rule("get", "", "secrets", "a"), rbac.Request{Verb: "get", Resource: "secrets", Namespace: "dev"}, "resourceName: the rule is for resourceNames [a] only"},
		{"two at once", testkit.Rule("Get", "core", "secrets"), secret, `verb: verb "Get" is not "get" / verbs are case-sensitive; apiGroup: apiGroup core is not the core group / write ""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil, testkit.Role("dev", "r", tt.rule), testkit.RoleBinding("dev", "b", "Role/r", testkit.User("bob")))
			e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, tt.r, false)
			if diff := cmp.Diff([]string{tt.want}, said(e.NearMisses)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNearMissesOfURLs(t *testing.T) {
	for _, tt := range []struct{ name, url, path, want string }{
		{"prefix without itself", "/healthz/*", "/healthz", "nonResourceURL: /healthz/* does not cover /healthz itself / name both"},
		{"no prefix", "/healthz", "/healthz/etcd", "nonResourceURL: /healthz does not cover /healthz/etcd / only a * at the end makes a prefix"},
		{"slash", "/version/", "/version", "nonResourceURL: /version/ is not /version / the slash at the end counts"},
		{"no slash", "metrics", "/metrics", "nonResourceURL: metrics is not /metrics"},
		{"another", "/logs", "/metrics", "nonResourceURL: the rule is for /logs, not /metrics"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil, testkit.ClusterRole("r", testkit.URLRule("get", tt.url)), testkit.ClusterRoleBinding("b", "r", testkit.User("bob")))
			e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, rbac.Request{Verb: "get", Path: tt.path}, false)
			if diff := cmp.Diff([]string{tt.want}, said(e.NearMisses)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNearMissesInBindings(t *testing.T) {
	bob := testkit.User("bob")
	role := testkit.ClusterRole("r", testkit.Rule("get,list", "", "pods,nodes,namespaces"), testkit.URLRule("get", "/metrics"))
	for _, tt := range []struct {
		name   string
		object snapshot.Object
		r      rbac.Request
		want   string
	}{
		{"another namespace", testkit.RoleBinding("dev", "b", "ClusterRole/r", bob), rbac.Request{Verb: "get", Resource: "pods", Namespace: "prod"}, "scope: the RoleBinding is in dev, not prod"},
		{"all namespaces", testkit.RoleBinding("dev", "b", "ClusterRole/r", bob), rbac.Request{Verb: "list", Resource: "pods"}, "scope: the RoleBinding is in dev, the request is for all namespaces at once"},
		{"cluster-scoped", testkit.RoleBinding("dev", "b", "ClusterRole/r", bob), rbac.Request{Verb: "get", Resource: "nodes"}, "scope: a RoleBinding cannot grant nodes, which are cluster-scoped / that takes a ClusterRoleBinding"},
		{"namespaces", testkit.RoleBinding("dev", "b", "ClusterRole/r", bob), rbac.Request{Verb: "list", Resource: "namespaces"}, "scope: a RoleBinding in dev counts for requests to namespaces/dev only"},
		{"URL", testkit.RoleBinding("dev", "b", "ClusterRole/r", bob), rbac.Request{Verb: "get", Path: "/metrics"}, "scope: nonResourceURLs in a RoleBinding are dead / they count in ClusterRoleBindings only"},
		{"no such role", testkit.RoleBinding("dev", "b", "Role/gone", bob), rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, "role: roleRef names Role gone, which does not exist"},
		{"role of another kind", testkit.RoleBinding("dev", "b", "Role/r", bob), rbac.Request{Verb: "get", Resource: "pods", Namespace: "dev"}, "role: roleRef names Role r, which does not exist / there is a ClusterRole r"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := build(t, nil, role, tt.object)
			e := x.Why(rbac.Identity{Subject: rbac.User("bob")}, tt.r, false)
			if diff := cmp.Diff([]string{tt.want}, said(e.NearMisses)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
