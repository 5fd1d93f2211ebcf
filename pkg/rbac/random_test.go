package rbac_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// randomCluster returns a small snapshot in which bindings, wildcards, names
// and rules that grant nothing meet often.
func randomCluster(t *testing.T, rnd *rand.Rand) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	for i := range 3 + rnd.IntN(4) {
		b.Add(testkit.ClusterRole(fmt.Sprintf("cr%d", i), randomRules(rnd)...))
	}
	for _, namespace := range namespaces() {
		if rnd.IntN(2) == 0 {
			b.Add(testkit.ServiceAccount(namespace, "a"))
		}
		for i := range rnd.IntN(3) {
			b.Add(testkit.Role(namespace, fmt.Sprintf("r%d", i), randomRules(rnd)...))
		}
		for i := range rnd.IntN(4) {
			role := fmt.Sprintf("ClusterRole/cr%d", rnd.IntN(6))
			if rnd.IntN(2) == 0 {
				role = fmt.Sprintf("Role/r%d", rnd.IntN(3))
			}
			b.Add(testkit.RoleBinding(namespace, fmt.Sprintf("b%d", i), role, randomSubjects(rnd)...))
		}
	}
	for i := range rnd.IntN(3) {
		b.Add(testkit.ClusterRoleBinding(fmt.Sprintf("b%d", i), fmt.Sprintf("cr%d", rnd.IntN(6)), randomSubjects(rnd)...))
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func namespaces() []string { return []string{"n1", "n2", "n3"} }

func some(rnd *rand.Rand, from ...string) []string {
	var out []string
	for range 1 + rnd.IntN(2) {
		out = append(out, from[rnd.IntN(len(from))])
	}
	return out
}

func randomRules(rnd *rand.Rand) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for range 1 + rnd.IntN(3) {
		verbs := some(rnd, "get", "get", "list", "create", "update", "delete", "deletecollection", "bind", "use", "impersonate", "Get", "*")
		if rnd.IntN(6) == 0 {
			rules = append(rules, rbacv1.PolicyRule{Verbs: verbs, NonResourceURLs: some(rnd, "/healthz", "/healthz/*", "/heal*", "*", "/m?x=1", "metrics")})
			continue
		}
		rule := rbacv1.PolicyRule{
			Verbs:     verbs,
			APIGroups: some(rnd, "", "", "apps", "rbac.authorization.k8s.io", "*", "core"),
			Resources: some(rnd, "pods", "pods", "pods/log", "deployments", "deployments/scale", "*/scale", "*", "pods/*", "nodes", "namespaces", "clusterroles", "serviceaccounts", "users"),
		}
		if rnd.IntN(3) == 0 {
			rule.ResourceNames = some(rnd, "a", "n1", "n2", "", "*")
		}
		rules = append(rules, rule)
	}
	return rules
}

func randomSubjects(rnd *rand.Rand) []rbacv1.Subject {
	var subjects []rbacv1.Subject
	for range rnd.IntN(3) {
		subjects = append(subjects, []rbacv1.Subject{
			testkit.User("u1"), testkit.User("u2"), testkit.User("system:serviceaccount:n1:a"), testkit.User("system:anonymous"),
			testkit.Group("g"), testkit.Group("system:authenticated"), testkit.Group("system:serviceaccounts"),
			testkit.Group("system:serviceaccounts:n1"), testkit.SA("n1", "a"), testkit.SA("n2", "a"), testkit.SA("n2", "ghost"),
		}[rnd.IntN(11)])
	}
	if rnd.IntN(40) == 0 {
		subjects = append(subjects, testkit.User("root"), testkit.Group("system:masters"))
	}
	return subjects
}

// randomRequest returns a request as an API server would authorize it:
// cluster-scoped types in no namespace, one namespace object in its own.
func randomRequest(rnd *rand.Rand) rbac.Request {
	if rnd.IntN(8) == 0 {
		return rbac.Request{Verb: some(rnd, "get", "list")[0], Path: some(rnd, "/healthz", "/healthz/etcd", "/heal", "/metrics", "/m")[0]}
	}
	r := rbac.Request{
		Verb: some(rnd, "get", "list", "create", "update", "delete", "deletecollection", "bind", "use", "impersonate", "invented")[0],
		Name: some(rnd, "", "a", "b", "n1", "*")[0],
	}
	if r.Verb == "deletecollection" {
		r.Name = ""
	}
	type resource struct {
		group, name, sub string
		namespaced       bool
	}
	types := []resource{
		{"", "pods", "", true},
		{"", "pods", "log", true},
		{"apps", "deployments", "", true},
		{"apps", "deployments", "scale", true},
		{"", "serviceaccounts", "", true},
		{"", "nodes", "", false},
		{"", "users", "", false},
		{"", "namespaces", "", false},
		{"rbac.authorization.k8s.io", "clusterroles", "", false},
		{"example.org", "widgets", "scale", true},
		{"", "pods", "", true},
	}
	chosen := types[rnd.IntN(len(types))]
	r.APIGroup, r.Resource, r.Subresource = chosen.group, chosen.name, chosen.sub
	inNamespace := chosen.namespaced || r.Verb == "bind" && chosen.name == "clusterroles"
	switch {
	case inNamespace && rnd.IntN(4) > 0:
		r.Namespace = namespaces()[rnd.IntN(3)]
	case chosen.name == "namespaces" && r.Name != "" && slices.Contains([]string{"get", "update", "delete"}, r.Verb):
		r.Namespace = r.Name
	}
	return r
}
