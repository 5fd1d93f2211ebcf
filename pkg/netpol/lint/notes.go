package lint

import (
	"fmt"
	"slices"
	"strings"
)

// unknown is something that the snapshot does not tell of some policies: one
// note names all of them.
type unknown string

// The texts take the names, and why it is not known.
const (
	unknownSubjects   unknown = "whether policies select anything is not known in namespaces whose pods are not%[2]s: %[1]s"
	unknownPeers      unknown = "whether all peers select any pod is not known, since not all pods are%[2]s, of NetworkPolicy %[1]s"
	unknownNamespaces unknown = "whether the namespaces of all peers exist is not known, since not all are%[2]s, of NetworkPolicy %[1]s"
)

func (l *linter) note(text string) { l.notes = append(l.notes, text) }

// notKnown remembers the name for noteUnknown.
func (l *linter) notKnown(what unknown, name string) {
	if !l.silent[checkOf(what)] && !slices.Contains(l.unknown[what], name) {
		l.unknown[what] = append(l.unknown[what], name)
	}
}

// checkOf returns the check that would tell.
func checkOf(what unknown) string {
	switch what {
	case unknownSubjects:
		return checkSelectsNothing
	case unknownNamespaces:
		return checkNoNamespace
	default:
		return checkPeerNothing
	}
}

func (l *linter) noteUnknown() {
	why := " readable"
	if l.manifests() {
		if !l.anyPods() {
			return // that is said
		}
		why = l.here()
	}
	for _, what := range []unknown{unknownSubjects, unknownNamespaces, unknownPeers} {
		if names := l.unknown[what]; len(names) > 0 {
			l.note(fmt.Sprintf(string(what), strings.Join(few(names, ""), ""), why))
		}
	}
}
