package rbac

import (
	"fmt"
	"strings"
)

// MatchesSubject reports whether a subject is one that the pattern names:
// user/NAME, group/NAME or sa/NAMESPACE/NAME, where "*" stands for any text.
func MatchesSubject(pattern string, s Subject) bool {
	kind := map[string]string{"User": "user/", "Group": "group/", "ServiceAccount": "sa/"}[s.Kind]
	ref := kind + s.Name
	if s.Namespace != "" {
		ref = kind + s.Namespace + "/" + s.Name
	}
	return matchStars(pattern, ref)
}

// matchStars matches text against a pattern in which "*" is any text. It
// looks for the fixed parts in order, which needs no backtracking.
func matchStars(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

// ParsePattern checks a pattern of subjects.
func ParsePattern(typed string) (string, error) {
	if typed == "*" {
		return typed, nil
	}
	kind, rest, ok := strings.Cut(typed, "/")
	if !ok || rest == "" {
		return "", fmt.Errorf("%q does not say whether it is a user, a group or a service account: write user/NAME, group/NAME or sa/NAMESPACE/NAME", typed)
	}
	switch kindOf(kind) {
	case "User":
		return "user/" + rest, nil
	case "Group":
		return "group/" + rest, nil
	case "ServiceAccount":
		if !strings.Contains(rest, "/") {
			return "", fmt.Errorf("%q names no namespace: write sa/NAMESPACE/NAME", typed)
		}
		return "sa/" + rest, nil
	default:
		return "", fmt.Errorf("%q is not a subject: write user/NAME, group/NAME or sa/NAMESPACE/NAME", typed)
	}
}
