package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// slip reports whether one of two words is likely to be a slip for the other:
// a letter more, less or another, two neighbours swapped, or other case.
func slip(a, b string) bool {
	const shortest = 4 // shorter words are too often one letter apart
	if a == b || len(a) < shortest || len(b) < shortest {
		return false
	}
	if strings.EqualFold(a, b) {
		return true
	}
	if undigited := func(s string) string { return strings.Trim(s, "0123456789-.") }; undigited(a) == undigited(b) {
		return false // web-1 and web-2 are two names
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		return swapped || a[i+1:] == b[i+1:]
	case 1:
		return a[i:] == b[i+1:]
	default:
		return false
	}
}

// meant returns what a selector that matches none of the labels may have been
// meant to say: one requirement with another key or value, by which it matches
// some. It is "" where there is nothing near.
func meant(s labels.Selector, sets []labels.Set) string {
	requirements, _ := s.Requirements()
	for i, r := range requirements {
		if r.Operator() != selection.In && r.Operator() != selection.Equals && r.Operator() != selection.DoubleEquals {
			continue
		}
		best, most := "", 0
		for _, candidate := range near(r, sets) {
			key, value, _ := strings.Cut(candidate, "=")
			other, err := labels.NewRequirement(key, selection.In, []string{value})
			if err != nil {
				continue
			}
			changed := labels.NewSelector().Add(requirements[:i]...).Add(*other).Add(requirements[i+1:]...)
			if n := matching(changed, sets); n > most {
				best, most = candidate, n
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// near returns labels that a slip may have turned into the requirement, as
// KEY=VALUE, in order.
func near(r labels.Requirement, sets []labels.Set) []string {
	found := map[string]bool{}
	for _, set := range sets {
		for key, value := range set {
			for wanted := range r.Values() {
				if key == r.Key() && slip(wanted, value) || value == wanted && slip(key, r.Key()) {
					found[key+"="+value] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), cmp.Compare[string])
}

func matching(s labels.Selector, sets []labels.Set) int {
	n := 0
	for _, set := range sets {
		if s.Matches(set) {
			n++
		}
	}
	return n
}

// question asks whether a slip was made, "" without one.
func question(candidate string) string {
	if candidate == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", candidate)
}
