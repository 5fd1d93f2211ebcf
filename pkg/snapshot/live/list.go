package live

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// list reads all pages of a list. Where the list expires between two pages it
// is read once more, as a whole: a single answer cannot expire. Objects that
// were read before an error are returned with it.
func (l *loader) list(ctx context.Context, q query) ([]snapshot.Object, error) {
	q.limit = l.pageSize
	if most := q.kind.maxPage; most > 0 && q.limit > most {
		q.limit = most
	}
	objects, err := l.pages(ctx, q)
	if !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
		return objects, err
	}
	q.limit = 0
	whole, err := l.pages(ctx, q)
	if err != nil && len(whole) < len(objects) {
		objects, whole = whole, objects
	}
	l.progress.read(q.kind.gvr, -len(objects))
	return whole, err
}

func (l *loader) pages(ctx context.Context, q query) ([]snapshot.Object, error) {
	var objects []snapshot.Object
	for {
		answer, err := l.client.list(ctx, q)
		if err != nil {
			return objects, err
		}
		page, next, err := q.kind.decodeList(answer)
		if err != nil {
			return objects, &undecodableError{err}
		}
		objects = append(objects, page...)
		l.progress.read(q.kind.gvr, len(page))
		switch next {
		case "":
			return objects, nil
		case q.token:
			return objects, &undecodableError{fmt.Errorf("page %q continues with itself", next)}
		}
		q.token = next
	}
}
