package dir

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// finish puts everything into the builder. It is the place where the whole
// input is known, so that namespaces can be filled in.
func (c *collector) finish(b *snapshot.Builder, names []string) error {
	types := c.typeTable()
	skipped, objects := 0, 0
	var gaps []snapshot.Gap
	gaps = append(gaps, c.gaps...)
	for i := range c.records {
		r := &c.records[i]
		if r.skipped {
			skipped++
		}
		if r.gap != nil {
			gaps = append(gaps, types.gap(r))
		}
		if len(c.infos) == 0 { // else a server has stored it, and the remarks of that time are in the snapshot
			for _, w := range r.warnings {
				b.Warn("%s", w)
			}
		}
		if r.object == nil {
			continue
		}
		objects++
		switch scope := types.scope(r.object); {
		case scope == namespaced && r.object.GetNamespace() == "":
			r.object.SetNamespace(c.namespace)
		case scope == clusterScoped:
			r.object.SetNamespace("")
		}
		b.AddManifest(r.object, r.origin, r.text)
	}
	if objects == 0 && !c.savedGaps { // a snapshot saved by one who may read nothing has gaps only
		return &NoObjectsError{Inputs: names, Skipped: skipped, Gaps: gaps}
	}
	b.Gap(gaps...)
	if skipped > 0 {
		documents := "1 document that is no Kubernetes object"
		if skipped > 1 {
			documents = fmt.Sprintf("%d documents that are no Kubernetes objects", skipped)
		}
		b.Warn("skipped %s (without apiVersion and kind, or the configuration of a program)", documents)
	}
	return nil
}

// typeTable returns the API types that are known: built-in ones, those that the
// input defines, and those that were given.
func (c *collector) typeTable() *typeTable {
	custom := slices.Clone(c.types)
	for i := range c.records {
		if crd, ok := c.records[i].object.(*unstructured.Unstructured); ok && crd.GroupVersionKind().GroupKind() == snapshot.CustomResourceDefinitionKind() {
			if t, ok := snapshot.CustomType(crd); ok {
				custom = append(custom, t)
			}
		}
	}
	return &typeTable{catalog: apiresource.NewCatalog(custom...), byKind: map[schema.GroupKind]apiresource.Resource{}}
}

// typeTable finds types by kind.
type typeTable struct {
	catalog *apiresource.Catalog
	byKind  map[schema.GroupKind]apiresource.Resource
}

func (t *typeTable) resource(gk schema.GroupKind) apiresource.Resource {
	r, ok := t.byKind[gk]
	if !ok {
		r, _ = t.catalog.LookupKind(gk)
		t.byKind[gk] = r
	}
	return r
}

type scope int

const (
	unknownScope scope = iota
	namespaced
	clusterScoped
)

func (t *typeTable) scope(obj snapshot.Object) scope {
	switch r := t.resource(obj.GetObjectKind().GroupVersionKind().GroupKind()); {
	case r.Name == "":
		return unknownScope
	case r.Namespaced:
		return namespaced
	}
	return clusterScoped
}

func (t *typeTable) gap(r *record) snapshot.Gap {
	origin := r.origin
	if r.gap.line > 0 {
		origin.Line = r.gap.line
	}
	return snapshot.Gap{
		Group:    r.gap.kind.Group,
		Resource: t.resource(r.gap.kind).Name,
		Reason:   snapshot.Unparsable,
		Detail:   fmt.Sprintf("%s: %v", origin, r.gap.err),
	}
}
