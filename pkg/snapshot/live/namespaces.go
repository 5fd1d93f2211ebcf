package live

import (
	"context"
	"fmt"
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
	var allowed []string
	for i, part := range parts {
		r.objects = append(r.objects, part.objects...)
		// Types of cluster scope are not found in namespaces.
		refused := apierrors.IsForbidden(part.err) || apierrors.IsNotFound(part.err)
		if !refused {
			allowed = append(allowed, names[i])
		}
		if !refused || !partly { // else the gap of all others says it
			r.gaps = append(r.gaps, part.gaps...)
		}
	}
	switch {
	case len(allowed) == 0:
		r.gaps = []snapshot.Gap{gap(q.kind.gvr, "", snapshot.Forbidden, detail(denied))}
	case partly:
		rest := gap(q.kind.gvr, "", snapshot.Forbidden, partlyRead(allowed, denied))
		rest.Except = allowed
		r.gaps = append(r.gaps, rest)
	}
	return r
}

// readKnownNamespaces reads one by one the namespaces whose names are known
// where they may not be listed (the server said so in denied): whoever may read
// what is in a namespace mostly may read the namespace, too.
func (l *loader) readKnownNamespaces(ctx context.Context, q query, denied error) result {
	parts := make([]result, len(l.fallback))
	var wg sync.WaitGroup
	for i, name := range l.fallback {
		wg.Go(func() {
			one := q
			one.name = name
			parts[i] = l.readOne(ctx, one)
		})
	}
	wg.Wait()
	r := newResult(q, nil, denied)
	for i, part := range parts {
		if part.err == nil {
			r.objects = append(r.objects, part.objects...)
			r.gaps[0].Except = append(r.gaps[0].Except, l.fallback[i])
		}
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
