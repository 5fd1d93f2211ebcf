package access_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
)

func TestRule(t *testing.T) {
	one := func(s string) []string { return []string{s} }
	for want, rule := range map[string]rbacv1.PolicyRule{
		`get secrets in ""`:             {Verbs: one("get"), Resources: one("secrets"), APIGroups: one("")},
		"get secrets in no API group":   {Verbs: one("get"), Resources: one("secrets")},
		"get no type in apps":           {Verbs: one("get"), APIGroups: one("apps")},
		"no verb secrets in *":          {Resources: one("secrets"), APIGroups: one("*")},
		"no verb /metrics":              {NonResourceURLs: one("/metrics")},
		`get secrets in "" named "",db`: {Verbs: one("get"), Resources: one("secrets"), APIGroups: one(""), ResourceNames: []string{"", "db"}},
	} {
		if got := access.Rule(rule); got != want {
			t.Errorf("%+v: %q, want %q", rule, got, want)
		}
	}
}
