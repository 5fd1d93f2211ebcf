package netpol

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func expression(key string, operator metav1.LabelSelectorOperator, values ...string) metav1.LabelSelectorRequirement {
	return metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: values}
}

func TestSelector(t *testing.T) {
	tier := func(r ...metav1.LabelSelectorRequirement) metav1.LabelSelector {
		return metav1.LabelSelector{MatchExpressions: r}
	}
	web := metav1.LabelSelector{MatchLabels: map[string]string{"tier": "web"}}
	for _, c := range []struct {
		selector metav1.LabelSelector
		set      labels.Set
		missing  string // "" where it matches
	}{
		{metav1.LabelSelector{}, nil, ""},
		{metav1.LabelSelector{}, labels.Set{"a": "b"}, ""},
		{web, labels.Set{"tier": "web", "a": "b"}, ""},
		{web, labels.Set{"tier": "db"}, "label tier=db, wants web"},
		{web, nil, "no label tier, wants web"},
		{web, labels.Set{"Tier": "web"}, "no label tier, wants web"},
		{metav1.LabelSelector{MatchLabels: map[string]string{"tier": ""}}, labels.Set{"tier": ""}, ""},
		{metav1.LabelSelector{MatchLabels: map[string]string{"tier": ""}}, nil, "no label tier, wants the empty value"},
		{tier(expression("tier", metav1.LabelSelectorOpIn, "web", "api")), labels.Set{"tier": "api"}, ""},
		{tier(expression("tier", metav1.LabelSelectorOpIn, "web", "api")), labels.Set{"tier": "db"}, "label tier=db, wants api or web"},
		{tier(expression("tier", metav1.LabelSelectorOpNotIn, "web", "api")), labels.Set{"tier": "web"}, "label tier=web, wants none of api, web"},
		{tier(expression("tier", metav1.LabelSelectorOpNotIn, "web")), nil, ""},
		{tier(expression("tier", metav1.LabelSelectorOpExists)), labels.Set{"tier": ""}, ""},
		{tier(expression("tier", metav1.LabelSelectorOpExists)), nil, "no label tier, wants any value"},
		{tier(expression("tier", metav1.LabelSelectorOpDoesNotExist)), nil, ""},
		{tier(expression("tier", metav1.LabelSelectorOpDoesNotExist)), labels.Set{"tier": "web"}, "label tier=web, wants no such label"},
		{tier(expression("a", metav1.LabelSelectorOpExists), expression("b", metav1.LabelSelectorOpExists)), labels.Set{"a": "1"}, "no label b, wants any value"},
		{tier(expression("tier", metav1.LabelSelectorOpExists), expression("tier", metav1.LabelSelectorOpNotIn, "web")), labels.Set{"tier": "web"}, "label tier=web, wants none of web"},
	} {
		s, err := newSelector(&c.selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.matches(c.set); got != (c.missing == "") {
			t.Errorf("%s matches %v: %t", s, c.set, got)
		}
		if got := s.missing(c.set); got != c.missing {
			t.Errorf("%s misses in %v: %q, want %q", s, c.set, got, c.missing)
		}
	}
}

func TestSelectorString(t *testing.T) {
	for want, in := range map[string]metav1.LabelSelector{
		"everything": {},
		"a=b":        {MatchLabels: map[string]string{"a": "b"}},
		"a=b,tier in (api,web),!x,y": {MatchLabels: map[string]string{"a": "b"}, MatchExpressions: []metav1.LabelSelectorRequirement{
			expression("tier", metav1.LabelSelectorOpIn, "web", "api"), expression("x", metav1.LabelSelectorOpDoesNotExist), expression("y", metav1.LabelSelectorOpExists),
		}},
	} {
		s, err := newSelector(&in)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if parsed, err := labels.Parse(want); want != "everything" && (err != nil || parsed.String() != want) {
			t.Errorf("kubectl's -l reads %q as %v, %v", want, parsed, err)
		}
	}
}

func TestSelectorOfUnknownNamespace(t *testing.T) {
	exists := func(key string) metav1.LabelSelectorRequirement {
		return expression(key, metav1.LabelSelectorOpExists)
	}
	name := "kubernetes.io/metadata.name"
	for _, c := range []struct {
		name           string
		selector       metav1.LabelSelector
		unknown, known Truth // known has the label of its name only
	}{
		{"every namespace", metav1.LabelSelector{}, Yes, Yes},
		{"its name", metav1.LabelSelector{MatchLabels: map[string]string{name: "x"}}, Yes, Yes},
		{"another name", metav1.LabelSelector{MatchLabels: map[string]string{name: "y"}}, No, No},
		{"a label", metav1.LabelSelector{MatchLabels: map[string]string{"team": "red"}}, Maybe, No},
		{"no label", metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{expression("team", metav1.LabelSelectorOpDoesNotExist)}}, Maybe, Yes},
		{"its name and a label", metav1.LabelSelector{MatchLabels: map[string]string{name: "x", "team": "red"}}, Maybe, No},
		{"another name and a label before it", metav1.LabelSelector{MatchLabels: map[string]string{name: "y", "a": "b"}}, No, No},
		{"another name and a label after it", metav1.LabelSelector{MatchLabels: map[string]string{name: "y", "z": "b"}}, No, No},
		{"a name among others", metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{expression(name, metav1.LabelSelectorOpNotIn, "x"), exists("a")}}, No, No},
	} {
		s, err := newSelector(&c.selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.matchesNamespace(newNamespace("x", nil, false)); got != c.unknown {
			t.Errorf("%s: %d for a namespace that is not known, want %d", c.name, got, c.unknown)
		}
		if got := s.matchesNamespace(newNamespace("x", nil, true)); got != c.known {
			t.Errorf("%s: %d for a namespace without labels, want %d", c.name, got, c.known)
		}
	}
}

func TestTruth(t *testing.T) {
	for in, want := range map[Truth]Truth{No: Yes, Maybe: Maybe, Yes: No} {
		if got := in.not(); got != want {
			t.Errorf("not %d: %d, want %d", in, got, want)
		}
	}
	for in, want := range map[Truth]Verdict{No: Denied, Maybe: Undefined, Yes: Allowed} {
		if got := verdictOf(in); got != want {
			t.Errorf("%d: %s, want %s", in, got, want)
		}
	}
	if truth(true) != Yes || truth(false) != No {
		t.Error("truth of a boolean")
	}
}
