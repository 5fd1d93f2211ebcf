package dir

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// record is what came of one unit: an object, or the reason why there is none.
type record struct {
	origin   snapshot.Origin
	object   snapshot.Object // nil when there is none
	text     []byte          // of the object in JSON, where it is wanted; never of a Secret
	gap      *problem
	warnings []string
	skipped  bool   // no Kubernetes object by intent, as a values file
	in       *list  // the outermost list around it
	info     []byte // the SnapshotInfo that it is
	notYAML  bool   // the text of the unit is not valid YAML on its own
}

// problem says why an object could not be read.
type problem struct {
	kind schema.GroupKind // zero when not known
	line int              // where exactly, 0 for the object's line
	err  error
}

func (r *record) fail(kind schema.GroupKind, err error) { r.gap = &problem{kind: kind, err: err} }

// warn adds a remark that begins with the object's place.
func (r *record) warn(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf("%s: %s", r.origin, fmt.Sprintf(format, args...)))
}
