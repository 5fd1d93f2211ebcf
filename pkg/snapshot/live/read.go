package live

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// result is what became of one need.
type result struct {
	objects  []snapshot.Object
	gaps     []snapshot.Gap
	answered bool  // the server said something definite, if only "forbidden"
	err      error // the last error of a need that was not answered
}

// read reads one need. Errors become gaps.
func (l *loader) read(ctx context.Context, need snapshot.Need) result {
	q := query{kind: kindOf(need.Type), namespace: need.Namespace, name: need.Name}
	if need.Name != "" && (need.Namespace != "" || q.kind.scope == clusterScoped) {
		return l.readOne(ctx, q)
	}
	if need.Widen && q.namespace != "" && q.kind.scope != clusterScoped {
		return l.readWide(ctx, q)
	}
	objects, err := l.list(ctx, q)
	if apierrors.IsForbidden(err) && len(objects) == 0 && q.name == "" && q.kind.gvr == corev1.SchemeGroupVersion.WithResource("namespaces") {
		return l.readKnownNamespaces(ctx, q, err)
	}
	if apierrors.IsForbidden(err) && len(objects) == 0 && q.namespace == "" && q.kind.scope != clusterScoped {
		return l.readByNamespace(ctx, q, err)
	}
	return newResult(q, objects, err)
}

// readWide reads all namespaces at once, or else the query's alone.
func (l *loader) readWide(ctx context.Context, q query) result {
	all := q
	all.namespace = ""
	objects, err := l.list(ctx, all)
	wide := newResult(all, objects, err)
	if err == nil {
		return wide
	}
	objects, err = l.list(ctx, q)
	if err != nil {
		return wide
	}
	r := newResult(q, append(wide.objects, objects...), nil)
	r.gaps = wide.gaps
	r.gaps[0].Except = []string{q.namespace}
	return r
}

func (l *loader) readOne(ctx context.Context, q query) result {
	answer, err := l.client.get(ctx, q)
	if isNoObject(err) {
		return newResult(q, nil, nil)
	}
	if err != nil {
		return newResult(q, nil, err)
	}
	obj, err := q.kind.decodeObject(answer)
	if err != nil {
		return newResult(q, nil, &undecodableError{err})
	}
	l.progress.read(q.kind.gvr, 1)
	return newResult(q, []snapshot.Object{obj}, nil)
}

func newResult(q query, objects []snapshot.Object, err error) result {
	r := result{objects: unique(objects), answered: len(objects) > 0 || err == nil || isAnswer(err)}
	if err != nil {
		reason, told := reasonOf(err), err
		if reason == snapshot.Unparsable {
			// These gaps are shown by their detail alone: for files that names the place.
			told = fmt.Errorf("%s: %w", q.kind.gvr.GroupResource(), err)
		}
		r.gaps = []snapshot.Gap{gap(q.kind.gvr, q.namespace, reason, detail(told))}
		r.err = err
	}
	return r
}

func gap(gvr schema.GroupVersionResource, namespace string, reason snapshot.Reason, detail string) snapshot.Gap {
	return snapshot.Gap{Group: gvr.Group, Resource: gvr.Resource, Namespace: namespace, Reason: reason, Detail: detail}
}

// unique drops objects that came twice: between two pages of a list that is
// not consistent an object can change. The later one stays.
func unique(objects []snapshot.Object) []snapshot.Object {
	last := make(map[types.NamespacedName]int, len(objects))
	for i, obj := range objects {
		last[types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}] = i
	}
	if len(last) == len(objects) {
		return objects
	}
	kept := make([]snapshot.Object, 0, len(last))
	for i, obj := range objects {
		if last[types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}] == i {
			kept = append(kept, obj)
		}
	}
	return kept
}
