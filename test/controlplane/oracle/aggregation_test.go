package oracle

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr"
	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// aggregations are the numbers of TestAggregation.
type aggregations struct {
	Graphs int `json:"graphs"`
	Roles  int `json:"roles"`  // aggregated ones
	Nested int `json:"nested"` // selectors of other aggregated ones
	Rules  int `json:"rules"`
}

// TestAggregation lets the real controller fill random aggregated ClusterRoles
// and compares the rules, in their order.
func TestAggregation(t *testing.T) {
	n := &aggregations{}
	graphs := uint64(25)
	if testing.Short() {
		graphs = 8
	}
	for seed := range graphs {
		roles := randomGraph(seeded(1000+seed), n)
		b := snapshot.NewBuilder()
		for _, role := range roles {
			b.Add(role.DeepCopy())
		}
		s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]rbacv1.PolicyRule{}
		for _, role := range rbac.NewIndex(s, nil).Roles() {
			n.Rules += len(role.Rules)
			got[role.Name] = role.Rules
		}
		if want := controllerRules(t, roles, got); !apiequality.Semantic.DeepEqual(got, want) {
			t.Fatalf("seed %d:\ncontroller %v\nengine     %v\n%s", seed, want, got, &cluster{clusterRoles: roles})
		}
	}
	t.Logf("oracle: %d graphs, %d aggregated roles (%d selectors of aggregated ones), %d rules, 0 differ", n.Graphs, n.Roles, n.Nested, n.Rules)
	if n.Nested == 0 || n.Rules == 0 {
		t.Error("the graphs are too simple")
	}
	if !testing.Short() {
		record(t, "testdata/aggregation.json", n)
	}
}

// randomGraph makes plain and aggregated roles. An aggregated role selects
// only aggregated ones of a higher level: in a ring, the order of rules is
// that in which the controller happens to look at the roles.
func randomGraph(d *dice, n *aggregations) []*rbacv1.ClusterRole {
	n.Graphs++
	g := &generator{dice: d, mix: mix{}}
	var roles []*rbacv1.ClusterRole
	for i := range 2 + d.n(6) {
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("m%d", i), Labels: map[string]string{}}}
		for _, key := range []string{"a", "b", "c"} {
			if d.percent(50) {
				role.Labels[key] = pick(d, []string{"x", "y"})
			}
		}
		for range d.n(3) {
			role.Rules = append(role.Rules, g.rule())
		}
		roles = append(roles, role)
	}
	for level := range 2 + d.n(3) {
		role := &rbacv1.ClusterRole{
			ObjectMeta:      metav1.ObjectMeta{Name: fmt.Sprintf("%c-%d", 'a'+rune(d.n(26)), level), Labels: map[string]string{"level": fmt.Sprint(level)}},
			AggregationRule: &rbacv1.AggregationRule{},
		}
		for range 1 + d.n(3) {
			role.AggregationRule.ClusterRoleSelectors = append(role.AggregationRule.ClusterRoleSelectors, randomSelector(d, level, n))
		}
		n.Roles++
		roles = append(roles, role)
	}
	return roles
}

func randomSelector(d *dice, level int, n *aggregations) metav1.LabelSelector {
	key, value := pick(d, []string{"a", "b", "c"}), pick(d, []string{"x", "y"})
	requirement := func(op metav1.LabelSelectorOperator, values ...string) metav1.LabelSelector {
		// Never another aggregated role by what it lacks: it might be a ring.
		plain := metav1.LabelSelectorRequirement{Key: "level", Operator: metav1.LabelSelectorOpDoesNotExist}
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{plain, {Key: key, Operator: op, Values: values}}}
	}
	if level > 0 && d.percent(50) {
		n.Nested++
		return metav1.LabelSelector{MatchLabels: map[string]string{"level": fmt.Sprint(d.n(level))}}
	}
	switch d.n(7) {
	case 0:
		return requirement(metav1.LabelSelectorOpExists)
	case 1:
		return requirement(metav1.LabelSelectorOpIn, "x", "z")
	case 2:
		return requirement(metav1.LabelSelectorOpNotIn, value)
	case 3:
		return requirement(metav1.LabelSelectorOpDoesNotExist)
	default:
		return metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

// controllerRules runs the controller on a fake API until it rests and returns
// the rules of the roles by name.
func controllerRules(t *testing.T, roles []*rbacv1.ClusterRole, expected map[string][]rbacv1.PolicyRule) map[string][]rbacv1.PolicyRule {
	t.Helper()
	var objects []runtime.Object
	for _, role := range roles {
		objects = append(objects, role.DeepCopy())
	}
	client := fake.NewClientset(objects...)
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logr.Discard()))
	factory := informers.NewSharedInformerFactory(client, 0)
	controller := clusterroleaggregation.NewClusterRoleAggregation(factory.Rbac().V1().ClusterRoles(), client.RbacV1())
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	stopped := make(chan struct{})
	go func() {
		controller.Run(ctx, 1)
		close(stopped)
	}()
	rules := settledRules(t, client, expected)
	cancel()
	<-stopped
	factory.Shutdown()
	return rules
}

// settledRules waits until the roles have not changed for a while. Nothing
// tells when the controller is done, so on a busy machine it gets more time
// as long as the rules are not the expected ones.
func settledRules(t *testing.T, client *fake.Clientset, expected map[string][]rbacv1.PolicyRule) map[string][]rbacv1.PolicyRule {
	t.Helper()
	const quiet, patience, pause = 4, 400, 25 * time.Millisecond
	var last map[string][]rbacv1.PolicyRule
	for same, rounds := 0, 0; rounds < patience; rounds++ {
		time.Sleep(pause)
		list, err := client.RbacV1().ClusterRoles().List(context.Background(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		now := map[string][]rbacv1.PolicyRule{}
		for _, role := range list.Items {
			now[role.Name] = role.Rules
		}
		if same++; !apiequality.Semantic.DeepEqual(now, last) {
			same, last = 0, now
		}
		if same >= quiet && apiequality.Semantic.DeepEqual(now, expected) {
			break
		}
	}
	return last
}
