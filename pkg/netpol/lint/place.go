package lint

import (
	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// placeOf returns where the object was read, nothing where it was not read
// from a file.
func (l *linter) placeOf(o finding.Object) (file string, line int) {
	object := l.get(o)
	if object == nil {
		return "", 0
	}
	if l.origins == nil {
		l.origins = map[snapshot.Object]snapshot.Origin{}
		for one, origin := range l.snap.All() {
			if origin.File != "" {
				l.origins[one] = origin
			}
		}
	}
	origin := l.origins[object]
	return origin.File, origin.Line
}
