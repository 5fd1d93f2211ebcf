package generate

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// selector returns one with at most one requirement for each key; empty says
// how often it has none, and the feature of that.
func (g *Generator) selector(empty int, feature string, keys ...string) *metav1.LabelSelector {
	s := &metav1.LabelSelector{}
	if g.dice.percent(empty) {
		g.mix.Hit(feature)
		if g.dice.percent(30) {
			s.MatchLabels, s.MatchExpressions = map[string]string{}, []metav1.LabelSelectorRequirement{}
		}
		return s
	}
	g.require(s, pick(g.dice, keys...))
	if other := pick(g.dice, keys...); g.dice.percent(30) {
		g.require(s, other)
		g.mix.Hit("two requirements")
	}
	return s
}

func (g *Generator) require(s *metav1.LabelSelector, key string) {
	if key == corev1.LabelMetadataName {
		g.mix.Hit("namespace by name")
	}
	switch g.dice.IntN(7) {
	case 0, 1:
		if s.MatchLabels == nil {
			s.MatchLabels = map[string]string{}
		}
		g.mix.Hit("matchLabels")
		if s.MatchLabels[key] = g.value(key); s.MatchLabels[key] == "" {
			g.mix.Hit("matchLabels with empty value")
		}
	case 2, 3:
		g.express(s, key, metav1.LabelSelectorOpIn, g.value(key), g.value(key))
	case 4:
		g.express(s, key, metav1.LabelSelectorOpNotIn, g.value(key))
	case 5:
		g.express(s, key, metav1.LabelSelectorOpExists)
	default:
		g.express(s, key, metav1.LabelSelectorOpDoesNotExist)
	}
}

func (g *Generator) express(s *metav1.LabelSelector, key string, operator metav1.LabelSelectorOperator, values ...string) {
	g.mix.Hit(string(operator))
	s.MatchExpressions = append(s.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: values})
}

func (g *Generator) value(key string) string {
	if key == corev1.LabelMetadataName {
		return pick(g.dice, g.names...)
	}
	return pick(g.dice, Values()...)
}
