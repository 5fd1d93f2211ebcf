package rbac

import (
	"fmt"
	"strings"
)

const maxListed = 8 // values of a rule named in one sentence

// listed joins values as a rule would hold them, the empty one visibly; a long
// list is cut.
func listed(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	out := make([]string, 0, min(len(values), maxListed+1))
	for i, v := range values {
		if i == maxListed {
			out = append(out, fmt.Sprintf("… (%d more)", len(values)-i))
			break
		}
		if v == "" {
			v = `""`
		}
		out = append(out, v)
	}
	return strings.Join(out, ",")
}

// named is an API group as people read it.
func named(group string) string {
	if group == "" {
		return `"" (the core group)`
	}
	return group
}

// slip reports whether one of two different words of some length is the other
// with one letter added, dropped or replaced, or two neighbours swapped.
func slip(a, b string) bool {
	const shortest = 4 // shorter words are too often one letter apart
	if a == b || len(a) < shortest || len(b) < shortest {
		return false
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

// renamed reports whether one name is the other with a few letters after it.
func renamed(a, b string) bool {
	const shortest, most = 4, 3
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= shortest && len(b)-len(a) <= most && strings.HasPrefix(b, a)
}
