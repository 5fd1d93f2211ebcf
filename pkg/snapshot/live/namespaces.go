package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// onceNamespaces returns a function that lists the names of all namespaces,
// once for all types that may not be listed in all namespaces at once. Names
// that were read before an error are returned with it.
func (l *loader) onceNamespaces() func(context.Context) ([]string, error) {
	var once sync.Once
	var names []string
	var err error
	return func(ctx context.Context) ([]string, error) {
		once.Do(func() {
			var objects []snapshot.Object
			objects, err = l.list(ctx, query{kind: kindOf(corev1.SchemeGroupVersion.WithResource("namespaces"))})
			for _, obj := range objects {
				names = append(names, obj.GetName())
			}
		})
		return names, err
	}
}

// readByNamespace reads a type that may not be listed in all namespaces at
// once (the server said so in denied) from every namespace that allows it.
func (l *loader) readByNamespace(ctx context.Context, q query, denied error) result {
	names, err := l.namespaces(ctx)
	partly := err != nil
	if partly && len(names) == 0 {
		names = l.fallback
	}
	parts := make([]result, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			part := q
			part.namespace = name
			objects, err := l.list(ctx, part)
			parts[i] = newResult(part, objects, err)
		})
	}
	wg.Wait()

	r := result{answered: true}
	refused := 0
	for _, part := range parts {
		r.objects = append(r.objects, part.objects...)
		r.gaps = append(r.gaps, part.gaps...)
		// Types of cluster scope are not found in namespaces.
		if apierrors.IsForbidden(part.err) || apierrors.IsNotFound(part.err) {
			refused++
		}
	}
	switch {
	case refused == len(names):
		r.gaps = []snapshot.Gap{gap(q.kind.gvr, "", snapshot.Forbidden, detail(denied))}
	case partly:
		rest := gap(q.kind.gvr, "", snapshot.Forbidden, partlyRead(names, denied))
		rest.Except = slices.Clone(names)
		r.gaps = append(r.gaps, rest)
	}
	return r
}

func partlyRead(names []string, denied error) string {
	const most = 5
	switch n := len(names); {
	case n == 1:
		return fmt.Sprintf("only namespace %q could be read: %s", names[0], detail(denied))
	case n <= most:
		return fmt.Sprintf("only namespaces %s could be read: %s", strings.Join(names, ", "), detail(denied))
	default:
		return fmt.Sprintf("only %d namespaces could be read: %s", n, detail(denied))
	}
}
