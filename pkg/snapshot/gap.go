package snapshot

import (
	"cmp"
	"slices"
)

// Reason says why a part of the cluster is missing from a snapshot.
type Reason string

// The reasons for a Gap.
const (
	Forbidden   Reason = "forbidden"   // the caller may not list it
	NotServed   Reason = "notServed"   // the server does not serve the type
	TimedOut    Reason = "timeout"     // no answer within the time limit, or the server cannot be reached
	Expired     Reason = "expired"     // the list changed faster than it could be read
	Unparsable  Reason = "unparsable"  // the input was there and could not be understood
	Absent      Reason = "absent"      // manifests name it and do not hold it, or hold it unfinished
	Redacted    Reason = "redacted"    // it was left out when the snapshot was saved
	NotModelled Reason = "notModelled" // it was read, and the analysis does not know how it counts
)

// Gap is a part of the cluster that could not be read. An answer from a
// snapshot with a Gap of a type that it needs is incomplete: it can only say
// "at least".
type Gap struct {
	Group     string `json:"group"`
	Resource  string `json:"resource"`  // plural; "" when not known
	Namespace string `json:"namespace"` // "" for all namespaces or cluster scope
	// Except are the namespaces that were read where all could not be.
	Except []string `json:"except,omitempty"`
	Reason Reason   `json:"reason"`
	Detail string   `json:"detail"` // for people: the server's words, or FILE:LINE and what is wrong there
}

// Hides reports whether objects of the namespace ("" for any) may be missing.
func (g Gap) Hides(namespace string) bool {
	return namespace == "" || g.Namespace == namespace || g.Namespace == "" && !slices.Contains(g.Except, namespace)
}

// SortGaps returns the gaps in a fixed order without repetitions, never nil.
func SortGaps(gaps []Gap) []Gap {
	out := append(make([]Gap, 0, len(gaps)), gaps...)
	slices.SortFunc(out, compareGaps)
	return slices.CompactFunc(out, func(a, b Gap) bool { return compareGaps(a, b) == 0 })
}

func compareGaps(a, b Gap) int {
	return cmp.Or(
		cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.Namespace, b.Namespace),
		slices.Compare(a.Except, b.Except),
		cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Detail, b.Detail),
	)
}
