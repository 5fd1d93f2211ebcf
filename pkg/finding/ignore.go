package finding

import (
	"slices"
	"strings"
)

// IgnoreAnnotation is that of an object which lists the checks that have
// nothing to say of it: names or IDs, with commas between them.
const IgnoreAnnotation = "kubectl-secure.io/ignore"

// Ignored reports whether the annotations of an object silence the check, by
// its name or its ID.
func Ignored(annotations map[string]string, id string) bool {
	_, name, _ := strings.Cut(id, "/")
	return slices.ContainsFunc(strings.Split(annotations[IgnoreAnnotation], ","), func(listed string) bool {
		listed = strings.TrimSpace(listed)
		return listed != "" && (listed == id || listed == name)
	})
}
