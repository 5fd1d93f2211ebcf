package oracle

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// labels of a role say into which aggregated roles it goes.
func (g *generator) labels() map[string]string {
	labels := map[string]string{}
	for _, into := range []string{"agg0", "agg1"} {
		if g.dice.percent(40) {
			labels["to-"+into] = "true"
		}
	}
	return labels
}

// addAggregated adds two aggregated ClusterRoles: agg0 collects plain roles,
// agg1 plain roles and, now and then, agg0.
func (g *generator) addAggregated() {
	plain := slices.Clone(g.c.clusterRoles)
	role := func(name string, labels map[string]string) *rbacv1.ClusterRole {
		selector := metav1.LabelSelector{MatchLabels: map[string]string{"to-" + name: "true"}}
		return &rbacv1.ClusterRole{
			ObjectMeta:      metav1.ObjectMeta{Name: name, Labels: labels},
			AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{selector}},
		}
	}
	nested := g.dice.percent(50)
	labels := map[string]string{}
	if nested {
		labels["to-agg1"] = "true"
		g.hit("aggregated role in another")
	}
	g.hit("aggregated role")
	g.c.clusterRoles = append(g.c.clusterRoles, role("agg0", labels), role("agg1", nil))
	g.c.filled["agg0"] = collectRules(nil, plain, "to-agg0")
	var first []rbacv1.PolicyRule
	if nested {
		first = g.c.filled["agg0"] // agg0 sorts before every plain role
	}
	g.c.filled["agg1"] = collectRules(slices.Clone(first), plain, "to-agg1")
}

// collectRules appends the rules of the labelled roles, which are in the order
// of their names, without repeating one.
func collectRules(rules []rbacv1.PolicyRule, from []*rbacv1.ClusterRole, label string) []rbacv1.PolicyRule {
	for _, role := range from {
		if role.Labels[label] != "true" {
			continue
		}
		for _, rule := range role.Rules {
			same := func(have rbacv1.PolicyRule) bool { return apiequality.Semantic.DeepEqual(have, rule) }
			if !slices.ContainsFunc(rules, same) {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}
