package netpol

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// selector is a label selector of a policy. The zero value selects everything.
type selector struct {
	requirements []labels.Requirement
}

// newSelector translates the API's selector: matchLabels and matchExpressions
// must all hold.
func newSelector(s *metav1.LabelSelector) (selector, error) {
	translated, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return selector{}, err
	}
	requirements, _ := translated.Requirements()
	return selector{requirements}, nil
}

func (s selector) matches(set labels.Set) bool {
	for i := range s.requirements {
		if !s.requirements[i].Matches(set) {
			return false
		}
	}
	return true
}

// matchesNamespace is matches for the labels of a namespace, which may not be
// known beside its name.
func (s selector) matchesNamespace(ns *namespace) Truth {
	result := Yes
	for i := range s.requirements {
		switch {
		case !ns.known && s.requirements[i].Key() != corev1.LabelMetadataName:
			result = min(result, Maybe)
		case !s.requirements[i].Matches(ns.labels):
			return No
		}
	}
	return result
}

// String returns the selector as kubectl's -l takes it, "everything" for the
// empty one.
func (s selector) String() string {
	if len(s.requirements) == 0 {
		return "everything"
	}
	parts := make([]string, 0, len(s.requirements))
	for i := range s.requirements {
		parts = append(parts, s.requirements[i].String())
	}
	return strings.Join(parts, ",")
}

// missing tells which requirement the labels fail, and what they have
// instead: "label tier=web, wants api"; "" where they fail none.
func (s selector) missing(set labels.Set) string {
	for i := range s.requirements {
		r := &s.requirements[i]
		if r.Matches(set) {
			continue
		}
		has := "no label " + r.Key()
		if value, ok := set[r.Key()]; ok {
			has = "label " + r.Key() + "=" + value
		}
		return fmt.Sprintf("%s, wants %s", has, wants(r))
	}
	return ""
}

func wants(r *labels.Requirement) string {
	values := r.ValuesUnsorted()
	slices.Sort(values)
	if len(values) > 0 && values[0] == "" {
		values[0] = "the empty value"
	}
	switch r.Operator() {
	case selection.Exists:
		return "any value"
	case selection.DoesNotExist:
		return "no such label"
	case selection.NotIn, selection.NotEquals:
		return "none of " + strings.Join(values, ", ")
	default:
		return strings.Join(values, " or ")
	}
}
