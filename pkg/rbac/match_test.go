package rbac_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func resourceRule(verbs, groups, resources []string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: groups, Resources: resources, ResourceNames: names}
}

func words(words ...string) []string { return words }

func TestAllowsVerbAndGroup(t *testing.T) {
	pods := words("pods")
	core := words("")
	tests := []struct {
		name  string
		rule  rbacv1.PolicyRule
		verb  string
		group string
		want  bool
	}{
		{"exact verb", resourceRule(words("list", "get"), core, pods), "get", "", true},
		{"other verb", resourceRule(words("list"), core, pods), "get", "", false},
		{"every verb", resourceRule(words("*"), core, pods), "get", "", true},
		{"every verb covers an invented one", resourceRule(words("*"), core, pods), "impersonate-on:user-info:list", "", true},
		{"wrong case grants nothing", resourceRule(words("Get"), core, pods), "get", "", false},
		{"wrong case asked", resourceRule(words("get"), core, pods), "Get", "", false},
		{"empty verb in the rule", resourceRule(words(""), core, pods), "get", "", false},
		{"no verbs", resourceRule(nil, core, pods), "get", "", false},
		{"verb * asked of single verbs", resourceRule(words("get", "list"), core, pods), "*", "", false},
		{"verb * asked of *", resourceRule(words("*"), core, pods), "*", "", true},
		{"core is not the core group", resourceRule(words("get"), words("core"), pods), "get", "", false},
		{"every group", resourceRule(words("get"), words("*"), pods), "get", "apps", true},
		{"every group covers the core group", resourceRule(words("get"), words("*"), pods), "get", "", true},
		{"other group", resourceRule(words("get"), words("metrics.k8s.io"), pods), "get", "", false},
		{"core group does not cover others", resourceRule(words("get"), core, pods), "get", "metrics.k8s.io", false},
		{"no groups", resourceRule(words("get"), nil, pods), "get", "", false},
		{"part of a group", resourceRule(words("get"), words("k8s.io"), pods), "get", "metrics.k8s.io", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := rbac.Request{Verb: tt.verb, APIGroup: tt.group, Resource: "pods", Namespace: "dev"}
			if got := rbac.Allows(&tt.rule, r); got != tt.want {
				t.Errorf("Allows(%+v, %+v) = %t, want %t", tt.rule, r, got, tt.want)
			}
		})
	}
}

func TestAllowsResource(t *testing.T) {
	tests := []struct {
		name          string
		rule          string
		resource, sub string
		want          bool
	}{
		{"exact", "pods", "pods", "", true},
		{"other", "pods", "secrets", "", false},
		{"wrong case", "Pods", "pods", "", false},
		{"a type does not cover its subresources", "pods", "pods", "log", false},
		{"a subresource does not cover its type", "pods/log", "pods", "", false},
		{"exact subresource", "pods/log", "pods", "log", true},
		{"other subresource", "pods/log", "pods", "exec", false},
		{"subresource of another type", "pods/log", "nodes", "log", false},
		{"everything", "*", "pods", "", true},
		{"everything covers subresources", "*", "pods", "exec", true},
		{"one subresource of every type", "*/scale", "deployments", "scale", true},
		{"one subresource of every type is no other", "*/scale", "deployments", "status", false},
		{"one subresource of every type is no type", "*/scale", "deployments", "", false},
		{"one subresource by its end only", "*/cale", "deployments", "scale", false},
		{"pods/* is no wildcard", "pods/*", "pods", "exec", false},
		{"*/* is no wildcard", "*/*", "pods", "exec", false},
		{"*/ is nothing", "*/", "pods", "", false},
		{"empty", "", "pods", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := resourceRule(words("get"), words(""), words("configmaps", tt.rule))
			r := rbac.Request{Verb: "get", Resource: tt.resource, Subresource: tt.sub}
			if got := rbac.Allows(&rule, r); got != tt.want {
				t.Errorf("resource %q for %s/%s: %t, want %t", tt.rule, tt.resource, tt.sub, got, tt.want)
			}
		})
	}
}

func TestAllowsName(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		asked string
		want  bool
	}{
		{"no names allow every name", nil, "db", true},
		{"no names allow requests without one", nil, "", true},
		{"an empty list is no list", words(), "db", true},
		{"named", words("web", "db"), "db", true},
		{"other name", words("web"), "db", false},
		{"a name does not allow a request without one", words("web"), "", false},
		{"* is a name like any other", words("*"), "db", false},
		{"* allows the name *", words("*"), "*", true},
		{"the empty name allows requests without one", words(""), "", true},
		{"the empty name allows no named request", words(""), "db", false},
		{"names are no prefixes", words("d"), "db", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := resourceRule(words("get"), words(""), words("secrets"), tt.names...)
			r := rbac.Request{Verb: "get", Resource: "secrets", Name: tt.asked}
			if got := rbac.Allows(&rule, r); got != tt.want {
				t.Errorf("resourceNames %q for the name %q: %t, want %t", tt.names, tt.asked, got, tt.want)
			}
		})
	}
}

func TestAllowsPath(t *testing.T) {
	tests := []struct {
		name, url, path string
		want            bool
	}{
		{"exact", "/metrics", "/metrics", true},
		{"deeper", "/metrics", "/metrics/slis", false},
		{"trailing slash is another path", "/healthz", "/healthz/", false},
		{"prefix", "/healthz/*", "/healthz/etcd", true},
		{"prefix of several parts", "/healthz/*", "/healthz/poststarthook/x", true},
		{"prefix is not its parent", "/healthz/*", "/healthz", false},
		{"prefix ends anywhere", "/health*", "/healthz", true},
		{"two stars are one", "/a**", "/abc", true},
		{"star inside is no wildcard", "/met*rics", "/metrics", false},
		{"everything", "*", "/logs", true},
		{"everything below the root", "/*", "/logs", true},
		{"case counts", "/Metrics", "/metrics", false},
		{"empty", "", "/metrics", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := rbacv1.PolicyRule{Verbs: words("get"), NonResourceURLs: words("/version", tt.url)}
			if got := rbac.Allows(&rule, rbac.Request{Verb: "get", Path: tt.path}); got != tt.want {
				t.Errorf("%q for %q: %t, want %t", tt.url, tt.path, got, tt.want)
			}
			if rbac.Allows(&rule, rbac.Request{Verb: "post", Path: tt.path}) {
				t.Errorf("%q allows another verb", tt.url)
			}
		})
	}
}

// TestAllowsKeepsResourcesAndPathsApart: a rule for everything of one sort
// says nothing of the other.
func TestAllowsKeepsResourcesAndPathsApart(t *testing.T) {
	resources := resourceRule(words("*"), words("*"), words("*"))
	if rbac.Allows(&resources, rbac.Request{Verb: "get", Path: "/metrics"}) {
		t.Error("a rule for every resource allows a URL")
	}
	urls := rbacv1.PolicyRule{Verbs: words("*"), NonResourceURLs: words("*")}
	if rbac.Allows(&urls, getIn("pods", "dev")) {
		t.Error("a rule for every URL allows a resource")
	}
}
