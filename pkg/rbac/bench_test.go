package rbac_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// largeCluster is the cluster of the budgets: 10,000 RoleBindings, 3,000
// Roles, 1,000 ClusterRoleBindings over 300 namespaces.
func largeCluster(tb testing.TB) *snapshot.Snapshot {
	tb.Helper()
	resources := []string{"pods", "secrets", "configmaps", "services", "events", "endpoints", "serviceaccounts", "persistentvolumeclaims"}
	verbs := []string{"get", "list", "watch", "create", "update", "patch", "delete"}
	rules := func(i int) []rbacv1.PolicyRule {
		var out []rbacv1.PolicyRule
		for j := range 1 + i%4 {
			out = append(out, rbacv1.PolicyRule{
				APIGroups: []string{""}, Resources: []string{resources[(i+j)%len(resources)], resources[(i+3*j+1)%len(resources)] + "/status"},
				Verbs: verbs[:1+(i+j)%len(verbs)],
			})
		}
		return out
	}
	subjects := func(i int) []rbacv1.Subject {
		return []rbacv1.Subject{
			{Kind: "ServiceAccount", Namespace: fmt.Sprintf("ns-%d", i%300), Name: fmt.Sprintf("app-%d", i%7)},
			{Kind: "User", Name: fmt.Sprintf("user-%d@example.org", i%2000)},
			{Kind: "Group", Name: fmt.Sprintf("team-%d", i%150)},
		}[:1+i%3]
	}
	b := snapshot.NewBuilder()
	for i := range 300 {
		for j := range 7 {
			b.Add(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns-%d", i), Name: fmt.Sprintf("app-%d", j)}})
		}
	}
	for i := range 1000 {
		name := fmt.Sprintf("cluster-%d", i)
		b.Add(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules(i)})
		b.Add(&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: subjects(i),
			RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: name},
		})
	}
	for i := range 3000 {
		b.Add(&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns-%d", i%300), Name: fmt.Sprintf("role-%d", i/300)}, Rules: rules(i)})
	}
	for i := range 10000 {
		b.Add(&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("ns-%d", i%300), Name: fmt.Sprintf("binding-%d", i/300)},
			Subjects:   subjects(i), RoleRef: rbacv1.RoleRef{Kind: "Role", Name: fmt.Sprintf("role-%d", i/300%10)},
		})
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func BenchmarkNewIndex(b *testing.B) {
	s := largeCluster(b)
	for b.Loop() {
		rbac.NewIndex(s, nil)
	}
}

// BenchmarkAggregation has aggregated roles of very many others, which the
// rules must not be compared with each other for.
func BenchmarkAggregation(b *testing.B) {
	const sources, aggregates = 1500, 5
	objects := snapshot.NewBuilder()
	for i := range sources {
		objects.Add(&rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("source-%d", i), Labels: map[string]string{"to": "all"}},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{fmt.Sprintf("g%d.example.org", i)}, Resources: []string{"things"}, Verbs: []string{"get", "list"}}},
		})
	}
	for i := range aggregates {
		objects.Add(&rbacv1.ClusterRole{
			ObjectMeta:      metav1.ObjectMeta{Name: fmt.Sprintf("all-%d", i)},
			AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"to": "all"}}}},
		})
	}
	s, err := objects.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rbac.NewIndex(s, nil)
	}
}

func BenchmarkWhoCan(b *testing.B) {
	x := rbac.NewIndex(largeCluster(b), nil)
	tests := []struct {
		name     string
		request  rbac.Request
		anywhere bool
	}{
		{"namespace", rbac.Request{Verb: "delete", Resource: "secrets", Namespace: "ns-7"}, false},
		{"named", rbac.Request{Verb: "get", Resource: "secrets", Name: "db", Namespace: "ns-7"}, false},
		{"cluster-scoped", rbac.Request{Verb: "get", Resource: "nodes"}, false},
		{"anywhere-rare", rbac.Request{Verb: "delete", Resource: "secrets"}, true},
		{"anywhere-common", rbac.Request{Verb: "get", Resource: "pods"}, true},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			found := 0
			for b.Loop() {
				found = len(x.WhoCan(tt.request, tt.anywhere))
			}
			b.ReportMetric(float64(found), "subjects")
		})
	}
}
