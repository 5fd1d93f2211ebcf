package dir

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

var (
	errNoKind       = errors.New("no kind")
	errNoAPIVersion = errors.New("no apiVersion")
	errNoName       = errors.New("no metadata.name")
	errNotObject    = errors.New("not an object")
	errWrongType    = errors.New("a field has a value of the wrong type")
)

// decodeUnit turns a unit of the named input into records: one, or one for
// each item of a list.
func decodeUnit(file string, u unit) []record {
	r := record{origin: snapshot.Origin{File: file, Line: u.line}, in: u.in}
	switch {
	case u.broken != nil:
		r.fail(schema.GroupKind{}, u.broken)
		return []record{r}
	case len(u.text) > maxObjectBytes && !u.yaml:
		r.fail(schema.GroupKind{}, tooLarge("object", maxObjectBytes))
		return []record{r}
	case u.yaml:
		return decodeYAML(file, u)
	case !utf8.Valid(u.text):
		r.fail(u.groupKind(), errors.New("not valid UTF-8"))
		return []record{r}
	}
	if u.text[0] == '{' && (u.meta.isList() || u.meta == (typeMeta{}) && u.listed == (typeMeta{})) {
		if records, isList := decodeList(file, u); isList {
			return records
		}
	}
	decodeObject(&r, u)
	return []record{r}
}

func decodeObject(r *record, u unit) {
	if u.text[0] != '{' {
		if r.skipped = u.in == nil; !r.skipped {
			r.fail(u.groupKind(), errNotObject)
		}
		return
	}
	meta := typeMeta{cmp.Or(u.meta.apiVersion, u.listed.apiVersion), cmp.Or(u.meta.kind, u.listed.kind)}
	if meta.kind == "" || meta.apiVersion == "" {
		decodeUntyped(r, u, meta)
		return
	}
	gv, err := schema.ParseGroupVersion(meta.apiVersion)
	if err != nil {
		r.fail(schema.GroupKind{}, fmt.Errorf("apiVersion %q is not GROUP/VERSION", meta.apiVersion))
		return
	}
	gvk := gv.WithKind(meta.kind)
	if isKustomization(gvk) {
		r.skipped = true
		return
	}
	if meta.isSnapshotInfo() {
		r.info = u.text
		return
	}
	builtIn, err := builtInKind(gvk)
	switch {
	case err != nil:
		r.fail(gvk.GroupKind(), err)
	case builtIn:
		decodeTyped(r, gvk, u.text)
	default:
		decodeCustom(r, gvk, u.text)
	}
	if r.object != nil {
		if u.toApply && !isSecret(gvk) {
			r.text = u.text
		}
		finishObject(r, gvk)
	}
}

// decodeUntyped tells what is no Kubernetes object by intent from one whose
// type is missing by mistake.
func decodeUntyped(r *record, u unit, meta typeMeta) {
	switch err := checkJSON(u.text); {
	case err != nil:
		r.fail(schema.GroupKind{}, err)
	case meta == (typeMeta{}) && u.in == nil, meta.kind == "" && isChart(r.origin.File):
		r.skipped = true
	case meta.kind == "":
		r.fail(schema.GroupKind{}, errNoKind)
	default:
		r.fail(schema.GroupKind{}, errNoAPIVersion)
	}
}

// isKustomization reports whether a document configures kustomize, which
// reads it from a file and never stores it in a cluster.
func isKustomization(gvk schema.GroupVersionKind) bool {
	return gvk.Group == "kustomize.config.k8s.io"
}

// isChart reports whether the file describes a Helm chart. It has an
// apiVersion and no kind.
func isChart(file string) bool {
	name := strings.ToLower(filepath.Base(file))
	return name == "chart.yaml" || name == "chart.yml"
}
