package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// maxDangling is how many bindings a note names.
const maxDangling = 3

// DanglingNotes tell of bindings whose role does not exist, since whoever may
// create it decides what they grant, or could not be read.
func DanglingNotes(x *rbac.Index, bindings []*rbac.Binding) []string {
	var missing, unread []*rbac.Binding
	for _, b := range bindings {
		switch {
		case len(x.AbsentRoles([]*rbac.Binding{b})) > 0: // a gap tells of it
		case x.RoleUnread(b):
			unread = append(unread, b)
		default:
			missing = append(missing, b)
		}
	}
	var notes []string
	if len(missing) > 0 {
		notes = append(notes, "bindings to roles that do not exist grant nothing: "+BindingNames(missing))
	}
	if len(unread) > 0 {
		notes = append(notes, "bindings whose roles could not be read may allow more: "+BindingNames(unread))
	}
	return notes
}

// BindingNames names bindings and their roles, the first few.
func BindingNames(bindings []*rbac.Binding) string {
	var names []string
	// Those of a namespace say more about a question than those of the cluster.
	sorted := slices.Clone(bindings)
	slices.SortStableFunc(sorted, func(a, b *rbac.Binding) int { return cmp.Compare(b.Kind, a.Kind) })
	for i, b := range sorted {
		if i == maxDangling {
			names = append(names, fmt.Sprintf("and %d more", len(bindings)-i))
			break
		}
		name := b.Kind + "/" + b.Name
		if b.Namespace != "" {
			name = b.Namespace + "/" + name
		}
		names = append(names, fmt.Sprintf("%s names %s/%s", name, b.RoleRef.Kind, b.RoleRef.Name))
	}
	return strings.Join(names, "; ")
}
