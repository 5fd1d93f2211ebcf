package diff

import "github.com/kubectl-secure/kubectl-secure/pkg/netpol"

// The kinds of changes.
const (
	opened   = "Opened"
	closed   = "Closed"
	mayOpen  = "MayOpen"
	mayClose = "MayClose"
)

// kindOf names a change. What was or becomes Undefined may have been, or become,
// either.
func kindOf(before, after netpol.Verdict) string {
	switch {
	case before == netpol.Denied && after == netpol.Allowed:
		return opened
	case before == netpol.Allowed && after == netpol.Denied:
		return closed
	case before == netpol.Denied || after == netpol.Allowed:
		return mayOpen
	default:
		return mayClose
	}
}

func kindsOf(ports []netpol.PortChange) map[string]bool {
	kinds := map[string]bool{}
	for _, p := range ports {
		kinds[kindOf(p.Before, p.After)] = true
	}
	return kinds
}
