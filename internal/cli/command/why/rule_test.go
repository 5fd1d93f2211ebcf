package why

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// What the question is about is never in the part that is left out.
func TestRuleText(t *testing.T) {
	all := rbacv1.PolicyRule{
		Verbs: []string{"create", "delete", "deletecollection", "list", "patch"}, APIGroups: []string{"apps", "batch", "extensions", ""},
		Resources: []string{"pods/attach", "pods/exec", "pods", "pods/proxy", "secrets"},
	}
	for _, tt := range []struct {
		name string
		rule rbacv1.PolicyRule
		q    v1alpha1.Query
		wide bool
		want string
	}{
		{"asked for", all, v1alpha1.Query{Verb: "list", Resource: "secrets"}, false, `list,create,… (3 more) secrets,pods/attach,… (3 more) in "",apps,… (2 more)`},
		{"a subresource", all, v1alpha1.Query{Verb: "list", Resource: "pods", Subresource: "exec"}, false, `list,create,… (3 more) pods/exec,pods/attach,… (3 more) in "",apps,… (2 more)`},
		{"wide", all, v1alpha1.Query{Verb: "list", Resource: "secrets"}, true, `create,delete,deletecollection,list,patch pods/attach,pods/exec,pods,pods/proxy,secrets in apps,batch,extensions,""`},
		{"short", rbacv1.PolicyRule{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"pods"}}, v1alpha1.Query{Verb: "watch", Resource: "pods"}, false, `get,list,watch pods in ""`},
		{"four verbs that fit", rbacv1.PolicyRule{Verbs: []string{"get", "list", "watch", "create"}, APIGroups: []string{""}, Resources: []string{"pods"}}, v1alpha1.Query{Verb: "list", Resource: "pods"}, false, `get,list,watch,create pods in ""`},
		{"by a wildcard", rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"deployments/scale", "statefulsets/scale", "replicasets/scale", "*/log"}}, v1alpha1.Query{Verb: "get", Resource: "pods", Subresource: "log"}, false, `get */log,deployments/scale,… (2 more) in ""`},
		{"names", rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"a-name-of-some-length", "b-name-of-some-length", "c-name-of-some-length", "d"}}, v1alpha1.Query{Verb: "get", Resource: "pods", Name: "d"}, false, `get pods in "" named d,a-name-of-some-length,… (2 more)`},
		{"URLs", rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/a-path-of-some-length", "/b-path-of-some-length", "/c-path-of-some-length", "/metrics/*"}}, v1alpha1.Query{Verb: "get", NonResourceURL: "/metrics/x"}, false, `get /metrics/*,/a-path-of-some-length,… (2 more)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := &view{report: &v1alpha1.WhyReport{Query: tt.q}, wide: tt.wide}
			if got := v.ruleText(tt.rule); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
