package dir

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// unit is one piece of the input that is decoded on its own.
type unit struct {
	text []byte
	yaml bool // text is YAML, else JSON
	line int  // 1-based line on which text begins
	// meta is what the text says about its type; not known of YAML before it
	// is parsed.
	meta typeMeta
	// listed is the type that the surrounding list gives to items that name
	// none, as the items of a RoleBindingList.
	listed  typeMeta
	depth   int   // lists around it
	toApply bool  // its text is wanted
	in      *list // the outermost list around it, nil when there is none
	// broken says what is wrong with the input here, where that is known
	// without decoding.
	broken error
}

// list identifies one outermost list of the input.
type list struct {
	// whole is the text that a list in YAML was cut from, without knowing
	// YAML. It is decoded as a whole if an item turns out to be no YAML alone.
	whole document
}

// groupKind returns what is known of the unit's type before it is decoded.
func (u unit) groupKind() schema.GroupKind {
	meta := u.meta
	if meta.kind == "" {
		meta = u.listed
	}
	return schema.FromAPIVersionAndKind(meta.apiVersion, meta.kind).GroupKind()
}

// typeMeta is an object's apiVersion and kind as written.
type typeMeta struct{ apiVersion, kind string }

// isList reports whether the type is a list by its name.
func (t typeMeta) isList() bool { return strings.HasSuffix(t.kind, "List") }

// item returns the type of a typed list's items; zero for other types.
func (t typeMeta) item() typeMeta {
	kind, isList := strings.CutSuffix(t.kind, "List")
	if !isList || kind == "" {
		return typeMeta{}
	}
	return typeMeta{t.apiVersion, kind}
}

// isSnapshotInfo reports whether the object marks its list as a saved
// snapshot.
func (t typeMeta) isSnapshotInfo() bool {
	return t.kind == "SnapshotInfo" && strings.HasPrefix(t.apiVersion, "kubectl-secure.io/")
}
